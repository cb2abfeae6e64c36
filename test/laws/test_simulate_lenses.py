"""Laws of lenses: the runtime projects the ray of a pixel back onto it."""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.cameras import pixel_grid
from eventdepth_core.geometry.distortion import distort_normalised
from eventdepth_core.types import Camera
from hypothesis import assume, given, settings, strategies
import numpy as np
import pytest
from training.simulate.lens_models import (
    camera_of_view,
    FIELDS_OF_VIEW_DEG,
    LENS_KINDS,
    LENS_PRESETS,
    random_lens_camera,
)
from training.simulate.lenses import lens_of, tile_boxes

small = strategies.floats(-0.05, 0.05)


@strategies.composite
def cameras(draw):
    focal_px = draw(strategies.floats(30, 300))
    model = draw(strategies.sampled_from(['plumb_bob', 'equidistant']))
    if model == 'plumb_bob':
        distortion = (draw(strategies.floats(-0.4, 0.3)), draw(small), draw(small) / 50, 0.001)
    else:
        distortion = (draw(small), draw(small) / 3, draw(small) / 9, 0.001)
    return Camera(93, 71, focal_px, focal_px * 1.02, 45.3, 34.1, distortion, model)


def rays_of(camera):
    try:
        return lens_of(camera).rays
    except InputError:
        assume(False)


def projected(rays, camera):
    plane = distort_normalised(rays.reshape(-1, 2), camera)
    return plane * (camera.fx, camera.fy) + (camera.cx, camera.cy)


@given(cameras())
@settings(max_examples=50)
def test_the_projected_ray_of_a_pixel_is_that_pixel(camera):
    rays = rays_of(camera)

    np.testing.assert_allclose(projected(rays, camera), pixel_grid(camera), atol=1e-5)


@given(cameras())
@settings(max_examples=25)
def test_a_tile_sees_every_ray_of_its_pixels(camera):
    rays = rays_of(camera)
    ideal = rays * (camera.fx, camera.fy) + (camera.cx, camera.cy)

    boxes = tile_boxes(camera, 16)

    y, x = np.divmod(np.arange(camera.width * camera.height), camera.width)
    box = boxes[(y // 16) * 6 + x // 16]
    assert len(boxes) == 30
    assert (ideal.reshape(-1, 2) > box[:, :2]).all()
    assert (ideal.reshape(-1, 2) < box[:, 2:]).all()


def test_a_pinhole_has_no_map_but_zeros_of_a_fisheye_have_one():
    assert lens_of(Camera(9, 7, 5.0, 5.0, 4.0, 3.0, (0.0,) * 4)).rays.shape == (0, 0, 2)

    rays = lens_of(Camera(9, 7, 5.0, 5.0, 4.0, 3.0, (0.0,) * 4, 'equidistant')).rays

    assert rays[3, 8, 0] == pytest.approx(np.tan(4 / 5))


@given(strategies.sampled_from(LENS_KINDS), strategies.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_random_lenses_have_the_field_of_view_of_their_kind(kind, seed):
    camera = random_lens_camera(np.random.default_rng(seed), (48, 64), kind=kind)

    rays = lens_of(camera).rays
    assert rays.shape in ((0, 0, 2), (48, 64, 2))
    if rays.size > 0:
        row = rays[round(min(max(camera.cy, 0), 47)), :, 0]
    else:
        row = (np.array([0, 63]) - camera.cx) / camera.fx
    seen_deg = np.rad2deg(np.arctan(row[-1]) - np.arctan(row[0]))
    low, high = FIELDS_OF_VIEW_DEG[kind]
    assert 0.9 * low < seen_deg < 1.08 * high


@pytest.mark.parametrize('name', LENS_PRESETS)
def test_named_lenses_see_the_asked_field(name):
    camera = camera_of_view((260, 346), 70.0, LENS_PRESETS[name])

    edge_px = projected(np.array([[np.tan(np.deg2rad(35.0)), 0.0]]), camera)[0, 0]
    assert edge_px == pytest.approx(345.5, abs=0.3)


def test_a_pixel_without_a_ray_is_one_clear_error():
    with pytest.raises(
        InputError, match=r'Expected a camera whose pixels all look ahead, got \d+'
    ):
        lens_of(Camera(346, 260, 90.0, 90.0, 172.5, 129.5, (0.0,) * 4, 'equidistant'))
