"""The tensor caster against the compiled one: pictures, light and events."""

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera
import numpy as np
import pytest

pytest.importorskip('torch')
pytest.importorskip('skimage')

import torch
from training.simulate.caster import render
from training.simulate.event_kernels import crossings_of_lights
from training.simulate.families import EVERY_NAME, family_named
from training.simulate.pixel import empty_sink, empty_state
from training.simulate.sample import find_viewpoint
from training.simulate.sensor_model import drawn_sensor, SensorModel
from training.simulate.stage import stage_scene
from training.simulate.tensor_caster import blurred, TensorCaster
from training.simulate.tensor_events import tensor_crossings, TensorSensor
from training.simulate.trace_kernels import LUMA
from training.simulate.tracing import PixelTracer
from training.simulate.trajectory import window_poses
from training.simulate.world_textures import world_pool

CAMERA = Camera(width=62, height=46, fx=40.0, fy=41.0, cx=30.1, cy=22.9)
NAMES = ('room', 'fly', 'indoor_kitchen', 'indoor_classroom', 'driving_city', 'driving_country')
# stated: at most this share of pixels may differ, by rounding at borders, and of events
DIFFERING_PIXELS = 0.01
DIFFERING_EVENTS = 0.02


@pytest.fixture(scope='module')
def stages():
    pool = world_pool(np.random.default_rng(0), 'val')
    staged = []
    for number, name in enumerate(NAMES):
        rng = np.random.default_rng(number)
        scene, start, around = find_viewpoint(rng, family_named(name), pool, CAMERA, mode='mixed')
        poses = window_poses(rng, family_named(name), start, around, CAMERA)[: 4 + number % 2]
        times_s = np.linspace(0.0, 0.05, len(poses))
        staged.append(stage_scene(scene, poses, CAMERA, times_s=times_s))
    return staged


@pytest.fixture(scope='module')
def caster(stages):
    return TensorCaster(stages, [CAMERA] * len(stages))


def test_every_name_is_a_family():
    assert set(NAMES) <= set(EVERY_NAME)


def test_depth_and_solids_agree(stages, caster):
    picture = caster.picture()

    for number, stage in enumerate(stages):
        seen = PixelTracer(stage, CAMERA).trace(len(stage.turns) - 1, LUMA, covers_area=False)
        expected = render(stage, CAMERA).depth_m
        depth_m = picture.depth_m[number].numpy()
        same_solid = picture.solid[number].numpy() == seen.solid.reshape(CAMERA.size)
        near = np.isclose(depth_m, expected, rtol=1e-3)
        assert (~near).mean() <= DIFFERING_PIXELS
        assert (~same_solid).mean() <= DIFFERING_PIXELS


def test_colours_of_worlds_agree(stages, caster):
    picture = caster.picture()

    for number, stage in enumerate(stages):
        if stage.world.lamp.is_on:
            difference = np.abs(picture.colour[number].numpy() - render(stage, CAMERA).colour)
            assert (difference.max(axis=-1) > 0.02).mean() <= DIFFERING_PIXELS


@pytest.mark.parametrize('k', [0, 3])
def test_light_agrees_and_scenes_of_a_batch_do_not_touch(stages, caster, k):
    light = caster.luma(k).numpy()
    alone = TensorCaster(stages[4:5], [CAMERA]).luma(k).numpy()

    for number, stage in enumerate(stages):
        seen = PixelTracer(stage, CAMERA).trace(k, LUMA, covers_area=True)
        expected = seen.light[:, 0].reshape(CAMERA.size)
        assert (np.abs(light[number] - expected) > 0.01).mean() <= DIFFERING_PIXELS
    np.testing.assert_array_equal(alone[0], light[4])


@pytest.mark.parametrize('blur_px', [0.4, 0.9, 2.0])
def test_the_lens_agrees(blur_px):
    light = np.random.default_rng(0).random((2, 23, 31)).astype(np.float32)

    seen = blurred(torch.as_tensor(light), blur_px).numpy()

    expected = [cv2.GaussianBlur(frame, (0, 0), blur_px) for frame in light]
    np.testing.assert_allclose(seen, expected, atol=1e-4)


@pytest.mark.parametrize('cutoff_hz', [0.0, 200.0])
def test_events_agree(stages, caster, cutoff_hz):
    count, steps = CAMERA.width * CAMERA.height, 3
    model = SensorModel(0.15, 0.2, mismatch=0.05, noise_hz=0.0, cutoff_hz=cutoff_hz)
    sensor = drawn_sensor(model, count, np.random.default_rng(0))
    light = torch.stack([caster.luma(k).view(len(stages), count) for k in range(steps + 1)])

    found = tensor_crossings(
        light.view(steps + 1, -1),
        TensorSensor.of([sensor] * len(stages), [torch.zeros(count)] * len(stages), light),
        step_us=torch.full((len(stages) * count,), 50_000 / steps),
        duration_us=50_000,
    )

    for number in range(len(stages)):
        state = empty_state(count)
        sink = empty_sink(20 * count, state.last_us, 50_000, num_steps=steps, origin_us=0)
        rows = np.ascontiguousarray(light[:, number].numpy())
        crossings_of_lights(rows, sensor, sink, state)
        expected = _counted(sink.t, sink.pixel, sink.p, int(sink.num_events[0]), count)
        mine = (found.pixel // count == number).numpy()
        seen = _counted(
            found.t.numpy()[mine],
            found.pixel.numpy()[mine] % count,
            found.p.numpy()[mine],
            int(mine.sum()),
            count,
        )
        assert expected.sum() > 0
        differing = np.abs(seen - expected).sum()
        assert differing <= DIFFERING_EVENTS * expected.sum() + 2


def _counted(t, pixel, p, num_events, count):
    """Count events by pixel, 5 ms and polarity."""
    grid = np.zeros((count, 10, 2))
    chosen = slice(0, num_events)
    np.add.at(grid, (pixel[chosen], t[chosen] // 5000, (p[chosen] > 0).astype(int)), 1)
    return grid


def test_a_sensor_that_tensors_cannot_be_is_refused():
    sensor = drawn_sensor(SensorModel(refractory_us=100), 4, np.random.default_rng(0))

    with pytest.raises(InputError, match='Expected sensors without refractory time'):
        TensorSensor.of([sensor], [torch.zeros(4)], torch.zeros(1))


def test_stages_of_several_pools_are_refused(stages):
    rng = np.random.default_rng(0)
    pool = world_pool(rng, 'val')
    scene, start, _ = find_viewpoint(rng, family_named('room'), pool, CAMERA, mode='mixed')
    other = stage_scene(scene, (start,), CAMERA)

    with pytest.raises(InputError, match='Expected stages of one texture pool'):
        TensorCaster([stages[0], other], [CAMERA] * 2)
