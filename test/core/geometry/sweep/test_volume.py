"""No count of a volume wraps, and its moments say from where it looked."""

from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
from eventdepth_core.types import Camera
import numpy as np

CAMERA = Camera(31, 23, 30.0, 30.0, 15.0, 11.0)


def _volume():
    volume = KeyframeVolume(sweep_grid(CAMERA, None, 320), 8)
    volume.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), 2.0)
    return volume


def _vote(volume, num_events, pose=None, is_late=False, pixel=11 * 31 + 15):
    pixels = np.full(num_events, pixel, np.int32)
    poses = (np.eye(4) if pose is None else pose)[None]
    starts = np.array([0, num_events], np.int64)
    return volume.vote(pixels, np.ones(num_events, np.int16), starts, poses, is_late=is_late)


def test_a_pixel_votes_for_itself_where_the_camera_stands_in_the_keyframe():
    volume = _volume()

    _vote(volume, 3)

    counts = volume.counts[0].reshape(8, 25, 33)
    assert (counts[:, 12, 16] == 3).all()
    assert counts.sum() == 24


def test_a_full_volume_takes_no_more_votes_and_does_not_wrap():
    volume = _volume()
    batches = [_vote(volume, 10_000) for _ in range(5)]

    assert batches == [10_000, 10_000, 10_000, 0, 0]
    assert volume.counts.max() == 30_000
    assert volume.num_events == 30_000


def test_votes_elsewhere_do_not_fill_a_volume():
    volume = _volume()

    for k in range(6):
        _vote(volume, 10_000, pixel=31 * k + 4 * k)

    assert volume.num_events == 60_000


def test_halves_count_apart_and_restart_forgets_both():
    volume = _volume()
    _vote(volume, 2)
    _vote(volume, 5, is_late=True)

    assert (volume.counts[0].max(), volume.counts[1].max()) == (2, 5)

    volume.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), 1.0)
    assert not volume.counts.any()
    assert volume.num_events == 0


def test_the_covariance_is_that_of_the_camera_centres():
    volume = _volume()
    centres = np.random.default_rng(0).normal(size=(6, 3)) * 0.1
    for centre in centres:
        pose = np.eye(4)
        pose[:3, 3] = centre
        _vote(volume, 4, pose, is_late=centre[0] > 0)

    np.testing.assert_allclose(volume.covariance(), np.cov(centres.T, bias=True), atol=1e-12)


def test_the_kept_share_is_that_of_the_window():
    volume = _volume()
    assert volume.kept_share == 1.0
    _vote(volume, 30)
    volume.leave_out(90)

    assert volume.kept_share == 0.25

    volume.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), 1.0)
    assert volume.kept_share == 1.0
