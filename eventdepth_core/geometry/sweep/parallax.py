"""
How far points move in the image when the camera does, for each unit of inverse depth.

A point of inverse depth q at the ray (x, y, 1) of the keyframe moves, after derotation, by

    d q,  d = (f_x (t_x - x t_z), f_y (t_y - y t_z))

pixels for a camera centre t in the keyframe (exact to first order in t_z q). The epipole, where
d = 0, lies at t / t_z; without translation d = 0 everywhere.

"""

from dataclasses import dataclass

from eventdepth_core.types import Camera, Float64
import numpy as np

_SPAN_OF_STD = float(np.sqrt(12.0))


def displacement(centres: Float64, rays: Float64, camera: Camera) -> Float64:
    """Return |d| px m of each of N centres (N, 3) at each of M rays (M, 2), float64 (N, M)."""
    along = centres[:, None, :2] - rays[None] * centres[:, None, 2:]  # (N, M, 2)
    return np.asarray(np.hypot(camera.fx * along[..., 0], camera.fy * along[..., 1]))


@dataclass(slots=True)
class CentreMoments:
    """Count, sum and sum of products of the camera centres from which events were seen."""

    count: float
    sum_m: Float64
    products: Float64

    @classmethod
    def empty(cls) -> 'CentreMoments':
        """Return the moments of nothing."""
        return cls(0.0, np.zeros(3), np.zeros((3, 3)))

    def add(self, centres: Float64, counts: Float64) -> None:
        """Add centres (N, 3) with how many events each saw (N,)."""
        products = centres[:, :, None] * centres[:, None, :] * counts[:, None, None]
        self.count += float(counts.sum())
        self.sum_m = _added_in_turn(self.sum_m, centres * counts[:, None])
        self.products = _added_in_turn(self.products, products)

    def covariance(self) -> Float64:
        """Return the covariance of the centres, (3, 3) m²; zero without any."""
        if self.count == 0:
            return np.zeros((3, 3))
        mean = self.sum_m / self.count
        return np.asarray(self.products / self.count - np.outer(mean, mean))


def _added_in_turn(total: Float64, terms: Float64) -> Float64:
    """Add terms one after the other, so that rounding does not depend on how they were grouped."""
    return np.asarray(np.cumsum(np.concatenate([total[None], terms]), axis=0)[-1])


def disparity_span(covariance: Float64, rays: Float64, camera: Camera) -> Float64:
    """
    Return the parallax over a window, px m: the length of a uniform spread of its variance.

    Parameters
    ----------
    covariance : float64 (3, 3)
        Of the camera centres in the keyframe, m².
    rays : float64 (M, 2)
        x / z and y / z in the keyframe.
    camera : Camera
        Its focal lengths make pixels.

    """
    x, y = rays[:, 0], rays[:, 1]
    cxx, cyy, czz = covariance[0, 0], covariance[1, 1], covariance[2, 2]
    across = camera.fx**2 * (cxx - 2 * x * covariance[0, 2] + x * x * czz)
    down = camera.fy**2 * (cyy - 2 * y * covariance[1, 2] + y * y * czz)
    return np.asarray(_SPAN_OF_STD * np.sqrt(np.maximum(across + down, 0.0)))
