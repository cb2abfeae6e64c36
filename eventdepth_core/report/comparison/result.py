"""Values of finished comparisons of predictions with their targets, one `RunResult` each."""

from collections.abc import Mapping
from dataclasses import dataclass

from eventdepth_core.evaluation.curves import CoverageCurve, DistanceCurve, SparsificationCurve
from eventdepth_core.evaluation.statement import Statement
from eventdepth_core.report.summary import SubsetMetrics, Versions
from eventdepth_core.types import Float32


@dataclass(frozen=True, slots=True, eq=False)
class WorstFrame:
    """
    A frame with a large error, thinned to fewer pixels.

    `predicted_m`, `target_m`, `relative_error` and `std_m` (None without) float32 (h, w), NaN
    where the pixel was not used; the error is |p - y| / y.

    """

    key: str
    abs_rel: float
    num_pixels: int
    predicted_m: Float32
    target_m: Float32
    relative_error: Float32
    std_m: Float32 | None


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """
    One set of predictions against the target.

    `metrics` are those of `evaluate` and `temporal_log_error`; `subsets` the same by what entered
    the frames; `baselines` of trivial predictions on the same pixels.

    """

    name: str
    predicted: str
    num_pairs: int
    num_unpaired: int
    metrics: Mapping[str, float]
    statement: Statement
    subsets: tuple[SubsetMetrics, ...]
    baselines: tuple[SubsetMetrics, ...]
    distance: DistanceCurve
    sparsification: tuple[SparsificationCurve, ...]
    coverage: CoverageCurve | None
    worst: tuple[WorstFrame, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonSummary:
    """All runs against one target under one profile; `quantity` is depth or disparity."""

    target: str
    profile: str
    quantity: str
    runs: tuple[RunResult, ...]
    versions: Versions
