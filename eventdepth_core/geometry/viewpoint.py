"""
An image seen from another viewpoint: by the rotation alone, or through depth.

The homography H = K_a R_ab K_b^-1 is exact for points at infinity. A translation t moves a point
at depth z by about |t| f / z pixels: `residual_shift_px` at the least depth says whether the
rotation is enough or the image has to be warped through a depth map.

Laws: warping by the identity changes nothing; warping through infinite depth equals the
homography; pixels that the other camera does not see, or without depth, are 0 and not `seen`.

"""

from dataclasses import dataclass
import math

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.cameras import checked_pinhole, distort_points, rectified_camera
from eventdepth_core.geometry.resampling import sampling_map, SamplingMap
from eventdepth_core.types import Bool, Camera, Float32, Float64, rigid_transform, UInt8
import numpy as np
from numpy.typing import ArrayLike

MAX_RESIDUAL_SHIFT_PX = 8.0
"""Above this shift the rotation alone is not enough."""


@dataclass(frozen=True, slots=True, eq=False)
class WarpedImage:
    """`image` uint8 (H, W) or (H, W, C) on the other camera's grid; `seen` bool (H, W)."""

    image: UInt8
    seen: Bool


class ViewWarper:
    """
    Resamples images of camera b onto the grid of camera a, respecting b's distortion.

    The map for the rotation alone is computed once; one through depth for each depth map.

    Parameters
    ----------
    camera_a : Camera
        Without distortion.
    camera_b : Camera
        As calibrated.
    a_from_b : (4, 4)
        Maps points of b into a, metres.

    Raises
    ------
    InputError
        If camera_a is distorted or the transform is not rigid.

    """

    def __init__(self, camera_a: Camera, camera_b: Camera, a_from_b: ArrayLike) -> None:
        self._camera_a = checked_pinhole(camera_a, 'camera_a')
        self._camera_b = camera_b
        self._a_from_b = rigid_transform(a_from_b, name='a_from_b')
        self._rays = np.linalg.inv(camera_a.matrix) @ _homogeneous_grid(camera_a.size)  # (3, HW)
        self._map_at_infinity = self._map(np.zeros(1))

    def warp(self, image: UInt8, depth_m: Float32 | None = None) -> WarpedImage:
        """
        Return an image of b as a sees it.

        Where b's view of a point is blocked, what blocks it is copied.

        Parameters
        ----------
        image : uint8 (H, W) or (H, W, C)
            Of camera b.
        depth_m : float32 (h, w), optional
            Metres in a; infinite for points at infinity, NaN for none. Without it all points
            count as infinitely far: the rotation alone.

        Raises
        ------
        InputError
            If the image or the depth map is not of its camera's size.

        """
        if depth_m is None:
            return _warped(image, self._map_at_infinity)
        if depth_m.shape != self._camera_a.size:
            raise InputError(
                f'Expected depth_m of the size {self._camera_a.size}, got {depth_m.shape}.'
            )
        return _warped(image, self._map(_inverse_or_nan(depth_m.ravel())))

    def _map(self, inverse_depth: Float64) -> SamplingMap:
        """Return where a's pixels of that inverse depth, (H * W,) or (1,), lie in b."""
        # Points divided by their depth in a, so that infinity needs no case of its own.
        turned = self._rays - self._a_from_b[:3, 3:] * inverse_depth
        camera_b = rectified_camera(self._camera_b)
        ideal_px = _dehomogenised(camera_b.matrix @ self._a_from_b[:3, :3].T @ turned)
        points_px = distort_points(ideal_px, self._camera_b)
        return sampling_map(points_px, self._camera_a.size, camera_b.size)


def residual_shift_px(translation_m: ArrayLike, focal_px: float, min_depth_m: float) -> float:
    """
    Return how far, in pixels, the rotation-only homography misses the nearest point.

    Raises
    ------
    InputError
        If focal length or least depth is not > 0.

    """
    if not (focal_px > 0 and min_depth_m > 0):
        raise InputError(
            f'Expected focal length and least depth > 0, got {focal_px} px and {min_depth_m} m.'
        )
    distance_m = math.hypot(*np.asarray(translation_m, dtype=np.float64).ravel())
    return distance_m * focal_px / min_depth_m


def rotation_homography(camera_a: Camera, camera_b: Camera, a_from_b: ArrayLike) -> Float64:
    """
    Return H, which maps homogeneous pixels of b to pixels of a for points at infinity.

    Parameters
    ----------
    camera_a, camera_b : Camera
        Without distortion.
    a_from_b : (3, 3) or (4, 4)
        Rotation, or rigid transform whose translation is left out.

    Returns
    -------
    float64 (3, 3)
        Not normalised: its third row gives depth in a per depth in b.

    """
    checked_pinhole(camera_a, 'camera_a')
    checked_pinhole(camera_b, 'camera_b')
    homography: Float64 = camera_a.matrix @ _rotation(a_from_b) @ np.linalg.inv(camera_b.matrix)
    return homography


def warp_image(image: UInt8, homography: Float64, size: tuple[int, int]) -> WarpedImage:
    """
    Resample an image of b onto a's grid.

    Parameters
    ----------
    image : uint8 (H, W) or (H, W, C)
        Of camera b, without distortion.
    homography : float64 (3, 3)
        Maps pixels of b to pixels of a, as `rotation_homography` returns it.
    size : (int, int)
        Height and width of a.

    """
    points_px = _dehomogenised(np.linalg.inv(homography) @ _homogeneous_grid(size))
    height, width = image.shape[:2]
    return _warped(image, sampling_map(points_px, size, (height, width)))


def _rotation(a_from_b: ArrayLike) -> Float64:
    """Return the 3x3 rotation of a 3x3 or 4x4 matrix, checked."""
    matrix = np.asarray(a_from_b, dtype=np.float64)
    if matrix.shape != (3, 3):
        return rigid_transform(matrix, name='a_from_b')[:3, :3]
    padded = np.eye(4)
    padded[:3, :3] = matrix
    return rigid_transform(padded, name='a_from_b')[:3, :3]


def _homogeneous_grid(size: tuple[int, int]) -> Float64:
    """Return all pixels as columns (x, y, 1) in row-major order, (3, H * W)."""
    rows, columns = np.indices(size)
    return np.stack([columns.ravel(), rows.ravel(), np.ones(rows.size)]).astype(np.float64)


def _dehomogenised(columns: Float64) -> Float64:
    """Return (3, N) as points (N, 2), NaN behind the camera."""
    ahead = np.where(columns[2] > 0, columns[2], np.nan)
    return (columns[:2] / ahead).T


def _inverse_or_nan(depth_m: Float32) -> Float64:
    """Return 1 / depth in 1/m, 0 at infinity, NaN where there is none."""
    positive = np.where(depth_m > 0, depth_m, np.nan).astype(np.float64)
    inverse: Float64 = 1.0 / positive
    return inverse


def _warped(image: UInt8, view: SamplingMap) -> WarpedImage:
    return WarpedImage(view.sample(image), view.seen)
