"""
Rigid motions and their twists: the exponential and the logarithm of SE(3).

A twist is (v, w): metres, then radians, in the moving frame. With W = hat(w) and theta = |w|

    exp(v, w) = [ I + a W + b W^2,  (I + b W + c W^2) v ]
    a = sin(theta) / theta,  b = (1 - cos(theta)) / theta^2,  c = (theta - sin(theta)) / theta^3

(Murray, Li, Sastry 1994, eq. 2.36). Laws: exp of zero is exactly the identity; log inverts exp
for angles below pi; no row depends on another one.

"""

from eventdepth_core.types import Float64
import numpy as np

SERIES_BELOW_RAD = 0.1
"""Below this angle the next term of each series is smaller than the rounding of float64."""


def transforms_from_twists(twists: Float64) -> Float64:
    """Return exp of each twist: (N, 6) -> (N, 4, 4)."""
    linear, angular = twists[:, :3], twists[:, 3:]
    theta = np.linalg.norm(angular, axis=1)[:, None, None]
    hat = _hat(angular)  # (N, 3, 3)
    square = hat @ hat
    half_sinc = np.sinc(theta / (2 * np.pi))
    b = 0.5 * half_sinc * half_sinc
    left = np.eye(3) + b * hat + _sine_rest(theta) * square
    transforms = np.zeros((len(twists), 4, 4))
    transforms[:, :3, :3] = np.eye(3) + np.sinc(theta / np.pi) * hat + b * square
    transforms[:, :3, 3] = (left @ linear[:, :, None])[:, :, 0]
    transforms[:, 3, 3] = 1.0
    return transforms


def twists_from_transforms(transforms: Float64) -> Float64:
    """Return log of each rigid transform with an angle below pi: (N, 4, 4) -> (N, 6)."""
    rotations = transforms[:, :3, :3]
    axis = 0.5 * np.stack(
        [
            rotations[:, 2, 1] - rotations[:, 1, 2],
            rotations[:, 0, 2] - rotations[:, 2, 0],
            rotations[:, 1, 0] - rotations[:, 0, 1],
        ],
        axis=1,
    )  # (N, 3), of length sin(theta)
    cosine = 0.5 * (np.trace(rotations, axis1=1, axis2=2) - 1.0)
    theta = np.arctan2(np.linalg.norm(axis, axis=1), cosine)[:, None]
    angular = axis / np.sinc(theta / np.pi)
    hat = _hat(angular)
    left_inverse = np.eye(3) - 0.5 * hat + _cotangent_rest(theta[:, :, None]) * (hat @ hat)
    linear = (left_inverse @ transforms[:, :3, 3:])[:, :, 0]
    return np.concatenate([linear, angular], axis=1)


def inverse_transforms(transforms: Float64) -> Float64:
    """Return b_from_a of each rigid a_from_b: (..., 4, 4)."""
    inverted = np.zeros_like(transforms)
    turned_back = np.swapaxes(transforms[..., :3, :3], -1, -2)
    inverted[..., :3, :3] = turned_back
    inverted[..., :3, 3:] = -turned_back @ transforms[..., :3, 3:]
    inverted[..., 3, 3] = 1.0
    return inverted


def nearest_rotation(matrix: Float64) -> Float64:
    """Return the rotation that is closest to an almost orthonormal (3, 3) matrix."""
    u, _, v = np.linalg.svd(matrix)
    return np.asarray(u @ v)


def _hat(vectors: Float64) -> Float64:
    """Return the (N, 3, 3) matrices of the cross product with each of (N, 3) vectors."""
    x, y, z = vectors.T
    hat = np.zeros((len(vectors), 3, 3))
    hat[:, 0, 1], hat[:, 0, 2] = -z, y
    hat[:, 1, 0], hat[:, 1, 2] = z, -x
    hat[:, 2, 0], hat[:, 2, 1] = -y, x
    return hat


def _sine_rest(theta: Float64) -> Float64:
    """Return (theta - sin(theta)) / theta^3."""
    square = np.square(theta)
    series = 1 / 6 - square / 120 * (1 - square / 42 * (1 - square / 72))
    safe = np.maximum(theta, SERIES_BELOW_RAD)
    exact = (safe - np.sin(safe)) / safe**3
    return np.where(theta < SERIES_BELOW_RAD, series, exact)


def _cotangent_rest(theta: Float64) -> Float64:
    """Return (1 - theta / 2 cot(theta / 2)) / theta^2."""
    square = np.square(theta)
    series = 1 / 12 + square / 720 * (1 + square / 42 * (1 + square / 40))
    safe = np.maximum(theta, SERIES_BELOW_RAD)
    exact = (1 - 0.5 * safe / np.tan(0.5 * safe)) / safe**2
    return np.where(theta < SERIES_BELOW_RAD, series, exact)
