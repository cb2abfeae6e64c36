"""
Trivial predictions that every model is printed beside.

Laws: a fill sees nothing but the sparse points; the constant sees one number of the training set.

"""

from dataclasses import dataclass

from eventdepth_core.geometry import prefill, spread_switch
from eventdepth_core.types import Float32
import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class FillBaselines:
    """Dense depth from sparse points without a model, float32 (H, W) metres each."""

    nearest: Float32
    linear: Float32
    switch: Float32


def fill_baselines(sparse_depth_m: Float32) -> FillBaselines:
    """
    Fill sparse depth in the three untrained ways.

    Parameters
    ----------
    sparse_depth_m : float32 (H, W)
        Metres, NaN = not measured.

    """
    filled = prefill(sparse_depth_m)
    return FillBaselines(filled.nearest_m, filled.linear_m, spread_switch(filled))


def constant_median(depths_m: Float32, size: tuple[int, int]) -> Float32:
    """
    Predict the median of all measured depths everywhere.

    Parameters
    ----------
    depths_m : float32, any shape
        Depths of the training set in metres; NaN, infinite or not positive counts as none.
    size : (int, int)
        Height and width of the prediction.

    Returns
    -------
    float32 (H, W)
        The median in metres, NaN without any measured depth.

    """
    measured = depths_m[np.isfinite(depths_m) & (depths_m > 0)]
    median = np.median(measured) if measured.size else np.nan
    return np.full(size, median, np.float32)


def mean_depth_map(depths_m: Float32) -> Float32:
    """
    Predict each pixel's geometric mean over a training set: no sensor, layout only.

    Parameters
    ----------
    depths_m : float32 (B, H, W)
        Metres; NaN, infinite or not positive counts as none.

    Returns
    -------
    float32 (H, W)
        Metres, NaN where no image measured the pixel.

    """
    measured = np.isfinite(depths_m) & (depths_m > 0)
    logs = np.log(depths_m, out=np.zeros(depths_m.shape), where=measured)  # (B, H, W)
    num_measured = measured.sum(axis=0)
    mean = np.exp(logs.sum(axis=0) / np.maximum(num_measured, 1))
    return np.where(num_measured > 0, mean, np.nan).astype(np.float32)
