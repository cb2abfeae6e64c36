"""The RGB camera: blur, rolling shutter, noise, its own view, and what a recording has of it."""

from dataclasses import replace

from eventdepth_core.errors import InputError
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import Camera, ImageSample
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.caster import render
from training.simulate.families import Layout
from training.simulate.path import SmoothPath
from training.simulate.recording import record_walk
from training.simulate.rgb_camera import (
    developed,
    exposed_light,
    MountedPath,
    ray_places,
    rgb_picture,
    rgb_preset,
    RGB_PRESETS,
    RgbCamera,
)
from training.simulate.scene import dress_layout
from training.simulate.solids import Pose, Shape, solid
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_pool
from training.simulate.walk import walk, WalkSpec

NONE = np.zeros(3)
CAMERA = Camera(80, 60, 50.0, 50.0, 39.5, 29.5)
MODEL = RgbCamera(CAMERA, np.eye(4), exposure_us=0)


def moving(velocity_m_s):
    start = Pose(np.eye(3), np.zeros(3))
    return SmoothPath(start, np.array(velocity_m_s), NONE, NONE, NONE, NONE, NONE, NONE)


@pytest.fixture(scope='module')
def post():
    """Return a narrow post before a wall."""
    rng = np.random.default_rng(4)
    solids = (
        solid(Shape.BOX, (0.0, 0.0, 2.0), (0.05, 9.0, 0.05)),
        solid(Shape.BOX, (0.0, 0.0, 11.0), (90.0, 90.0, 1.0)),
    )
    pool = texture_pool(rng, 'val')
    return dress_layout(rng, Layout(solids, (1, 1, 1), 9.0), pool, mode='flat')


def edges_of_rows(light, background):
    """Return the mean column of what differs from the background in each row."""
    differs = np.abs(light - background).sum(axis=-1)
    return (differs * np.arange(light.shape[1])).sum(axis=1) / differs.sum(axis=1)


@pytest.fixture(scope='module')
def background(post):
    return exposed_light(MODEL, post, moving((0, 0, 0)), 0)[:, :1]


def test_without_motion_the_shutter_changes_nothing(post):
    rolling = replace(MODEL, exposure_us=10_000, readout_us=16_000)

    lights = [exposed_light(each, post, moving(NONE), 50_000) for each in (MODEL, rolling)]

    np.testing.assert_allclose(lights[1], lights[0], atol=1e-6)


def test_a_still_picture_is_that_of_the_caster(post):
    picture = render(stage_scene(post, (Pose(np.eye(3), np.zeros(3)),), CAMERA), CAMERA)

    light = exposed_light(replace(MODEL, exposure_us=1), post, moving(NONE), 0)

    assert np.abs(light - picture.colour).mean() < 0.01


def test_rows_of_a_rolling_shutter_see_their_own_times(post, background):
    # 2 m/s at 1.95 m and 50 px: 51.3 px/s to the left while the camera moves to the right
    rolling = replace(MODEL, readout_us=30_000)

    rows = edges_of_rows(exposed_light(rolling, post, moving((2.0, 0, 0)), 0), background)

    slope_px = np.polyfit(np.arange(60), rows, 1)[0] * 60
    assert slope_px == pytest.approx(-51.3 * 0.03, rel=0.05)
    assert rows[29:31].mean() == pytest.approx(39.5, abs=0.15)


def test_exposure_smears_what_moves_and_keeps_its_light(post, background):
    blurred = replace(MODEL, exposure_us=30_000)

    sharp, smeared = (
        np.abs(exposed_light(each, post, moving((8.0, 0, 0)), 0) - background).sum(axis=(0, 2))
        for each in (MODEL, blurred)
    )

    # 8 m/s smear by 6.2 px what is 2.6 px wide
    assert (sharp > 0.05 * sharp.max()).sum() <= 5
    assert 7 <= (smeared > 0.05 * smeared.max()).sum() <= 11
    assert smeared.sum() == pytest.approx(sharp.sum(), rel=0.05)


def test_noise_is_that_of_electrons():
    rng = np.random.default_rng(0)
    model = replace(MODEL, gamma=1.0, full_well_e=400.0, read_noise_e=4.0)
    light = np.full((200, 200, 3), 0.5 / 1.2, dtype=np.float32)

    image = developed(rng, model, light)

    assert image.mean() == pytest.approx(127.5, abs=0.5)
    assert image.std() == pytest.approx(255 * np.hypot(np.sqrt(0.5 / 400), 0.01), rel=0.05)


def test_rays_spread_over_the_pixel():
    places = ray_places(16)

    assert np.abs(places).max() < 0.5
    np.testing.assert_allclose(places.mean(axis=0), 0.0, atol=1e-12)
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.3
    assert np.abs(np.corrcoef(np.arange(16), places.T)[0, 1:]).max() < 0.3
    assert len(np.unique(np.floor(4 * places), axis=0)) >= 10


def test_depth_is_that_of_its_own_view(post):
    mount = np.eye(4)
    mount[2, 3] = 0.5
    model = replace(MODEL, event_from_image=mount)

    picture = rgb_picture(
        np.random.default_rng(0), model, post, MountedPath(moving((0, 0, 10.0)), mount), 20_000
    )

    assert picture.depth_m[0, 0] == pytest.approx(10.0 - 0.5 - 0.2, rel=1e-5)


@pytest.mark.parametrize('name', RGB_PRESETS)
def test_named_cameras_make_pictures(name):
    spec = WalkSpec(
        seconds=0.05,
        size=(46, 62),
        seed=1,
        split='val',
        points_rate_hz=0.0,
        rgb=rgb_preset(name, (48, 64)),
    )

    moment = list(walk(spec))[-1]

    assert moment.image.shape == ((46, 62, 3) if name == 'aps' else (48, 64, 3))
    assert (moment.image_depth_m is None) == (name == 'aps')
    assert moment.depth_m.shape == (46, 62)
    assert 20 < moment.image.mean() < 250


def test_a_recording_has_its_view_and_where_it_stands(tmp_path):
    rgb = rgb_preset('rolling', (48, 64))
    spec = WalkSpec(seconds=0.1, size=(46, 62), seed=1, split='val', rgb=rgb)

    record_walk(spec, tmp_path / 'walk')

    with open_recording(tmp_path / 'walk') as opened:
        rig, depth = opened.rig, opened.streams['depth']
        images = [each for each in opened.samples() if isinstance(each, ImageSample)]
        assert not opened.dropped
        assert not opened.unplaced
    assert (rig.event, rig.image) == (spec.camera, rgb.camera)
    np.testing.assert_allclose(rig.event_from_image, rgb.event_from_image, atol=1e-12)
    np.testing.assert_allclose(rig.event_from_points, spec.lidar.camera_from_lidar, atol=1e-12)
    assert [each.image.shape for each in images] == [(48, 64, 3)] * 2
    assert depth.topic == '/ground_truth/depth'
    assert depth.alternatives == ('/ground_truth/rgb_depth',)


@pytest.mark.parametrize(
    ('wrong', 'text'),
    [
        ({'camera': CAMERA}, 'both of camera and event_from_image'),
        ({'exposure_us': 20_000, 'readout_us': 20_000}, 'their sum <= 30000'),
        ({'gamma': 0.0}, 'gain, gamma, full_well_e > 0'),
    ],
)
def test_a_wrong_camera_is_one_clear_error(wrong, text):
    with pytest.raises(InputError, match=text):
        RgbCamera(**wrong)
