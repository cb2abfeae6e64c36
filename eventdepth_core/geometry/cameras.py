"""
From pixels of the given camera to pixels of the rectified one, and back.

u_rect = K_rect R undistort(K^-1 u): without a rectification R is the identity and K_rect = K.

Laws: `distort_points` inverts `undistort_points` wherever both are finite; without distortion and
rectification both are the identity; NaN in, NaN out; what the rectified camera cannot see is NaN.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.distortion import (
    distort_normalised,
    is_pinhole,
    undistort_normalised,
)
from eventdepth_core.types import Camera, Float64, real_array, Rectification
import numpy as np
from numpy.typing import ArrayLike

_LEAST_Z = 1e-12
"""Rays (x, y, z) with less lie at right angles to the optical axis, or behind."""


def rectified_camera(camera: Camera, rectification: Rectification | None = None) -> Camera:
    """
    Return the camera of rectified pixels.

    Same size and intrinsics without distortion, unless a rectification says otherwise.

    Raises
    ------
    InputError
        If the rectification's own camera is distorted.

    """
    if rectification is None:
        return Camera(camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy)
    return checked_pinhole(rectification.camera, 'a rectified camera')


def checked_pinhole(camera: Camera, name: str) -> Camera:
    """
    Return the camera if it has no distortion.

    Raises
    ------
    InputError
        If it has; `name` says which camera it is.

    """
    if not is_pinhole(camera):
        raise InputError(
            f'Expected {name} without distortion, '
            f'got {camera.distortion_model} {camera.distortion}.'
        )
    return camera


def undistort_points(
    points_px: ArrayLike, camera: Camera, rectification: Rectification | None = None
) -> Float64:
    """
    Map pixels of the given camera to pixels of the rectified one.

    Parameters
    ----------
    points_px : (N, 2)
        Columns x, y in pixels of `camera`.
    camera : Camera
        As calibrated, with its distortion.
    rectification : Rectification, optional
        Turns the rays and says the rectified intrinsics.

    Returns
    -------
    float64 (N, 2)
        Pixels of `rectified_camera(camera, rectification)`, NaN where it cannot see the ray.

    """
    target = rectified_camera(camera, rectification)
    plane = undistort_normalised(_normalised(_checked(points_px), camera), camera)
    if rectification is not None:
        plane = turned_plane(plane, rectification.rotation)
    return _pixels(plane, target)


def distort_points(
    points_px: ArrayLike, camera: Camera, rectification: Rectification | None = None
) -> Float64:
    """
    Map pixels of the rectified camera to pixels of the given one: inverse of `undistort_points`.

    Parameters
    ----------
    points_px : (N, 2)
        Columns x, y in pixels of the rectified camera.
    camera, rectification
        As for `undistort_points`.

    Returns
    -------
    float64 (N, 2)
        Pixels of `camera`, NaN outside the range of its distortion model.

    """
    plane = _normalised(_checked(points_px), rectified_camera(camera, rectification))
    if rectification is not None:
        plane = turned_plane(plane, np.asarray(rectification.rotation).T)
    return _pixels(distort_normalised(plane, camera), camera)


def pixel_grid(camera: Camera) -> Float64:
    """Return the centres of all pixels in row-major order, float64 (H * W, 2), columns x, y."""
    rows, columns = np.indices(camera.size)
    return np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float64)


def turned_plane(plane: Float64, rotation: Float64) -> Float64:
    """Turn rays (x, y, 1) by a 3x3 rotation, (N, 2); NaN where they end up behind the camera."""
    x, y, z = np.asarray(rotation, dtype=np.float64) @ np.vstack([plane.T, np.ones(len(plane))])
    ahead = np.where(z > _LEAST_Z, z, np.nan)
    return np.stack([x / ahead, y / ahead], axis=1)


def _normalised(points_px: Float64, camera: Camera) -> Float64:
    return (points_px - (camera.cx, camera.cy)) / (camera.fx, camera.fy)


def _pixels(plane: Float64, camera: Camera) -> Float64:
    return plane * (camera.fx, camera.fy) + (camera.cx, camera.cy)


def _checked(points_px: ArrayLike) -> Float64:
    points = real_array(points_px, name='points_px')
    if points.ndim != 2 or points.shape[1] != 2:
        raise InputError(f'Expected points_px of shape (N, 2), got {points.shape}.')
    return points
