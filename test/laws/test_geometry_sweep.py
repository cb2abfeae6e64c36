"""Laws of the space sweep: votes add up, thinning is fair, points come back from where they go."""

from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.parts import slice_edges, SLICE_US
from eventdepth_core.geometry.sweep.points import NO_EDGES, SweptPoints
from eventdepth_core.geometry.sweep.transfer import transferred
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
from eventdepth_core.geometry.sweep.waiting import WaitingEvents
from eventdepth_core.types import Camera, EVENT_DTYPE
from hypothesis import given
from hypothesis import strategies as st
import numpy as np

CAMERA = Camera(33, 21, 30.0, 31.0, 16.2, 9.7)
GRID = sweep_grid(CAMERA, None, 320)
seeds = st.integers(0, 2**32 - 1)


def _voted(pixels, signs, pose, order=slice(None), cuts=()):
    volume = KeyframeVolume(GRID, 9)
    volume.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), 1.5)
    for some in np.split(np.arange(len(pixels))[order], cuts):
        starts = np.array([0, len(some)], np.int64)
        volume.vote(pixels[some], signs[some], starts, pose[None], is_late=False)
    return volume.counts


@given(seed=seeds, num_events=st.integers(0, 60), cut=st.integers(0, 60))
def test_votes_add_up_in_any_order_and_in_any_packets(seed, num_events, cut):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 33 * 21, num_events).astype(np.int32)
    signs = rng.choice([-1, 1], num_events).astype(np.int16)
    pose = np.eye(4)
    pose[:3, 3] = rng.normal(size=3) * 0.1
    order = rng.permutation(num_events)

    whole = _voted(pixels, signs, pose)
    pieces = _voted(pixels, signs, pose, order, [min(cut, num_events)])

    np.testing.assert_array_equal(whole, pieces)


@given(seed=seeds, limit=st.integers(1, 50), num_events=st.integers(0, 300))
def test_no_slice_keeps_more_than_its_limit_nor_less_than_it_may(seed, limit, num_events):
    rng = np.random.default_rng(seed)
    events = np.zeros(num_events, EVENT_DTYPE)
    events['t'] = np.sort(rng.integers(0, 5 * SLICE_US, num_events))
    waiting = WaitingEvents(10, SweepOptions(max_event_rate_hz=1e3 * limit))
    if num_events:
        waiting.push(events)
    edges_us = slice_edges(0, 5 * SLICE_US)

    taken = waiting.take(edges_us)

    offered, _ = np.histogram(events['t'], edges_us)
    kept, _ = np.histogram(taken.t_us, edges_us)
    np.testing.assert_array_equal(kept, np.minimum(offered, limit))
    assert taken.num_thinned == num_events - len(taken.t_us)


@given(
    x=st.integers(2, 30),
    y=st.integers(2, 18),
    depth_m=st.floats(0.5, 20.0),
    ahead_m=st.floats(-0.3, 0.3),
)
def test_a_point_on_the_way_along_the_axis_keeps_its_place_in_space(x, y, depth_m, ahead_m):
    ray = (np.array([[x, y]]) - (CAMERA.cx, CAMERA.cy)) / (CAMERA.fx, CAMERA.fy)
    q = np.array([1.0 / depth_m])
    points = SweptPoints(ray, q, 0.05 * q, np.eye(4), 0, 0, NO_EDGES)
    pose = np.eye(4)
    pose[2, 3] = ahead_m

    seen, sigma = transferred([points], pose, CAMERA)

    found = np.isfinite(seen)
    expected_px = ray[0] * depth_m / (depth_m - ahead_m) * (CAMERA.fx, CAMERA.fy)
    column, row = np.rint(expected_px + np.array([CAMERA.cx, CAMERA.cy]))
    inside = 0 <= column < CAMERA.width and 0 <= row < CAMERA.height
    assert found.sum() == inside
    np.testing.assert_allclose(1.0 / seen[found], depth_m - ahead_m, rtol=1e-5)
    np.testing.assert_allclose(
        sigma[found] / np.square(seen[found]), 0.05 * depth_m, rtol=1e-4
    )  # an error along the axis stays as long as it was
