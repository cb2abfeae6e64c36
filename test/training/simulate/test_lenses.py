"""Pictures, events and recordings through lenses with distortion."""

import cv2
from eventdepth_core.geometry.distortion import undistort_normalised
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import Camera
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.caster import render
from training.simulate.event_camera import EventCamera
from training.simulate.families import FAMILIES
from training.simulate.lens_models import LENS_PRESETS, random_lens_camera
from training.simulate.recording import record_walk
from training.simulate.sample import find_viewpoint
from training.simulate.sensor_model import SensorModel
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_pool
from training.simulate.trajectory import window_poses
from training.simulate.walk import WalkSpec

SIZE = (46, 62)


@pytest.fixture(scope='module')
def pool():
    return texture_pool(np.random.default_rng(0), 'val')


def windows(pool, family, kind, *, use_tiles):
    rng = np.random.default_rng(5)
    camera = random_lens_camera(rng, SIZE, kind=kind)
    scene, start, around = find_viewpoint(rng, family, pool, camera, mode='mixed')
    poses = window_poses(rng, family, start, around, camera)
    stage = stage_scene(scene, poses, camera, use_tiles=use_tiles)
    sensor = EventCamera(SensorModel(), width=62, height=46, rng=np.random.default_rng(1))
    events = sensor.window(stage, camera, start_us=0, duration_us=50_000)
    return events, render(stage, camera)


@pytest.mark.parametrize('kind', ['wide', 'fisheye'])
@pytest.mark.parametrize('family', FAMILIES, ids=lambda family: family.name)
def test_tile_lists_change_nothing(pool, family, kind):
    (events, picture), (brute_events, brute) = (
        windows(pool, family, kind, use_tiles=use_tiles) for use_tiles in (True, False)
    )

    assert len(events) > 0
    assert np.array_equal(events, brute_events)
    assert np.array_equal(picture.depth_m, brute.depth_m)
    assert np.array_equal(picture.colour, brute.colour)


@pytest.mark.parametrize('name', ['davis', 'fisheye'])
def test_depth_is_that_of_a_pinhole_looked_up_through_the_lens(pool, name):
    rng = np.random.default_rng(2)
    spec = WalkSpec(size=(92, 124), fov_deg=80.0, lens=LENS_PRESETS[name])
    camera = spec.camera
    scene, pose, _ = find_viewpoint(rng, FAMILIES[0], pool, camera, mode='mixed')
    finer = Camera(1200, 900, 400.0, 400.0, 599.5, 449.5)

    bent = render(stage_scene(scene, (pose,), camera), camera).depth_m
    straight = render(stage_scene(scene, (pose,), finer), finer).depth_m

    x, y = np.meshgrid(np.arange(124.0), np.arange(92.0))
    plane = np.stack([(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy], axis=-1)
    ideal = undistort_normalised(plane.reshape(-1, 2), camera).reshape(92, 124, 2) * 400.0
    maps = np.float32(ideal[..., 0] + 599.5), np.float32(ideal[..., 1] + 449.5)
    looked_up = cv2.remap(straight, *maps, cv2.INTER_NEAREST)
    error = np.abs(bent / looked_up - 1.0)[looked_up > 0]
    assert error.size == bent.size
    assert np.quantile(error, 0.97) < 0.01


def test_a_recording_carries_its_lens(tmp_path):
    spec = WalkSpec(
        seconds=0.02, size=SIZE, split='val', lens=LENS_PRESETS['fisheye'], points_rate_hz=0.0
    )

    record_walk(spec, tmp_path / 'walk')

    with open_recording(tmp_path / 'walk') as opened:
        assert opened.rig.event == spec.camera
        assert opened.rig.event.distortion_model == 'equidistant'
