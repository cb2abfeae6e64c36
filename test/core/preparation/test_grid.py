"""Layout and sensor grids: isotropic, centred, reversible."""

from eventdepth_core.bundle import GridSize, SensorSize
from eventdepth_core.errors import InputError
from eventdepth_core.preparation import layout_grid, sensor_grid
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

SPEC = GridSize(pixels=5120, multiple=16)
SENSOR = SensorSize(multiple=16, max_pixels=500_000)
SIZES = st.tuples(st.integers(32, 1300), st.integers(32, 1300))


@given(SIZES)
def test_layout_grid_sides_are_multiples_and_hold_the_content(size: tuple[int, int]) -> None:
    grid = layout_grid(size, SPEC)

    assert grid.height % 16 == 0
    assert grid.width % 16 == 0
    assert grid.content_height <= grid.height
    assert grid.content_width <= grid.width


@given(SIZES)
def test_layout_grid_keeps_the_aspect_ratio(size: tuple[int, int]) -> None:
    grid = layout_grid(size, SPEC)

    assert (
        abs(grid.content_height - size[0] * grid.scale) <= 0.5 + 1e-9 or grid.content_height == 1
    )
    assert abs(grid.content_width - size[1] * grid.scale) <= 0.5 + 1e-9 or grid.content_width == 1


def test_layout_grid_of_a_vga_sensor_is_a_quarter_of_a_quarter() -> None:
    grid = layout_grid((480, 640), SPEC)

    assert (grid.height, grid.width) == (64, 80)
    assert (grid.content_height, grid.content_width) == (60, 80)
    assert grid.scale == 0.125
    assert (grid.top, grid.left) == (2, 0)


def test_layout_grid_follows_a_wide_sensor() -> None:
    grid = layout_grid((370, 1224), SPEC)

    assert (grid.height, grid.width) == (32, 128)


@pytest.mark.parametrize('size', [(480, 640), (260, 346), (180, 240), (370, 1224)])
def test_fit_then_crop_of_a_constant_is_the_constant(size: tuple[int, int]) -> None:
    plane = np.full(size, 3.25, dtype=np.float32)
    grid = layout_grid(size, SPEC)

    back = grid.crop(grid.fit(plane, pad=None))

    assert back.shape == size
    np.testing.assert_allclose(back, 3.25, rtol=1e-6)


def test_fit_pads_with_the_given_value() -> None:
    grid = layout_grid((480, 640), SPEC)

    fitted = grid.fit(np.ones((480, 640), dtype=np.float32), pad=-7.0)

    assert (fitted[:2] == -7.0).all()
    assert (fitted[2:62] == 1.0).all()
    assert (fitted[62:] == -7.0).all()


def test_sensor_grid_does_not_resample_a_sensor_that_fits() -> None:
    grid = sensor_grid((260, 346), SENSOR)
    plane = np.random.default_rng(0).random((260, 346), dtype=np.float32)

    fitted = grid.fit(plane)

    assert fitted.shape == (272, 352)
    assert grid.scale == 1.0
    np.testing.assert_array_equal(grid.crop(fitted), plane)


def test_sensor_grid_reduces_a_large_sensor_isotropically() -> None:
    grid = sensor_grid((1080, 1920), SENSOR)

    assert grid.content_height * grid.content_width <= 500_000 * 1.01
    assert abs(grid.content_width / grid.content_height - 1920 / 1080) < 0.01
    assert grid.height % 16 == grid.width % 16 == 0


def test_a_sensor_too_small_is_refused() -> None:
    with pytest.raises(InputError, match=r'at least 8 px a side, got 7 x 640'):
        layout_grid((7, 640), SPEC)
