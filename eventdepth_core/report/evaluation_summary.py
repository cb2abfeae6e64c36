"""
Values of a finished evaluation of a live graph: pairs, metrics, and whether the graph kept up.

Law: without a pair `reason` says why, and every number is still there.

"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from eventdepth_core.report.summary import FramePicture, SubsetMetrics, Versions


@dataclass(frozen=True, slots=True)
class PairCounts:
    """
    What came and what became of it.

    `num_pairs` counts images that met a reference, `num_compared` those of them that had a pixel
    in common; `refused` counts by reason what could not be read or compared; `num_restarts` how
    often the time of a stream went back.

    """

    num_predicted: int = 0
    num_std: int = 0
    num_targets: int = 0
    num_pairs: int = 0
    num_compared: int = 0
    num_unmatched_predicted: int = 0
    num_unmatched_targets: int = 0
    num_restarts: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageLatency:
    """Wall time of one stage of the live graph, ms; NaN where it was not told."""

    stage: str
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class GraphFinding:
    """A WARN or ERROR of a node: where, how bad, what, and in how many reports it stood."""

    part: str
    level: str
    text: str
    num_reports: int


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """
    What the depth node said about itself.

    `num_reports` is 0 where it said nothing. Law of the node: num_triggers = num_frames + the sum
    of `drops` + num_pending. `engine` holds what runs the model, by name, as text.

    """

    node: str = ''
    num_reports: int = 0
    num_triggers: int = 0
    num_frames: int = 0
    num_pending: int = 0
    drops: Mapping[str, int] = field(default_factory=dict)
    rate_hz: float = float('nan')
    engine: Mapping[str, str] = field(default_factory=dict)
    latencies: tuple[StageLatency, ...] = ()
    findings: tuple[GraphFinding, ...] = ()

    @property
    def num_dropped(self) -> int:
        """Triggers that gave no depth image."""
        return sum(self.drops.values())


@dataclass(frozen=True, slots=True)
class EvaluationTiming:
    """When the evaluation began (UTC, ISO 8601), how long it ran, and the rate that came."""

    started: str = ''
    duration_s: float = float('nan')
    predicted_hz: float = float('nan')


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSummary:
    """
    A finished evaluation.

    `metrics` are by subset of the inputs, `baselines` the trivial predictions on the same frames,
    `modalities`, `scales` and `incomplete` count the compared frames; `size` is height and width
    of the newest depth image, pixels.

    """

    predicted_topic: str
    target_topic: str
    tolerance_ms: float
    profile: str
    reason: str
    counts: PairCounts
    metrics: tuple[SubsetMetrics, ...]
    baselines: tuple[SubsetMetrics, ...]
    modalities: Mapping[str, int]
    scales: Mapping[str, int]
    incomplete: Mapping[str, int]
    graph: GraphFacts
    versions: Versions
    timing: EvaluationTiming
    size: tuple[int, int] = (0, 0)
    pictures: tuple[FramePicture, ...] = ()
