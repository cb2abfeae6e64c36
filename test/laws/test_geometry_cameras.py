"""Laws of distortion, rectification and projection."""

import cv2
from eventdepth_core.geometry import (
    distort_points,
    organised_points,
    project_points,
    rectification_lookup,
    transform_points,
    undistort_points,
)
from eventdepth_core.geometry.cameras import pixel_grid
from eventdepth_core.types import Camera, Rectification
from hypothesis import given, settings, strategies
import numpy as np

small = strategies.floats(-0.1, 0.1)
tiny = strategies.floats(-1e-3, 1e-3)


@strategies.composite
def cameras(draw):
    """Cameras of both models, from barrel to pincushion, folding ones among them."""
    focal_px = draw(strategies.floats(30, 200))
    model = draw(strategies.sampled_from(['plumb_bob', 'equidistant']))
    radial = draw(strategies.floats(-0.4, 0.3))
    if model == 'plumb_bob':
        distortion = (radial, draw(small), draw(tiny), draw(tiny), draw(small))
    else:
        distortion = (radial / 4, draw(small) / 4, draw(small) / 8, draw(tiny))
    return Camera(93, 71, focal_px, focal_px * 1.02, 46.3, 34.1, distortion, model)


def rotation(x, y, z):
    return cv2.Rodrigues(np.array([x, y, z], np.float64))[0]


rectifications = strategies.one_of(
    strategies.none(),
    strategies.builds(
        lambda x, y, z: Rectification(rotation(x, y, z), Camera(80, 60, 70.0, 70.0, 40.0, 30.0)),
        small, small, small,
    ),
)  # fmt: skip


@given(cameras(), rectifications)
def test_distort_points_inverts_undistort_points_wherever_it_is_defined(camera, rectification):
    points = pixel_grid(camera)[::13]

    rectified = undistort_points(points, camera, rectification)
    back = distort_points(rectified, camera, rectification)

    defined = np.isfinite(back).all(axis=1)
    assert defined[np.hypot(*(points - (46.3, 34.1)).T) < 8].all()
    np.testing.assert_allclose(back[defined], points[defined], atol=1e-5)


@given(cameras())
def test_undistort_points_inverts_distort_points_wherever_it_is_defined(camera):
    points = pixel_grid(camera)[::13]

    distorted = distort_points(points, camera)
    back = undistort_points(distorted, camera)

    defined = np.isfinite(back).all(axis=1)
    assert defined[np.hypot(*(points - (46.3, 34.1)).T) < 8].all()
    np.testing.assert_allclose(back[defined], points[defined], atol=1e-4)


@given(cameras(), rectifications)
@settings(max_examples=25)
def test_the_lookup_stays_inside_the_rectified_grid(camera, rectification):
    lookup = rectification_lookup(camera, rectification)

    size = camera.width * camera.height if rectification is None else 80 * 60
    assert lookup.shape == (93 * 71,)
    assert lookup.min() >= -1
    assert lookup.max() < size


@given(strategies.integers(0, 2**32 - 1), strategies.floats(20, 90))
def test_organised_points_project_back_exactly(seed, focal_px):
    camera = Camera(29, 19, focal_px, focal_px * 0.98, 13.7, 9.2)
    random = np.random.default_rng(seed)
    depth_m = np.exp(random.uniform(-2, 5, camera.size)).astype(np.float32)
    depth_m[random.random(camera.size) < 0.3] = np.nan

    points = organised_points(depth_m, camera).reshape(-1, 3)

    back = project_points(random.permutation(points), camera, occlusion=False)
    np.testing.assert_array_equal(back, depth_m)


@given(small, small, small, strategies.integers(0, 2**32 - 1))
def test_a_transform_and_its_inverse_cancel(x, y, z, seed):
    random = np.random.default_rng(seed)
    a_from_b = np.eye(4)
    a_from_b[:3, :3] = rotation(20 * x, 20 * y, 20 * z)
    a_from_b[:3, 3] = random.normal(size=3)
    points = random.normal(size=(17, 3))

    back = transform_points(np.linalg.inv(a_from_b), transform_points(a_from_b, points))

    np.testing.assert_allclose(back, points, atol=1e-12)
