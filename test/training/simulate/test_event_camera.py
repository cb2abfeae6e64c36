"""The threshold law on known changes of light, noise, hot pixels, refractory time."""

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from training.simulate.event_camera import EventCamera
from training.simulate.families import FAMILIES
from training.simulate.sample import find_viewpoint
from training.simulate.sensor_model import SensorModel
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_pool
from training.simulate.trajectory import window_poses

QUIET = SensorModel(on_threshold=0.2, off_threshold=0.3, mismatch=0.0, noise_hz=0.0)
WIDTH, HEIGHT = 7, 5


def camera_of(model=QUIET, *, seed=0):
    return EventCamera(model, width=WIDTH, height=HEIGHT, rng=np.random.default_rng(seed))


def ramp(change, *, num_frames=4):
    return np.linspace(0.0, 1.0, num_frames)[:, None, None] * np.full((HEIGHT, WIDTH), change)


@settings(max_examples=60, deadline=None)
@given(change=st.floats(-3.0, 3.0), seed=st.integers(0, 50))
def test_a_ramp_gives_change_over_threshold_events(change, seed):
    camera = camera_of(seed=seed)
    residual = camera.residual.copy()

    events = camera.frames(ramp(change), start_us=0, duration_us=10_000)

    threshold = 0.2 if change > 0 else 0.3
    expected = np.floor(np.maximum(np.sign(change) * (change + residual), 0.0) / threshold)
    counts = np.zeros((HEIGHT, WIDTH))
    np.add.at(counts, (events['y'], events['x']), 1)
    exact = np.abs(np.sign(change) * (change + residual) / threshold % 1.0 - 0.5) < 0.499999
    assert np.array_equal(counts.ravel()[exact], expected[exact])
    assert (events['p'] == np.sign(change)).all()


def test_crossings_of_a_ramp_are_equally_spaced_in_time():
    camera = camera_of()

    events = camera.frames(ramp(2.0), start_us=500, duration_us=10_000)

    for x, y in ((0, 0), (6, 4), (3, 1)):
        t = events['t'][(events['x'] == x) & (events['y'] == y)]
        np.testing.assert_allclose(np.diff(t), 1000, atol=1)
        assert 500 <= t.min() < t.max() < 10_500


def test_windows_hand_on_what_a_pixel_has_seen():
    whole, halves = camera_of(), camera_of()
    light = ramp(3.0, num_frames=9)

    at_once = whole.frames(light, start_us=0, duration_us=8000)
    first = halves.frames(light[:5], start_us=0, duration_us=4000)
    second = halves.frames(light[4:], start_us=4000, duration_us=4000)

    assert np.array_equal(np.concatenate([first, second]), at_once)


def test_constant_light_without_noise_gives_no_events():
    assert len(camera_of().frames(ramp(0.0), start_us=0, duration_us=1000)) == 0


def test_refractory_time_keeps_events_of_a_pixel_apart():
    model = SensorModel(
        on_threshold=0.05, off_threshold=0.05, mismatch=0.0, noise_hz=0.0, refractory_us=900
    )

    events = camera_of(model).frames(ramp(4.0), start_us=0, duration_us=10_000)

    for pixel in range(WIDTH * HEIGHT):
        t = events['t'][events['y'].astype(int) * WIDTH + events['x'] == pixel]
        assert len(t) >= 9
        assert np.diff(t).min() >= 900


def test_more_events_than_expected_are_all_kept():
    model = SensorModel(on_threshold=0.03, off_threshold=0.03, mismatch=0.0, noise_hz=0.0)

    events = camera_of(model).frames(ramp(30.0), start_us=0, duration_us=50_000)

    assert len(events) == pytest.approx(WIDTH * HEIGHT * 1000, rel=0.01)


def test_noise_has_its_rate_and_both_polarities():
    model = SensorModel(noise_hz=400.0)

    events = camera_of(model).frames(ramp(0.0), start_us=0, duration_us=1_000_000)

    assert len(events) == pytest.approx(400 * WIDTH * HEIGHT, rel=0.05)
    assert 0.45 < (events['p'] > 0).mean() < 0.55


def test_hot_pixels_fire_with_one_polarity_each():
    model = SensorModel(noise_hz=0.0, num_hot_pixels=3, hot_hz=500.0)

    events = camera_of(model).frames(ramp(0.0), start_us=0, duration_us=1_000_000)

    pixel = events['y'].astype(int) * WIDTH + events['x']
    assert len(np.unique(pixel)) == 3
    for one in np.unique(pixel):
        assert len(np.unique(events['p'][pixel == one])) == 1


def test_thresholds_differ_by_pixel_with_the_mismatch():
    model = SensorModel(on_threshold=0.2, off_threshold=0.2, mismatch=0.1, noise_hz=0.0)

    events = camera_of(model).frames(ramp(20.0), start_us=0, duration_us=50_000)

    counts = np.bincount(events['y'].astype(int) * WIDTH + events['x'])
    assert 0.05 < counts.std() / counts.mean() < 0.2


@pytest.mark.parametrize(
    ('model', 'share'),
    [
        (SensorModel(noise_hz=0.0, leak_hz=40.0), 1.0),
        (SensorModel(noise_hz=0.0, shot_hz=40.0, shot_bright=1.0), 0.5),
    ],
    ids=['leak', 'shot'],
)
def test_leak_and_shot_noise_reach_the_scene_simulator(model, share):
    scene, camera = _still_stage()
    sensor = EventCamera(
        model, width=camera.width, height=camera.height, rng=np.random.default_rng(0)
    )

    windows = [
        sensor.window(scene, camera, start_us=50_000 * k, duration_us=50_000) for k in range(10)
    ]

    events = np.concatenate(windows)
    assert len(events) == pytest.approx(0.5 * 40 * camera.width * camera.height, rel=0.08)
    assert (events['p'] > 0).mean() == pytest.approx(share, abs=0.03)


def test_a_slow_photoreceptor_delays_and_thins_the_events_of_a_scene():
    pytest.importorskip('skimage')
    rng = np.random.default_rng(3)
    pool, camera = texture_pool(rng, 'val'), Camera(62, 46, 50.0, 50.0, 30.5, 22.5)
    scene, start, around = find_viewpoint(rng, FAMILIES[0], pool, camera, mode='mixed')
    poses = window_poses(rng, FAMILIES[0], start, around, camera)
    stage = stage_scene(scene, poses, camera)

    fast, slow = (
        EventCamera(
            SensorModel(noise_hz=0.0, cutoff_hz=cutoff_hz),
            width=62,
            height=46,
            rng=np.random.default_rng(0),
        ).window(stage, camera, start_us=0, duration_us=50_000)
        for cutoff_hz in (0.0, 10.0)
    )

    assert 0 < len(slow) < 0.9 * len(fast)
    assert slow['t'].mean() > fast['t'].mean()


def _still_stage():
    pytest.importorskip('skimage')
    rng = np.random.default_rng(0)
    pool, camera = texture_pool(rng, 'val'), Camera(31, 23, 25.0, 25.0, 15.0, 11.0)
    scene, start, _ = find_viewpoint(rng, FAMILIES[0], pool, camera, mode='flat')
    return stage_scene(scene, (start, start), camera), camera


@pytest.mark.parametrize(
    ('wrong', 'said'),
    [
        ({'response': 'square'}, 'Expected a response out of log, linear'),
        ({'off_threshold': 0.0}, 'Expected thresholds > 0'),
        ({'cutoff_hz': -1.0}, 'Expected cutoff_hz >= 0, got -1.0'),
    ],
)
def test_a_camera_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        SensorModel(**wrong)
