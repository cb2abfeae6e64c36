"""
ALED's further figures: events between LiDAR rows, and the change of depth within a window.

A network with two depths, before and after the events of a window, is judged on the change
D_af - D_bf at event pixels. Laws: pixels without both targets take no part; no such pixel gives
NaN and n = 0.

"""

import math

from eventdepth_core.types import Bool, Float32, Float64, real_array
import numpy as np
from numpy.typing import ArrayLike

CHANGE_THRESHOLD_M = 1.0


def event_pixels_between_lidar(event_counts: ArrayLike, sparse_depth_m: Float32) -> Bool:
    """
    Return where events fired between the top and the bottom row with a LiDAR point.

    Parameters
    ----------
    event_counts : (H, W)
        Events of the window; anything but 0 fired.
    sparse_depth_m : float32 (H, W)
        LiDAR points in metres, NaN = none.

    Returns
    -------
    bool (H, W)
        For the argument `valid` of `evaluate`.

    """
    fired: Bool = real_array(event_counts, name='event_counts') != 0
    rows = np.flatnonzero((np.isfinite(sparse_depth_m) & (sparse_depth_m > 0)).any(axis=1))
    inside = np.zeros(fired.shape[0], np.bool_)
    if rows.size:
        inside[rows[0] : rows[-1] + 1] = True
    restricted: Bool = fired & inside[:, None]
    return restricted


def depth_change(
    predicted_m: tuple[Float64, Float64],
    target_m: tuple[Float64, Float64],
    valid: Bool,
    *,
    threshold_m: float = CHANGE_THRESHOLD_M,
) -> dict[str, float]:
    """
    Judge the change between the depths before and after a window.

    Parameters
    ----------
    predicted_m, target_m : (before, after), float64 (H, W) each
        Metres, NaN = none.
    valid : bool (H, W)
        Event pixels.
    threshold_m : float
        Changes beyond it count as nearer or farther, others as unchanged.

    Returns
    -------
    dict
        `change_mae` in metres, `change_class_accuracy` 0 to 1, and `n`.

    """
    predicted, target = predicted_m[1] - predicted_m[0], target_m[1] - target_m[0]
    used = valid & np.isfinite(predicted) & np.isfinite(target)
    if not used.any():
        return {'change_mae': math.nan, 'change_class_accuracy': math.nan, 'n': 0}
    classes = [_class(change[used], threshold_m) for change in (predicted, target)]
    return {
        'change_mae': float(np.mean(np.abs(predicted - target)[used])),
        'change_class_accuracy': float(np.mean(classes[0] == classes[1])),
        'n': int(used.sum()),
    }


def _class(change_m: Float64, threshold_m: float) -> Float64:
    """Return -1 nearer, 0 unchanged, +1 farther."""
    return (change_m > threshold_m).astype(np.float64) - (change_m < -threshold_m)
