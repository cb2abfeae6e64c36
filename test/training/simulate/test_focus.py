"""Light over a pixel's area and through a lens: exact on an edge, and what it does to events."""

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.edge_blur import blurred_statistics, cast_statistics
from training.simulate.event_statistics import gap_distance
from training.simulate.families.base import Layout
from training.simulate.focus import Focus, light_of_stage
from training.simulate.scene import dress_layout
from training.simulate.solids import Pose, Shape, solid
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_planes, TexturePool
from training.simulate.walk import WalkSpec

CAMERA = Camera(width=21, height=15, fx=10.0, fy=10.0, cx=10.0, cy=7.0)


def stage_of_an_edge(*positions_m):
    """Stage a half wall whose edge stands at x = 0 before a wall behind it."""
    tiles = [np.full((256, 256, 3), value, np.float32) for value in (0.2, 0.8)]
    every = np.arange(2)
    pool = TexturePool(texture_planes(tiles), dict.fromkeys(('mixed', 'photo', 'flat'), every))
    near = solid(Shape.BOX, (-50.0, 0.0, 10.5), (50.0, 90.0, 0.5))
    far = solid(Shape.BOX, (0.0, 0.0, 10.9), (200.0, 90.0, 0.5))
    scene = dress_layout(np.random.default_rng(3), Layout((near, far), (1.0, 1.0, 1.0), 1.0), pool)
    poses = tuple(Pose(np.eye(3), np.array([x, 0.0, 0.0])) for x in positions_m)
    return stage_scene(scene, poses, CAMERA)


def test_a_pixel_at_an_edge_takes_the_share_that_it_sees():
    # the edge crosses pixel 10 from its right border to its left one: 0.1 m are 1 px
    x_m = np.array([-0.45, -0.2, 0.0, 0.2, 0.45]) * 0.1
    light = light_of_stage(stage_of_an_edge(*(10 * x_m)), CAMERA, Focus(0.0))[:, 7]

    left, right = light[0, 5], light[0, 15]
    share = (light[:, 10] - right) / (left - right)
    np.testing.assert_allclose(share, [1.0, 0.75, 0.5, 0.25, 0.0], atol=0.01)


def test_without_area_an_edge_passes_at_once():
    light = light_of_stage(stage_of_an_edge(-0.2, 0.2), CAMERA, Focus(0.0, covers_area=False))

    left, right = light[0, 7, 5], light[0, 7, 15]
    np.testing.assert_allclose(light[:, 7, 10], [left, right])


def test_the_lens_spreads_an_edge_by_its_sigma():
    light = light_of_stage(stage_of_an_edge(0.0), CAMERA, Focus(1.0))[0, 7].astype(float)

    slope = np.abs(np.diff(light))
    x = np.arange(20) - 9.5
    spread = np.sqrt((slope * x**2).sum() / slope.sum())
    # a pixel's own width adds 1/12 px^2
    assert spread == pytest.approx(np.sqrt(1.0 + 1 / 12), rel=0.08)


def test_gaps_between_events_come_near_the_exact_ones():
    spec = WalkSpec(seconds=0.15, size=(36, 48), seed=3, flow_px_s=30.0, texture_mode='flat')
    exact = blurred_statistics(spec)['area and lens']

    by_ray, focused = (cast_statistics(spec, focus) for focus in (None, Focus()))

    assert gap_distance(exact, by_ray) > 0.6
    assert gap_distance(exact, focused) < 0.2
    assert focused.rate_hz == pytest.approx(exact.rate_hz, rel=0.15)


def test_a_negative_blur_is_refused():
    with pytest.raises(InputError, match=r'Expected blur_px >= 0, got -1'):
        Focus(-1.0)
