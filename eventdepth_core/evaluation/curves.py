"""
What one figure hides: error against distance, sparsification, expected against observed coverage.

Each gathers the used pixels of judged images, as the metrics do. Laws: memory does not grow with
the images; no pixels give empty curves, never a warning.

"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from eventdepth_core.evaluation.calibration import has_std, NUM_STEPS, sparsification
from eventdepth_core.evaluation.masking import JudgedImage
from eventdepth_core.types import Float64
import numpy as np

EDGES_PER_DECADE: Final = 10
FIRST_EDGE_M, DECADES = 0.1, 4
LEVELS: Final = tuple(round(0.05 * k, 2) for k in range(1, 20))
"""Expected shares of targets inside a central interval of the predicted normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class DistanceCurve:
    """
    Errors of the targets between `edges_m[k]` and `edges_m[k + 1]`, float64 (num_bins,) each.

    `share` is the part of all pixels; bins without a pixel are NaN.

    """

    edges_m: Float64
    share: Float64
    abs_rel: Float64
    mae_m: Float64


@dataclass(frozen=True, slots=True, eq=False)
class SparsificationCurve:
    """Mean over images of one sparsification; `ause` belongs to `error`, 20 steps."""

    error: str
    removed: Float64
    by_std: Float64
    by_error: Float64
    ause: float


@dataclass(frozen=True, slots=True, eq=False)
class CoverageCurve:
    """
    Shares of targets inside central intervals, `expected` of a normal distribution, `observed`.

    `calibration_error` is the mean absolute difference.

    """

    expected: Float64
    observed: Float64
    num_pixels: int

    @property
    def calibration_error(self) -> float:
        """Mean absolute difference of the two shares; NaN without a pixel."""
        return float(np.mean(np.abs(self.observed - self.expected)))


class ErrorByDistance:
    """Errors in bins of target distance, ten a decade from 0.1 m to 1 km, the ends open."""

    def __init__(self) -> None:
        self._edges_m = FIRST_EDGE_M * 10.0 ** (
            np.arange(DECADES * EDGES_PER_DECADE + 1) / EDGES_PER_DECADE
        )
        self._sums = np.zeros((3, self._edges_m.size - 1))

    def add(self, image: JudgedImage) -> None:
        """Take in the used pixels of an image."""
        target_m = image.target_m[image.used]
        error_m = np.abs(image.predicted_m[image.used] - target_m)
        place = np.searchsorted(self._edges_m[1:-1], target_m, side='right')
        num_bins = self._sums.shape[1]
        for row, weight in enumerate((np.ones_like(error_m), error_m / target_m, error_m)):
            self._sums[row] += np.bincount(place, weight, minlength=num_bins)

    def curve(self) -> DistanceCurve:
        """Return the curve from the first to the last bin with a pixel."""
        filled = np.flatnonzero(self._sums[0])
        first, last = (filled[0], filled[-1] + 1) if filled.size else (0, 0)
        counts, abs_rel, mae_m = self._sums[:, first:last]
        has_any = counts > 0
        empty = np.full(counts.shape, np.nan)
        return DistanceCurve(
            edges_m=self._edges_m[first : last + 1],
            share=counts / max(counts.sum(), 1.0),
            abs_rel=np.divide(abs_rel, counts, out=empty.copy(), where=has_any),
            mae_m=np.divide(mae_m, counts, out=empty, where=has_any),
        )


class SparsificationCurves:
    """Sparsification of the relative error and of the RMSE, mean over images."""

    def __init__(self) -> None:
        self._sums = np.zeros((4, NUM_STEPS))
        self._num = 0

    def add(self, image: JudgedImage) -> None:
        """Take in an image with standard deviations."""
        pixels = _with_std(image)
        if pixels is None:
            return
        predicted_m, target_m, std_m = pixels
        error_m = np.abs(predicted_m - target_m)
        relative = sparsification(error_m / target_m, std_m / predicted_m)
        square = sparsification(error_m, std_m, reduction='root_mean_square')
        self._sums += (relative.by_std, relative.by_error, square.by_std, square.by_error)
        self._num += 1

    def curves(self) -> tuple[SparsificationCurve, ...]:
        """Return one curve for each error, none without an image."""
        if self._num == 0:
            return ()
        rows = self._sums / self._num
        removed = np.arange(NUM_STEPS) / NUM_STEPS
        pairs = {'abs_rel': (rows[0], rows[1]), 'rmse': (rows[2], rows[3])}
        return tuple(
            SparsificationCurve(
                error, removed, by_std, by_error, ause=float(np.mean(by_std - by_error))
            )
            for error, (by_std, by_error) in pairs.items()
        )


class Coverage:
    """Share of targets inside central intervals of a normal distribution with the std told."""

    def __init__(self) -> None:
        self._limits = np.array([NormalDist().inv_cdf((1 + level) / 2) for level in LEVELS])
        self._counts = np.zeros(len(LEVELS) + 1, np.int64)

    def add(self, image: JudgedImage) -> None:
        """Take in an image with standard deviations."""
        pixels = _with_std(image)
        if pixels is None:
            return
        predicted_m, target_m, std_m = pixels
        place = np.searchsorted(self._limits, np.abs(predicted_m - target_m) / std_m)
        self._counts += np.bincount(place, minlength=self._counts.size)

    def curve(self) -> CoverageCurve | None:
        """Return the curve, None without a pixel."""
        num_pixels = int(self._counts.sum())
        if num_pixels == 0:
            return None
        observed = np.cumsum(self._counts[:-1]) / num_pixels
        return CoverageCurve(np.array(LEVELS), observed, num_pixels)


def _with_std(image: JudgedImage) -> tuple[Float64, Float64, Float64] | None:
    """Return prediction, target and std (N,) of the used pixels with a std, None if none has."""
    if image.std_m is None:
        return None
    used = image.used & has_std(image.predicted_m, image.std_m)
    if not used.any():
        return None
    return image.predicted_m[used], image.target_m[used], image.std_m[used]
