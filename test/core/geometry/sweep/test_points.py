"""Points of a volume: which edges become points, and how certain they are."""

from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.points import _agrees_around, swept_points
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(80, 60, 100.0, 100.0, 39.5, 29.5)
OPTIONS = SweepOptions()
MAX_INVERSE_DEPTH = 2.0


def _volume(depth_m, *, way_m=0.2, num_poses=41, column=40, late_from_m=0.0):
    """Let a vertical line at a depth be seen from a sideways way around the keyframe."""
    volume = KeyframeVolume(sweep_grid(CAMERA, None, 320), OPTIONS.num_planes)
    volume.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), MAX_INVERSE_DEPTH)
    for x_m in np.linspace(-way_m / 2, way_m / 2, num_poses):
        pose = np.eye(4)
        pose[0, 3] = x_m
        seen = round(column - CAMERA.fx * x_m / depth_m)
        pixels = (np.arange(10, 50) * 80 + seen).astype(np.int32)
        signs = np.ones(40, np.int16)
        volume.vote(pixels, signs, np.array([0, 40]), pose[None], is_late=bool(x_m > late_from_m))
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


@pytest.mark.parametrize(('near_share', 'has_points'), [(0.45, True), (0.3, False)])
def test_an_edge_nearer_than_most_needs_votes_of_both_halves(near_share, has_points):
    options = SweepOptions(near_share=near_share)
    alone = _volume(1.3, late_from_m=np.inf)  # at 0.38 of the nearest plane

    assert (len(swept_points(alone, options, 0)) > 0) == has_points
    assert len(swept_points(_volume(1.3), options, 0)) > 0


def test_one_half_alone_gives_only_the_points_with_a_single_peak():
    alone, both = _volume(1.3, late_from_m=np.inf), _volume(1.3)
    strict = SweepOptions(max_second_peak_alone=1e-9)

    assert len(swept_points(alone, OPTIONS, 0)) > 0
    assert len(swept_points(alone, strict, 0)) == 0
    assert len(swept_points(both, strict, 0)) > 0


def test_a_point_far_from_those_around_it_is_none():
    rows, columns = (each.ravel() for each in np.mgrid[10:15, 20:27])
    inverse_depth = np.full(rows.size, 0.8)
    inverse_depth[17] = 0.83
    sigma = np.full(rows.size, 0.02)

    agrees = _agrees_around(rows, columns, inverse_depth, sigma, CAMERA.size, OPTIONS)

    assert np.flatnonzero(~agrees).tolist() == [17]


def test_points_among_which_no_depth_prevails_are_none():
    rows, columns = (each.ravel() for each in np.mgrid[10:17, 20:27])
    inverse_depth = 0.7 + 0.1 * ((rows + 2 * columns) % 3)
    sigma = np.full(rows.size, 0.2)

    agrees = _agrees_around(rows, columns, inverse_depth, sigma, CAMERA.size, OPTIONS)

    assert not agrees.any()


def test_points_grow_uncertain_with_the_time_since_they_were_seen():
    volume = _volume(1.3)
    volume.note_times(np.array([0, 40_000]), np.array([820, 820]))
    points = swept_points(volume, OPTIONS, 50_000)

    assert points.seen_us == 20_000
    later = points.aged(2_020_000, 0.05)
    np.testing.assert_allclose(
        later.sigma**2, points.sigma**2 + (0.1 * points.inverse_depth) ** 2, rtol=1e-12
    )
    np.testing.assert_array_equal(points.aged(10_000, 0.05).sigma, points.sigma)
