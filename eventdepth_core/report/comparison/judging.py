"""
Judge one run of predictions, pair by pair: metrics, subsets, curves, worst frames.

Laws: memory does not grow with the pairs; a pair of different sizes is counted and never resized;
trivial predictions are judged on exactly the pixels that the prediction was judged on.

"""

from collections import Counter
from collections.abc import Callable
import heapq
from typing import Final

from eventdepth_core.evaluation import constant_median, Profile, RunningEvaluation
from eventdepth_core.evaluation.curves import Coverage, ErrorByDistance, SparsificationCurves
from eventdepth_core.evaluation.masking import JudgedImage
from eventdepth_core.evaluation.protocol import images_of
from eventdepth_core.evaluation.statement import Provenance, statement_of
from eventdepth_core.evaluation.temporal import TemporalConsistency
from eventdepth_core.report.comparison.depth_maps import Key
from eventdepth_core.report.comparison.pairing import Pair
from eventdepth_core.report.comparison.result import RunResult, WorstFrame
from eventdepth_core.report.summary import SubsetMetrics
from eventdepth_core.types import Bool, Float32, Float64
import numpy as np

NUM_WORST: Final = 4
MAX_SIDE_PX: Final = 480
NO_TARGET: Final = 'prediction without target'
NO_PREDICTION: Final = 'target without prediction'
MEDIAN: Final = 'median of each target'


class RunJudge:
    """
    Takes the pairs of one run, in order.

    Parameters
    ----------
    rules : Profile
        The protocol.
    subset_of : callable, optional
        Names what entered the frame of a key; without it nothing is told by subset.

    """

    def __init__(self, rules: Profile, subset_of: Callable[[Key], str] | None = None) -> None:
        self._rules = rules
        self._subset_of = subset_of
        self._whole = RunningEvaluation(rules)
        self._subsets: dict[str, RunningEvaluation] = {}
        self._median = RunningEvaluation(rules)
        self._temporal = TemporalConsistency()
        self._distance = ErrorByDistance()
        self._sparsification = SparsificationCurves()
        self._coverage = Coverage()
        self._worst: list[tuple[float, int, WorstFrame]] = []
        self._dropped: Counter[str] = Counter()
        self._num_pairs = 0

    def add(self, pair: Pair, std_m: Float32 | None = None, valid: Bool | None = None) -> None:
        """Judge a pair; one that lacks a side, or of two sizes, is counted."""
        predicted_m, target_m = pair.predicted_m, pair.target_m
        if target_m is None:
            self._dropped[NO_TARGET] += 1
            return
        if predicted_m is None:
            self._dropped[NO_PREDICTION] += 1
            if self._rules.missing_frame != 'previous':
                return
            predicted_m = np.full_like(target_m, np.nan)
        elif predicted_m.shape != target_m.shape:
            self._dropped['different sizes'] += 1
            return
        else:
            self._num_pairs += 1
        for maps in images_of(predicted_m, target_m, std_m, valid):
            self._add_image(self._whole.judge(maps), pair.key)

    def drop(self, reason: str) -> None:
        """Count a pair that cannot be judged."""
        self._dropped[reason] += 1

    def result(self, name: str, predicted: str, provenance: Provenance) -> RunResult:
        """Return everything about the pairs so far."""
        num_unused = self._whole.tally.num_images - self._whole.tally.num_images_used
        dropped = Counter(self._dropped)
        dropped['no common pixel'] += num_unused
        return RunResult(
            name=name,
            predicted=predicted,
            num_pairs=self._num_pairs,
            num_unpaired=sum(self._dropped[reason] for reason in (NO_TARGET, NO_PREDICTION)),
            metrics=self._whole.metrics() | {'temporal_log_error': self._temporal.log_error},
            statement=statement_of(self._rules, self._whole.tally, +dropped, provenance),
            subsets=_by_name(self._subsets),
            baselines=_by_name({MEDIAN: self._median}),
            distance=self._distance.curve(),
            sparsification=self._sparsification.curves(),
            coverage=self._coverage.curve(),
            worst=tuple(frame for *_, frame in sorted(self._worst, reverse=True)),
        )

    def _add_image(self, image: JudgedImage, key: Key) -> None:
        values = self._whole.add(image)
        for gatherer in (self._temporal, self._distance, self._sparsification, self._coverage):
            gatherer.add(image)
        if self._subset_of is not None:
            name = self._subset_of(key)
            self._again(self._subsets.setdefault(name, RunningEvaluation(self._rules)), image)
        if image.used.any():
            self._add_median(image)
            self._keep_worst(image, key, values['abs_rel'])

    def _again(self, evaluation: RunningEvaluation, image: JudgedImage) -> None:
        """Count an image that was judged already in another evaluation."""
        evaluation.count(image)
        evaluation.add(image)

    def _add_median(self, image: JudgedImage) -> None:
        target_m = np.where(image.used, image.target_m, np.nan)
        flat = constant_median(target_m.astype(np.float32), target_m.shape).astype(np.float64)
        self._again(
            self._median,
            JudgedImage(
                flat, image.target_m, None, image.judged, image.used, image.num_unmeasured
            ),
        )

    def _keep_worst(self, image: JudgedImage, key: Key, abs_rel: float) -> None:
        place = (abs_rel, -self._num_pairs)
        if len(self._worst) == NUM_WORST and place <= self._worst[0][:2]:
            return
        if any(place == kept[:2] for kept in self._worst):
            return  # another image of the same map, as bad
        frame = _worst_frame(image, _text(key), abs_rel)
        push = heapq.heappush if len(self._worst) < NUM_WORST else heapq.heappushpop
        push(self._worst, (*place, frame))


def _worst_frame(image: JudgedImage, key: str, abs_rel: float) -> WorstFrame:
    step = -(-max(image.used.shape) // MAX_SIDE_PX)
    shown = np.where(image.used, 0.0, np.nan)

    def thin(values: Float64) -> Float32:
        thinned: Float32 = (values + shown)[::step, ::step].astype(np.float32)
        return thinned

    error = np.abs(image.predicted_m - image.target_m) / image.target_m
    return WorstFrame(
        key=key,
        abs_rel=abs_rel,
        num_pixels=int(image.used.sum()),
        predicted_m=thin(image.predicted_m),
        target_m=thin(image.target_m),
        relative_error=thin(error),
        std_m=None if image.std_m is None else thin(image.std_m),
    )


def _by_name(evaluations: dict[str, RunningEvaluation]) -> tuple[SubsetMetrics, ...]:
    return tuple(
        SubsetMetrics(name, each.tally.num_images_used, each.metrics())
        for name, each in sorted(evaluations.items())
        if each.tally.num_images_used
    )


def _text(key: Key) -> str:
    number, name = key
    return name if number < 0 else f'{name}{number}'
