"""
Points at a step of depth: a third of them is wrong, in a map that is right otherwise.

A point of the far side close to one of the near side may be hidden by it, where the near thing has
no edges that would say so; one of the near side may lie a pixel beyond its edge, over the far
side. Law: a map whose points all differ by less than the step stays as it is.

"""

import cv2
from eventdepth_core.types import Bool, Float32
import numpy as np


def at_steps(inverse_depth: Float32, *, reach_px: int, ratio: float) -> Bool:
    """
    Return which points have another within reach that is nearer or farther by a ratio.

    Parameters
    ----------
    inverse_depth : float32 (H, W)
        1/m, NaN = no point.
    reach_px : int
        Rows and columns away.
    ratio : float
        Above 1.

    """
    is_point = np.isfinite(inverse_depth)
    around = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    nearest = cv2.dilate(np.where(is_point, inverse_depth, np.float32(0.0)), around)
    farthest = cv2.erode(np.where(is_point, inverse_depth, np.float32(np.inf)), around)
    is_step = (nearest > ratio * inverse_depth) | (farthest < inverse_depth / ratio)
    return np.asarray(is_step & is_point)
