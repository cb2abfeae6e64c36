"""All sensors in scenes with meshes, terrain, lamps and movers: they see the same world."""

from dataclasses import replace

from eventdepth_core.geometry.distortion import distort_normalised
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.caster import render
from training.simulate.families import family_named
from training.simulate.focus import Focus, light_of_stage
from training.simulate.lens_models import LENS_PRESETS
from training.simulate.lidar_presets import LIDAR_PRESETS
from training.simulate.lidar_scan import lidar_scan
from training.simulate.path import poses_between
from training.simulate.rgb_camera import MountedPath, rgb_picture, rgb_preset
from training.simulate.stage import stage_scene
from training.simulate.walk import clear_way, walk, WalkSpec

EXACT = {'range_sigma_m': 0.0, 'divergence_mrad': 0.0, 'dropout': 0.0, 'fading': 0.0}


def spec_of(family):
    return WalkSpec(
        family=family,
        motion='driving' if family.startswith('driving') else 'handheld',
        seconds=0.1,
        size=(92, 124),
        seed=2,
        split='test',
        fov_deg=90.0,
        lens=LENS_PRESETS['fisheye'],
        rgb=rgb_preset('rolling', (48, 64)),
        lidar=LIDAR_PRESETS['vlp16'],
    )


@pytest.fixture(scope='module', params=['indoor_classroom', 'driving_country'])
def drawn(request):
    spec = spec_of(request.param)
    assert family_named(request.param).split == spec.split
    return spec, *clear_way(np.random.default_rng(spec.seed), spec)


def test_points_undistorted_by_motion_lie_where_the_depth_picture_says(drawn):
    spec, scene, path = drawn
    lidar = replace(LIDAR_PRESETS['vlp16'], **EXACT, height_m=0.0)
    camera, pose = spec.camera, path.pose(0.05)
    stage = stage_scene(scene, (pose,), camera, times_s=np.array([0.05]))
    depth_m = render(stage, camera).depth_m

    scan = lidar_scan(np.random.default_rng(0), lidar, scene, path, 0)

    near = np.abs(scan.t_us - 50_000) < 20_000
    points = []
    for point, t_us in zip(scan.points_m[near], scan.t_us[near], strict=True):
        mount = np.linalg.inv(pose.matrix) @ path.pose(t_us * 1e-6).matrix
        mount = mount @ lidar.camera_from_lidar
        points.append(mount[:3, :3] @ point + mount[:3, 3])
    points = np.array(points)
    points = points[points[:, 2] > 0.3]
    plane = distort_normalised(points[:, :2] / points[:, 2:], camera)
    plane = np.where(np.isfinite(plane), plane, 1e3)
    x, y = np.rint(plane * (camera.fx, camera.fy) + (camera.cx, camera.cy)).astype(int).T
    seen = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    error = np.abs(points[seen, 2] / depth_m[y[seen], x[seen]] - 1.0)
    assert seen.sum() > 200
    assert np.median(error) < 0.01


def test_tile_lists_of_a_distorted_lens_change_no_depth(drawn):
    spec, scene, path = drawn
    camera, poses = spec.camera, poses_between(path, 0.0, 0.02, 6)
    times_s = np.linspace(0.0, 0.02, 7)

    depths, lights = [], []
    for use_tiles in (True, False):
        stage = stage_scene(scene, poses, camera, use_tiles=use_tiles, times_s=times_s)
        depths.append(render(stage, camera).depth_m)
        lights.append(light_of_stage(stage, camera, Focus(blur_px=0.0)))

    assert np.array_equal(*depths)
    # surfaces in one plane may be seen in either order, with a pinhole too
    assert (lights[0] != lights[1]).mean() < 2e-3


def test_a_photograph_shows_the_scene_that_is_rendered(drawn):
    spec, scene, path = drawn
    model = replace(spec.rgb, exposure_us=1, readout_us=0, read_noise_e=0.0, full_well_e=1e9)
    beside = MountedPath(path, model.mount)

    picture = rgb_picture(np.random.default_rng(0), model, scene, beside, 50_000)

    stage = stage_scene(scene, (beside.pose(0.05),), model.camera, times_s=np.array([0.05]))
    rendered = render(stage, model.camera)
    expected = 255.0 * np.clip(1.2 * rendered.colour, 0.0, 1.0) ** (1 / 2.2)
    assert np.abs(picture.image - expected).mean() < 6.0
    assert np.array_equal(picture.depth_m, rendered.depth_m)


def test_a_walk_has_all_sensors(drawn):
    spec = drawn[0]

    moments = list(walk(spec))

    assert sum(len(moment.events) for moment in moments) > 500
    assert moments[-1].image.shape == (48, 64, 3)
    assert len(moments[-1].scan.points_m) > 2000
