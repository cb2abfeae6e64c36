"""
Flicker: how far depth changes from frame to frame other than its target does.

temporal_log_error = mean of |(ln p_k - ln p_(k-1)) - (ln y_k - ln y_(k-1))| over all frames and
the pixels used in both. No motion field is needed: what moves changes the target as well.
Laws: a perfect prediction, and one that is wrong by the same factor in every frame, has 0; frames
without a common pixel take no part.

"""

import math

from eventdepth_core.evaluation.masking import JudgedImage
from eventdepth_core.evaluation.metric_means import ExactSum
from eventdepth_core.types import Float64
import numpy as np


class TemporalConsistency:
    """Gathers the judged images of a sequence in their order."""

    def __init__(self) -> None:
        self._last: Float64 | None = None
        self._sum = ExactSum()
        self._num = 0

    def add(self, image: JudgedImage) -> None:
        """Take in the next image; one of another size starts anew."""
        ratio = np.full(image.used.shape, np.nan)
        counts = image.used & (image.predicted_m > 0)
        ratio[counts] = np.log(image.predicted_m[counts]) - np.log(image.target_m[counts])
        last, self._last = self._last, ratio
        if last is None or last.shape != ratio.shape:
            return
        change = np.abs(ratio - last)
        common = np.isfinite(change)
        if common.any():
            self._sum.add(float(change[common].sum()))
            self._num += int(common.sum())

    @property
    def log_error(self) -> float:
        """`temporal_log_error` so far; NaN without two frames that share a pixel."""
        return self._sum.total / self._num if self._num else math.nan
