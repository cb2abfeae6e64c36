"""Motions: the laws of paths, the spectrum of shake, roads, and ways without collisions."""

from eventdepth_core.errors import InputError
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.motions import MAX_SPEED_M_S, motion_path, random_shake
from training.simulate.path import poses_between
from training.simulate.rgb_camera import rgb_preset
from training.simulate.solids import heading_rotation, is_inside_any, Pose
from training.simulate.walk import clear_way, walk, WalkSpec

START = Pose(heading_rotation(0.4, 0.1, -0.05), np.array([1.0, -2.0, 3.0]))
NAMED = ('smooth', 'handheld', 'driving')


def drawn(kind, seed, *, speed_m_s=100.0, seconds=3.0):
    rng = np.random.default_rng(seed)
    return motion_path(rng, kind, START, speed_m_s=speed_m_s, seconds=seconds, is_forward=True)


def matrices(path, seconds=3.0, rate_hz=1000):
    poses = poses_between(path, 0, seconds, int(seconds * rate_hz))
    return np.stack([pose.matrix for pose in poses])


@pytest.mark.parametrize('kind', NAMED)
def test_a_motion_starts_at_its_start_and_is_a_function_of_its_seed(kind):
    path, again, other = drawn(kind, 5), drawn(kind, 5), drawn(kind, 6)

    np.testing.assert_allclose(path.pose(0.0).matrix, START.matrix, atol=1e-9)
    assert np.array_equal(path.pose(1.3).matrix, again.pose(1.3).matrix)
    assert not np.allclose(path.pose(1.3).matrix, other.pose(1.3).matrix)


@pytest.mark.parametrize('kind', ['handheld', 'driving'])
@pytest.mark.parametrize('seed', range(5))
def test_speeds_stay_below_their_bound_without_jumps(kind, seed):
    places = matrices(drawn(kind, seed))[:, :3, 3]

    velocity = np.diff(places, axis=0) * 1000.0
    assert np.linalg.norm(velocity, axis=1).max() < MAX_SPEED_M_S[kind]
    assert np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() < 0.1


@pytest.mark.parametrize('kind', NAMED)
def test_poses_are_rigid_and_turn_without_jumps(kind):
    turns = matrices(drawn(kind, 3))[:, :3, :3]

    eye = np.broadcast_to(np.eye(3), turns.shape)
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), eye, atol=1e-9)
    step = np.linalg.norm(turns[1:] - turns[:-1], axis=(1, 2)) / np.sqrt(2)
    assert np.rad2deg(step.max()) < 0.12


def test_shake_falls_with_frequency_and_has_a_tremor():
    power = []
    for seed in range(20):
        shake = random_shake(np.random.default_rng(seed))
        pitch = np.array([shake.at(t)[3] for t in np.arange(0.0, 8.0, 0.02)])
        power.append(np.abs(np.fft.rfft((pitch - pitch.mean()) * np.hanning(len(pitch)))) ** 2)
        assert 0.1 < np.rad2deg((pitch - pitch.mean()).std()) < 1.3
    frequency_hz, spectrum = np.fft.rfftfreq(400, 0.02), np.mean(power, axis=0)

    def density(low_hz, high_hz):
        return spectrum[(frequency_hz >= low_hz) & (frequency_hz < high_hz)].mean()

    assert density(0.5, 2) > 10 * density(3, 6) > 0
    assert density(8, 12) > density(5.5, 8)
    assert density(14, 25) < 0.01 * density(8, 12)


@pytest.mark.parametrize('seed', range(5))
def test_a_vehicle_drives_where_it_looks_and_stays_level(seed):
    path = drawn('driving', seed, speed_m_s=15.0, seconds=4.0)

    poses = matrices(path, seconds=4.0)

    velocity = np.diff(poses[:, :3, 3], axis=0) * 1000.0
    level = velocity[:, [0, 2]]
    ahead = poses[:-1][:, [0, 2], 2]
    ahead = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    assert ((level * ahead).sum(axis=1) / np.linalg.norm(level, axis=1)).min() > 0.998
    speed = np.linalg.norm(level, axis=1)
    assert 12.0 < speed.min() < speed.max() < 18.0
    yaw = np.unwrap(np.arctan2(level[:, 0], level[:, 1]))
    lateral = speed[1:] * np.diff(yaw) * 1000.0
    assert np.abs(lateral).max() < 2.5
    assert np.ptp(poses[:, 1, 3]) < 0.15


def test_bumps_make_a_vehicle_heave_and_die_out():
    paths = [drawn('driving', seed, speed_m_s=10.0, seconds=10.0) for seed in range(8)]

    heaves = [[path.bounced(t)[0] for t in np.arange(0.0, 10.0, 0.02)] for path in paths]
    late = [path.bounced(path.bumps[:, 0].max() + 8.0) for path in paths if len(path.bumps)]

    assert max(np.ptp(each) for each in heaves) > 0.01
    assert np.abs(late).max() < 1e-3


@pytest.mark.parametrize(('family', 'motion'), [('room', 'handheld'), ('drive', 'driving')])
@pytest.mark.parametrize('seed', range(2))
def test_ways_do_not_collide(family, motion, seed):
    spec = WalkSpec(
        family=family,
        motion=motion,
        seconds=1.0,
        size=(46, 62),
        seed=seed,
        split='val',
        rgb=rgb_preset('global', (48, 64)),
    )

    scene, path = clear_way(np.random.default_rng(seed), spec)

    for pose in poses_between(path, 0.0, 1.0, 500):
        assert not is_inside_any(scene.solids, pose.position_m, margin=1.0)
        beside = pose.matrix @ spec.rgb.mount
        assert not is_inside_any(scene.solids, beside[:3, 3], margin=1.0)


def test_a_hand_shakes_faster_than_a_smooth_way():
    shaken, smooth = (
        np.mean([_jerkiness(drawn(kind, seed, speed_m_s=0.5)) for seed in range(5)])
        for kind in ('handheld', 'smooth')
    )

    assert shaken > 10 * smooth


def _jerkiness(path):
    """Return the rms angular acceleration."""
    turns = matrices(path, rate_hz=200)[:, :3, :3]
    step = turns[:-1].transpose(0, 2, 1) @ turns[1:]
    velocity = np.stack([step[:, 2, 1], step[:, 0, 2], step[:, 1, 0]], axis=1) * 200.0
    return np.sqrt((np.diff(velocity, axis=0) ** 2).sum(axis=1).mean()) * 200.0


@pytest.mark.parametrize('motion', ['handheld', 'driving'])
def test_a_walk_with_a_motion_is_a_function_of_its_spec(motion):
    spec = WalkSpec(
        family='drive', seconds=0.05, size=(46, 62), seed=1, split='val', motion=motion
    )

    first, again = (np.concatenate([each.events for each in walk(spec)]) for _ in range(2))

    assert len(first) > 100
    assert np.array_equal(first, again)


def test_an_unknown_motion_is_one_clear_error():
    with pytest.raises(InputError, match='Expected a motion out of auto, smooth'):
        WalkSpec(motion='flying')
