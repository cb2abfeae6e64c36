"""Points of a volume: which edges become points, and how certain they are."""

from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.points import swept_points
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(80, 60, 100.0, 100.0, 39.5, 29.5)
OPTIONS = SweepOptions()
MAX_INVERSE_DEPTH = 2.0


def _volume(depth_m, *, way_m=0.2, num_poses=41, column=40):
    """Let a vertical line at a depth be seen from a sideways way around the keyframe."""
    volume = KeyframeVolume(sweep_grid(CAMERA, None, 320), OPTIONS.num_planes)
    volume.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), MAX_INVERSE_DEPTH)
    for x_m in np.linspace(-way_m / 2, way_m / 2, num_poses):
        pose = np.eye(4)
        pose[0, 3] = x_m
        seen = round(column - CAMERA.fx * x_m / depth_m)
        pixels = (np.arange(10, 50) * 80 + seen).astype(np.int32)
        signs = np.ones(40, np.int16)
        volume.vote(pixels, signs, np.array([0, 40]), pose[None], is_late=bool(x_m > 0))
    return volume


@pytest.mark.parametrize('depth_m', [0.8, 1.3, 2.0])
def test_a_line_is_found_at_its_depth_and_place(depth_m):
    points = swept_points(_volume(depth_m), OPTIONS, 7)

    assert len(points) >= 30
    assert np.median(points.inverse_depth) == pytest.approx(1 / depth_m, rel=0.03)
    columns = points.rays[:, 0] * CAMERA.fx + CAMERA.cx
    assert np.abs(columns - 40).max() < 2.1
    assert points.end_us == 7


def test_sigma_grows_as_the_way_shrinks():
    wide, narrow = (
        swept_points(_volume(1.3, way_m=way_m), OPTIONS, 0).sigma.mean() for way_m in (0.3, 0.12)
    )

    assert narrow > 1.5 * wide


def test_less_than_two_pixels_of_disparity_give_no_point():
    assert len(swept_points(_volume(1.3, way_m=0.024), OPTIONS, 0)) == 0


def test_what_is_nearer_than_the_nearest_plane_is_no_point_but_counted():
    points = swept_points(_volume(0.45), OPTIONS, 0)

    assert len(points) == 0 or points.inverse_depth.max() < MAX_INVERSE_DEPTH
    assert points.edges.beyond_share > 0.3 or points.edges.count == 0


def test_an_empty_volume_has_no_points():
    volume = KeyframeVolume(sweep_grid(CAMERA, None, 320), OPTIONS.num_planes)

    points = swept_points(volume, OPTIONS, 5)

    assert len(points) == 0
    assert points.edges.count == 0


def test_an_edge_that_one_half_saw_alone_is_no_point():
    volume = _volume(1.3)
    seen = volume.counts[1].copy()
    volume.counts[1] = 0

    assert len(swept_points(volume, OPTIONS, 0)) == 0

    volume.counts[1] = seen
    assert len(swept_points(volume, OPTIONS, 0)) > 0
