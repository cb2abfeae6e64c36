"""
At which rate of depth images a machine keeps up, from what a live graph measured.

One thread infers and publishes, one image after the other, so a period that has room for both is
kept: rate = 1 / (p95 of inference + p95 of publishing), rounded down to 0.1 Hz. The times are
those of the graph at work, with all its other processes. What was seen bounds what is computed: a
graph that dropped triggers for want of time sustains no more than the rate that came out of it,
one that dropped none at least that rate. Law: fewer than `MIN_FRAMES` images, or times that were
not told, give NaN.

"""

from dataclasses import dataclass
import math
from typing import Final

from eventdepth_core.report.evaluation_summary import EvaluationSummary, GraphFacts
from eventdepth_core.types import MODALITIES

MIN_FRAMES: Final = 5
STAGES: Final = ('infer', 'publish')
STEPS_PER_HZ: Final = 10
MS_PER_S: Final = 1e3
EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class SustainedRate:
    """
    The rate, Hz, and what it holds for.

    `work_ms` is the p95 of inference plus that of publishing, `num_frames` the images behind it,
    `num_modalities` the most inputs that entered one of them; width and height are pixels of the
    depth image, 0 where none came.

    """

    rate_hz: float = math.nan
    work_ms: float = math.nan
    num_frames: int = 0
    width: int = 0
    height: int = 0
    num_modalities: int = 0

    @property
    def sentence(self) -> str:
        """Say it with what it was measured with."""
        if not math.isfinite(self.rate_hz):
            return f'no rate can be told from {self.num_frames} frames (at least {MIN_FRAMES})'
        inputs = '1 modality' if self.num_modalities == 1 else f'{self.num_modalities} modalities'
        return (
            f'this machine keeps up at up to {self.rate_hz:.1f} Hz at {self.width}x{self.height} '
            f'with {inputs} (inference + publishing {self.work_ms:.0f} ms p95, '
            f'{self.num_frames} frames)'
        )


def sustained_rate(summary: EvaluationSummary) -> SustainedRate:
    """Return the rate at which the machine that the graph ran on keeps up."""
    graph = summary.graph
    height, width = summary.size
    work_ms = _work_ms(graph)
    return SustainedRate(
        rate_hz=_rate_hz(graph, summary.timing.predicted_hz, work_ms),
        work_ms=work_ms,
        num_frames=graph.num_frames,
        width=width,
        height=height,
        num_modalities=max(map(_num_modalities, summary.modalities), default=0),
    )


def _num_modalities(subset: str) -> int:
    return sum(name in MODALITIES for name in subset.split('+'))


def _work_ms(graph: GraphFacts) -> float:
    p95_ms = {stage.stage: stage.p95_ms for stage in graph.latencies}
    return sum(p95_ms.get(name, math.nan) for name in STAGES)


def _rate_hz(graph: GraphFacts, received_hz: float, work_ms: float) -> float:
    if graph.num_frames < MIN_FRAMES or not work_ms > 0.0:
        return math.nan
    rate_hz = MS_PER_S / work_ms
    if math.isfinite(received_hz):
        is_overloaded = graph.drops.get('overload', 0) > 0
        rate_hz = min(rate_hz, received_hz) if is_overloaded else max(rate_hz, received_hz)
    return math.floor(rate_hz * STEPS_PER_HZ + EPSILON) / STEPS_PER_HZ
