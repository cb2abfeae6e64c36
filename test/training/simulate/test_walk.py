"""Walks: what is measured when, the laws of path and LiDAR, and clear errors."""

from dataclasses import replace

from eventdepth_core.errors import InputError
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate import walk as walk_module
from training.simulate.families import Layout
from training.simulate.focus import Focus
from training.simulate.lidar import lidar_points, LidarModel
from training.simulate.parts import Drift, Kind
from training.simulate.path import random_path, SmoothPath
from training.simulate.scene import dress_layout
from training.simulate.solids import heading_rotation, Pose, Shape, solid
from training.simulate.textures import texture_pool
from training.simulate.walk import is_clear_way, TICK_US, walk, WalkSpec
from world_scenes import CAMERA, HERE, part, world_of

SPEC = WalkSpec(
    family='room',
    seconds=0.1,
    size=(46, 62),
    seed=1,
    image_rate_hz=20.0,
    points_rate_hz=10.0,
    split='val',
    lidar=LidarModel(num_rings=4, azimuth_step_deg=5.0),
)


@pytest.fixture(scope='module')
def moments():
    return list(walk(SPEC))


def test_sensors_measure_at_their_rates(moments):
    assert [moment.stamp_us for moment in moments] == list(range(TICK_US, 100_001, TICK_US))
    assert [m.stamp_us for m in moments if m.image is not None] == [50_000, 100_000]
    assert [m.stamp_us for m in moments if m.points_m is not None] == [100_000]


def test_events_of_a_moment_lie_in_its_tick(moments):
    assert sum(len(moment.events) for moment in moments) > 100
    for moment in moments:
        t = moment.events['t']
        assert (np.diff(t) >= 0).all()
        assert (t >= moment.stamp_us - TICK_US).all()
        assert (t < moment.stamp_us).all()


def test_a_walk_is_a_function_of_its_spec(moments):
    for first, again in zip(moments, walk(SPEC), strict=True):
        assert np.array_equal(first.events, again.events)
        assert (first.image is None) == (again.image is None)
        if first.image is not None:
            assert np.array_equal(first.image, again.image)


@pytest.mark.parametrize('family', ['room', 'indoor_classroom', 'driving_suburb'])
def test_points_agree_with_the_depth_picture(family):
    lidar = LidarModel(range_sigma_m=0.0, dropout=0.0, height_m=0.0)
    spec = replace(SPEC, family=family, lidar=lidar, focus=Focus(), image_rate_hz=10.0)
    moment = list(walk(spec))[-1]
    camera, transform = spec.camera, spec.lidar.camera_from_lidar

    points_m = moment.points_m @ transform[:3, :3].T + transform[:3, 3]

    points_m = points_m[points_m[:, 2] > 0.1]
    x = np.rint(camera.fx * points_m[:, 0] / points_m[:, 2] + camera.cx).astype(int)
    y = np.rint(camera.fy * points_m[:, 1] / points_m[:, 2] + camera.cy).astype(int)
    seen = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    error = np.abs(points_m[seen, 2] / moment.depth_m[y[seen], x[seen]] - 1.0)
    assert seen.sum() > 100
    assert np.median(error) < 0.02


def test_a_lidar_measures_a_wall_within_its_noise():
    rng = np.random.default_rng(0)
    wall = Layout((solid(Shape.BOX, (0, 0, 6.0), (50, 50, 1.0)),), (1, 1, 1), 1.0)
    scene = dress_layout(rng, wall, texture_pool(rng, 'val'))
    model = LidarModel(range_sigma_m=0.02, half_sector_deg=30.0, dropout=0.25)

    points_m = lidar_points(rng, model, scene, Pose(np.eye(3), np.zeros(3)))

    assert points_m.dtype == np.float32
    assert len(points_m) == pytest.approx(0.75 * len(model.directions()), rel=0.05)
    forward = points_m[:, 0]
    assert forward.mean() == pytest.approx(5.0, abs=0.01)
    assert 0.01 < forward.std() < 0.03


def test_a_path_starts_at_its_start_and_is_smooth():
    start = Pose(heading_rotation(0.3, 0.1, 0.0), np.array([1.0, 2.0, 3.0]))

    path = random_path(np.random.default_rng(2), start, speed_m_s=1.0, is_forward=False)

    np.testing.assert_allclose(path.pose(0.0).matrix, start.matrix, atol=1e-12)
    poses = path.poses(0.0, 2.0, 400)
    places = np.stack([pose.position_m for pose in poses])
    speed = np.linalg.norm(np.diff(places, axis=0), axis=1) / 0.005
    assert speed.max() < 3.0
    assert np.abs(np.diff(speed)).max() < 0.1


def test_a_forward_path_drives_along_the_view():
    start = Pose(heading_rotation(np.pi / 2, 0.0, 0.0), np.zeros(3))

    path = random_path(np.random.default_rng(2), start, speed_m_s=10.0, is_forward=True)

    assert path.pose(1.0).position_m[0] == pytest.approx(10.0, abs=2.0)


@pytest.mark.parametrize(
    ('wrong', 'text'),
    [
        ({'family': 'moon'}, "Expected a family out of room, table, drive, fly, .*, got 'moon'"),
        ({'seconds': 0.0}, 'Expected seconds > 0'),
        ({'size': (0, 4)}, 'Expected seconds > 0, a positive size'),
        ({'fov_deg': 180.0}, 'field of view in'),
    ],
)
def test_a_wrong_spec_is_one_clear_error(wrong, text):
    with pytest.raises(InputError, match=text):
        WalkSpec(**wrong)


def test_too_fast_a_walk_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(walk_module, '_MAX_TRIALS', 3)
    spec = WalkSpec(family='table', seconds=60.0, size=(23, 31), flow_px_s=1e5, split='val')

    with pytest.raises(InputError, match='Expected a clear way'):
        next(walk(spec))


def test_a_way_is_not_clear_where_something_drives_through_the_camera():
    wall = part(Shape.BOX, (0.0, 0.0, 30.0), (50.0, 50.0, 0.5), kind=Kind.WALL)
    coming = Drift(velocity_m_s=np.array([0.0, 0.0, -10.0]))
    path = SmoothPath(HERE, *(np.zeros(3) for _ in range(7)))

    clear = [
        is_clear_way(world_of(wall, car), path, CAMERA, 1.0)
        for car in (
            part(Shape.BOX, (0.0, 0.0, 6.0), (1.0, 1.0, 1.0)),
            part(Shape.BOX, (0.0, 0.0, 6.0), (1.0, 1.0, 1.0), drift=coming),
        )
    ]

    assert clear == [True, False]
