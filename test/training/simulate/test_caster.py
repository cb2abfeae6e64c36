"""Exact depth of known surfaces, and what no surface gives."""

from eventdepth_core.types import Camera
import numpy as np
import pytest
from training.simulate.caster import render
from training.simulate.families.base import Layout
from training.simulate.scene import dress_layout
from training.simulate.solids import heading_rotation, Pose, rotation_about, Shape, solid
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_planes, TexturePool

CAMERA = Camera(width=41, height=29, fx=35.0, fy=33.0, cx=19.3, cy=14.8)
HERE = Pose(np.eye(3), np.zeros(3))


@pytest.fixture
def pool():
    rng = np.random.default_rng(3)
    tiles = [rng.uniform(0.1, 0.9, (256, 256, 3)).astype(np.float32) for _ in range(2)]
    every = np.arange(2)
    return TexturePool(
        texture_planes(tiles),
        {'mixed': every, 'photo': every, 'procedural': every, 'flat': every},
    )


def scene_of(pool, *solids):
    return dress_layout(np.random.default_rng(0), Layout(solids, (1.0, 1.0, 1.0), 1.0), pool)


def depth_of(pool, *solids, pose=HERE):
    return render(stage_scene(scene_of(pool, *solids), (pose,), CAMERA), CAMERA).depth_m


def pixel_rays():
    x, y = np.meshgrid(np.arange(CAMERA.width), np.arange(CAMERA.height))
    return np.stack(
        [(x - CAMERA.cx) / CAMERA.fx, (y - CAMERA.cy) / CAMERA.fy, np.ones(x.shape)], axis=-1
    )


def test_a_wall_across_the_view_has_one_depth(pool):
    depth_m = depth_of(pool, solid(Shape.BOX, (0, 0, 5.5), (90, 90, 0.5)))

    np.testing.assert_allclose(depth_m, 5.0, rtol=1e-6)


def test_a_slanted_plane_has_the_depth_of_its_equation(pool):
    turned = rotation_about((0.3, -0.4, 0.0))
    wall = solid(Shape.BOX, (0, 0, 6.0), (500, 500, 1.0), rotation=turned)
    normal = turned[2]

    depth_m = depth_of(pool, wall)

    expected = (normal @ np.array([0, 0, 6.0]) - 1.0) / (pixel_rays() @ normal)
    np.testing.assert_allclose(depth_m, expected, rtol=1e-5)


def test_a_room_is_seen_from_inside(pool):
    depth_m = depth_of(pool, solid(Shape.ROOM, (0, 0, 0), (2.0, 1.5, 4.0)))

    rays = np.abs(pixel_rays())
    expected = np.minimum(4.0, np.minimum(2.0 / rays[..., 0], 1.5 / rays[..., 1]))
    np.testing.assert_allclose(depth_m, expected, rtol=1e-5)


def test_a_sphere_is_nearest_at_its_front(pool):
    ball = solid(Shape.ELLIPSOID, (0, 0, 7.0), (1.0, 1.0, 1.0))
    rays = pixel_rays()

    depth_m = depth_of(pool, ball)

    squares = (rays**2).sum(axis=-1)
    root = 49.0 - squares * 48.0
    expected = np.where(root >= 0, (7.0 - np.sqrt(np.maximum(root, 0))) / squares, np.inf)
    np.testing.assert_allclose(depth_m, expected, rtol=1e-5)


def test_a_cylinder_shows_side_and_cap(pool):
    post = solid(Shape.CYLINDER, (0, 1.0, 4.0), (0.5, 0.5, 0.5))
    rays = pixel_rays()

    depth_m = depth_of(pool, post)

    on_cap = np.isfinite(depth_m) & np.isclose(depth_m * rays[..., 1], 0.5, atol=1e-4)
    radius = np.hypot(depth_m * rays[..., 0], depth_m - 4.0)
    on_side = np.isclose(radius, 0.5, atol=1e-4)
    assert on_cap.sum() > 5
    assert on_side.sum() > 5
    assert (on_cap | on_side | np.isinf(depth_m)).all()


def test_what_lies_behind_the_camera_is_not_seen(pool):
    depth_m = depth_of(pool, solid(Shape.BOX, (0, 0, -5.0), (1, 1, 1)))

    assert np.isinf(depth_m).all()


def test_a_turned_and_moved_camera_sees_the_same_wall_nearer(pool):
    wall = solid(Shape.BOX, (11.0, 0, 0), (1.0, 90, 90))
    pose = Pose(heading_rotation(np.pi / 2, 0.0, 0.0), np.array([3.0, 0.2, -0.1]))

    depth_m = depth_of(pool, wall, pose=pose)

    np.testing.assert_allclose(depth_m, 7.0, rtol=1e-5)


def test_edges_are_smoothed_and_surfaces_are_not_touched(pool):
    near = solid(Shape.BOX, (-3.0, 0, 5.5), (3.0, 9, 0.5))
    far = solid(Shape.BOX, (0, 0, 30.5), (90, 90, 0.5))

    picture = render(stage_scene(scene_of(pool, near, far), (HERE,), CAMERA), CAMERA)

    assert picture.colour.shape == (29, 41, 3)
    assert (picture.colour > 0).all()
    assert np.isfinite(picture.depth_m).all()
    assert len(np.unique(np.round(picture.depth_m, 3))) <= 3
