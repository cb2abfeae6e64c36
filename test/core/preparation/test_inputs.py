"""Events, images and points as network inputs."""

from dataclasses import dataclass

from eventdepth_core.bundle import GridSize, SensorSize
from eventdepth_core.errors import InputError
from eventdepth_core.preparation import (
    event_guide,
    grid_events,
    grid_image,
    grid_points,
    image_guide,
    layout_grid,
    point_channels,
    reduced_sigma,
    reduced_sparse,
    sensor_grid,
    with_sigma,
)
from eventdepth_core.types import Float32
import numpy as np
import pytest

SPEC = GridSize(pixels=5120, multiple=16)


@dataclass(frozen=True)
class Filled:
    nearest_m: Float32
    linear_m: Float32
    spread: Float32
    distance_px: Float32


def sparse_voxel(size: tuple[int, int], seed: int = 0) -> Float32:
    rng = np.random.default_rng(seed)
    fired = rng.random((5, *size)) < 0.05
    return (fired * rng.choice([-1.0, 1.0], (5, *size))).astype(np.float32)


def test_empty_voxel_gives_zeros() -> None:
    grid = layout_grid((260, 346), SPEC)

    prepared = grid_events(np.zeros((5, 260, 346), dtype=np.float32), grid)

    assert prepared.shape == (1, 5, grid.height, grid.width)
    assert not prepared.any()


def test_events_do_not_depend_on_the_contrast_threshold_scale() -> None:
    grid = layout_grid((128, 160), SPEC)
    voxel = sparse_voxel((128, 160))

    once, thrice = grid_events(voxel, grid), grid_events(3 * voxel, grid)

    np.testing.assert_allclose(once, thrice, rtol=2e-3)


def test_halving_the_grid_sums_two_by_two_pixels() -> None:
    grid = layout_grid((128, 160), SPEC)
    voxel = sparse_voxel((128, 160))

    prepared = grid_events(voxel, grid)[0]

    summed = voxel.reshape(5, 64, 2, 80, 2).sum(axis=(2, 4))
    expected = summed / (summed[summed != 0].std() + 1e-3)
    np.testing.assert_allclose(prepared, expected, rtol=1e-4, atol=1e-5)


def test_a_handful_of_events_is_not_amplified() -> None:
    grid = layout_grid((64, 80), SPEC)
    voxel = np.zeros((5, 64, 80), dtype=np.float32)
    voxel[2, 10, 10] = 1.0

    assert grid_events(voxel, grid).max() == 1.0


def test_event_guide_shows_mass_and_sign() -> None:
    voxel = np.zeros((5, 8, 9), dtype=np.float32)
    voxel[0, 1, 2], voxel[4, 1, 2], voxel[3, 5, 6] = 2.0, -2.0, -3.0

    guide = event_guide(voxel)

    assert guide[0, 1, 2] == pytest.approx(np.log1p(4.0))
    assert guide[1, 1, 2] == 0.0
    assert guide[1, 5, 6] == pytest.approx(np.arcsinh(-3.0))


def test_arguments_are_not_touched() -> None:
    voxel = sparse_voxel((128, 160))
    before = voxel.copy()

    grid_events(voxel, layout_grid((128, 160), SPEC))
    event_guide(voxel)

    np.testing.assert_array_equal(voxel, before)


def test_grey_image_equals_its_three_channel_copy() -> None:
    grey = np.random.default_rng(1).integers(0, 256, (60, 80), dtype=np.uint8)

    np.testing.assert_allclose(
        image_guide(grey), image_guide(np.repeat(grey[..., None], 3, axis=2)), atol=1e-5
    )


def test_constant_image_gives_zeros() -> None:
    guide = image_guide(np.full((33, 47, 3), 90, dtype=np.uint8))

    np.testing.assert_allclose(guide, 0.0, atol=1e-5)
    assert grid_image(guide, layout_grid((33, 47), SPEC)).shape[:2] == (1, 3)


def test_image_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(InputError, match=r'uint8 of shape \(H, W\) or \(H, W, 3\), got float64'):
        image_guide(np.zeros((4, 5)))  # type: ignore[arg-type]


def test_without_points_channels_are_finite_and_far() -> None:
    nothing = np.full((16, 20), np.nan, dtype=np.float32)
    filled = Filled(nothing, nothing, np.zeros_like(nothing), np.full_like(nothing, np.inf))

    channels = point_channels(filled, 0.3)

    assert np.isfinite(channels).all()
    assert not channels[:3].any()
    assert (channels[3] == channels[3].max()).all()


def test_sigma_marks_points_and_leaves_the_rest() -> None:
    channels = np.ones((4, 6, 8), dtype=np.float32)
    sigma_log = np.full((6, 8), np.nan, dtype=np.float32)
    sigma_log[2, 3], sigma_log[4, 4] = 0.05, 7.0

    marked = with_sigma(channels, sigma_log)

    assert marked[3, 2, 3] == pytest.approx(-0.2)
    assert marked[3, 4, 4] == pytest.approx(-2.0)
    marked[3, 2, 3] = marked[3, 4, 4] = 1.0
    np.testing.assert_array_equal(marked, channels)
    assert (channels == 1).all()


def test_on_a_smaller_grid_sigma_is_that_of_the_point_that_stays() -> None:
    sensor = sensor_grid((40, 60), SensorSize(multiple=4, max_pixels=600))
    sparse = np.full((40, 60), np.nan, dtype=np.float32)
    sigma = sparse.copy()
    sparse[10, 20], sparse[11, 21], sparse[30, 41] = 5.0, 3.0, 9.0  # the first two share a cell
    sigma[10, 20], sigma[11, 21], sigma[30, 41] = 0.1, 0.2, 0.3

    reduced_m = reduced_sparse(sparse, sensor)
    reduced = reduced_sigma(sigma, sparse, reduced_m, sensor)

    assert reduced.shape == (20, 30)
    assert reduced[5, 10] == np.float32(0.2)
    assert reduced[15, 20] == np.float32(0.3)
    np.testing.assert_array_equal(np.isfinite(reduced), np.isfinite(reduced_m))
    assert reduced_sigma(sigma, sparse, sparse, sensor) is sigma


def test_points_are_canonical_logs() -> None:
    depth = np.full((16, 20), 5.0, dtype=np.float32)
    filled = Filled(depth, 2 * depth, np.zeros_like(depth), np.zeros_like(depth))

    channels = point_channels(filled, 0.3)

    np.testing.assert_allclose(channels[0], np.log(5.0) - 0.3, rtol=1e-6)
    np.testing.assert_allclose(channels[1], np.log(10.0) - 0.3, rtol=1e-6)
    assert not channels[3].any()
    assert grid_points(channels, layout_grid((16, 20), SPEC)).shape[1] == 4
