"""
An evaluation of a running graph: samples in, metrics by frame and a summary out; no ROS.

A depth image waits for its standard deviation and its reference, and then for the next depth
image, because by then the mode that it was made in is known. Laws: everything that waits is
bounded; what cannot be read or compared is counted by its reason and costs that frame alone.

"""

from collections import Counter, deque, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
import time
from typing import Final

from eventdepth_core.errors import EventDepthError
from eventdepth_core.replay.comparison import ComparedDepth, Comparison, UNKNOWN
from eventdepth_core.report.evaluation_summary import (
    EvaluationSummary,
    EvaluationTiming,
    PairCounts,
)
from eventdepth_core.report.versions import installed_versions
from eventdepth_core.types import DepthSample, ENTERED, Float32
from eventdepth_ros.diagnostics.messages import action_for, Finding, finding
from eventdepth_ros.evaluating.backdrops import Backdrops
from eventdepth_ros.evaluating.graph_health import GraphHealth
from eventdepth_ros.evaluating.measured_points import MeasuredPoints
from eventdepth_ros.evaluating.modes import ModeHistory
from eventdepth_ros.evaluating.pairing import StampPairs

US_PER_MS: Final = 1e3
US_PER_S: Final = 1e6
MAX_WITHOUT_STD: Final = 4
NO_TARGET: Final = 'No reference was asked for: target.topic is empty.'


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """What is compared; `std_topic` and `target_topic` are '' where none comes."""

    predicted_topic: str
    target_topic: str
    std_topic: str = ''
    tolerance_ms: float = 1.0
    profile: str = 'plain'
    has_baselines: bool = True
    num_pictures: int = 6
    node: str = ''


@dataclass(frozen=True, slots=True)
class FrameMetrics:
    """The metrics of one compared frame."""

    stamp_us: int
    subset: str
    values: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Predicted:
    """A depth image with its standard deviation, if that came."""

    depth: DepthSample
    std_m: Float32 | None


class Evaluation:
    """
    Takes samples in and compares what belongs together.

    Parameters
    ----------
    options : EvaluationOptions
        What is compared, and how.
    on_compared : callable
        Takes the `FrameMetrics` of each compared frame.

    """

    def __init__(
        self, options: EvaluationOptions, on_compared: Callable[[FrameMetrics], None]
    ) -> None:
        self.options = options
        self.modes = ModeHistory()
        self.backdrops = Backdrops()
        self.points = MeasuredPoints()
        self.health = GraphHealth(options.node)
        self.comparison = Comparison(
            options.profile,
            num_pictures=options.num_pictures,
            has_baselines=options.has_baselines,
        )
        self.refused: Counter[str] = Counter()
        self._on_compared = on_compared
        self._pairs: StampPairs[_Predicted, DepthSample] = StampPairs(
            round(options.tolerance_ms * US_PER_MS)
        )
        self._depths: OrderedDict[int, DepthSample] = OrderedDict()
        self._stds: OrderedDict[int, Float32] = OrderedDict()
        self._matched: deque[tuple[_Predicted, DepthSample | None]] = deque()
        self._num_std = 0
        self._num_shown = 0
        self._size = (0, 0)
        self._first_us: int | None = None
        self._newest_us: int | None = None
        self._started = datetime.now(tz=timezone.utc).isoformat(timespec='seconds')
        self._started_s = time.monotonic()
        self._received_s: list[float] = []  # first and last
        self._target_s: float | None = None

    def take_depth(self, sample: DepthSample) -> None:
        """Take in a predicted depth."""
        self._note_arrival(sample.stamp_us)
        height, width = sample.depth_m.shape
        self._size = (height, width)
        self._depths[sample.stamp_us] = sample
        self._join(sample.stamp_us)
        while len(self._depths) > MAX_WITHOUT_STD:
            self._pass_on(*self._depths.popitem(last=False), std_m=None)
        self._compare_settled()

    def take_std(self, sample: DepthSample) -> None:
        """Take in the standard deviation of a predicted depth."""
        self._num_std += 1
        self._stds[sample.stamp_us] = sample.depth_m
        while len(self._stds) > MAX_WITHOUT_STD:
            self._stds.popitem(last=False)
        self._join(sample.stamp_us)
        self._compare_settled()

    def take_target(self, sample: DepthSample) -> None:
        """Take in a reference depth."""
        self._target_s = time.monotonic()
        pair = self._pairs.add_second(sample.stamp_us, sample)
        if pair is not None:
            self._matched.append(pair)
        self._compare_settled()

    def refuse(self, reason: str) -> None:
        """Count what could not be read."""
        self.refused[reason] += 1

    def finish(self) -> None:
        """Compare what has met by now and let the rest go."""
        while self._depths:
            self._pass_on(*self._depths.popitem(last=False), std_m=None)
        self.settle()
        self._pairs.finish()

    def settle(self) -> None:
        """Compare all that has met: no more is to come, or not soon."""
        self._newest_us = None
        self._compare_settled()

    def silent_s(self) -> float:
        """Return the seconds since the last reference, or depth where there is no reference."""
        last_s = self._target_s
        if not self.options.target_topic:
            last_s = self._received_s[-1] if self._received_s else None
        return 0.0 if last_s is None else time.monotonic() - last_s

    @property
    def num_shown(self) -> int:
        """How many frames the pictures are chosen from so far."""
        return self._num_shown

    def counts(self) -> PairCounts:
        """Return what came and what became of it so far."""
        first, second = self._pairs.first, self._pairs.second
        return PairCounts(
            num_predicted=first.num_items + len(self._depths),
            num_std=self._num_std,
            num_targets=second.num_items,
            num_pairs=self._pairs.num_pairs,
            num_compared=self.comparison.num_compared,
            num_unmatched_predicted=first.num_unmatched,
            num_unmatched_targets=second.num_unmatched,
            num_restarts=first.num_restarts + second.num_restarts,
            refused=dict(self.refused),
        )

    def summary(self) -> EvaluationSummary:
        """Return everything that metrics.json and report.html say."""
        comparison, options = self.comparison, self.options
        trouble = self.trouble()
        reason = NO_TARGET if trouble is None else trouble.text
        return EvaluationSummary(
            predicted_topic=options.predicted_topic,
            target_topic=options.target_topic,
            tolerance_ms=options.tolerance_ms,
            profile=options.profile,
            reason=reason if comparison.num_compared == 0 else '',
            counts=self.counts(),
            metrics=comparison.metrics(),
            baselines=comparison.baselines(),
            modalities=comparison.modalities,
            scales=comparison.scales,
            incomplete=comparison.incomplete,
            graph=self.health.facts(),
            versions=installed_versions(),
            timing=self._timing(),
            size=self._size,
            pictures=comparison.pictures(),
        )

    def trouble(self) -> Finding | None:
        """Return why nothing is compared, or what is refused; None where all is well."""
        counts, options = self.counts(), self.options
        if counts.num_predicted == 0:
            return finding('evaluation.no_predicted', topic=options.predicted_topic)
        if not options.target_topic:
            return None
        if counts.num_targets == 0:
            return finding('evaluation.no_target', topic=options.target_topic)
        return self._why_not_compared(counts)

    def _why_not_compared(self, counts: PairCounts) -> Finding | None:
        if self.refused:
            reason = self.refused.most_common(1)[0][0]
            num, action = self.refused.total(), action_for(reason)
            return finding('evaluation.refused', num=num, reason=reason, action=action)
        if counts.num_pairs == 0:
            return finding(
                'evaluation.no_pairs',
                num_predicted=counts.num_predicted,
                num_targets=counts.num_targets,
            )
        if counts.num_compared == 0:
            return finding('evaluation.no_pixels', num=counts.num_pairs)
        return None

    def _note_arrival(self, stamp_us: int) -> None:
        if self._first_us is None:
            self._first_us = stamp_us
        self._newest_us = stamp_us
        self._received_s = [*self._received_s[:1], time.monotonic()]

    def _join(self, stamp_us: int) -> None:
        """Pass a depth on when its standard deviation is there or will never come."""
        if stamp_us not in self._depths:
            return
        if stamp_us in self._stds or not self.options.std_topic:
            std_m = self._stds.pop(stamp_us, None)
            self._pass_on(stamp_us, self._depths.pop(stamp_us), std_m=std_m)

    def _pass_on(self, stamp_us: int, depth: DepthSample, *, std_m: Float32 | None) -> None:
        predicted = _Predicted(depth, std_m)
        pair = self._pairs.add_first(stamp_us, predicted)
        if pair is not None:
            self._matched.append(pair)
        elif not self.options.target_topic:
            self._matched.append((predicted, None))

    def _compare_settled(self) -> None:
        """Compare the pairs whose mode is known: all but that of the newest depth image."""
        for _ in range(len(self._matched)):
            predicted, target = self._matched.popleft()
            if predicted.depth.stamp_us == self._newest_us:
                self._matched.append((predicted, target))
                continue
            try:
                self._compare(predicted, target)
            except EventDepthError as error:
                self.refuse(error.reason)

    def _compare(self, predicted: _Predicted, target: DepthSample | None) -> None:
        depth = predicted.depth
        stamp_us, mode = depth.stamp_us, self.modes.at(depth.stamp_us)
        sparse_m = None
        if self.options.has_baselines:
            sparse_m = self.points.sparse_depth(stamp_us, depth.depth_m.shape)
        pair = ComparedDepth(
            depth_m=depth.depth_m,
            target_m=None if target is None else target.depth_m,
            stamp_us=stamp_us,
            elapsed_s=(stamp_us - (self._first_us or 0)) / US_PER_S,
            mode=mode,
            std_m=predicted.std_m,
            sparse_m=sparse_m,
        )
        self._num_shown += 1
        entered = ENTERED if mode.scale == UNKNOWN else mode.modalities
        values = self.comparison.add(pair, lambda: self.backdrops.at(stamp_us, entered))
        if values:
            self._on_compared(FrameMetrics(stamp_us, mode.subset, values))

    def _timing(self) -> EvaluationTiming:
        arrivals_s = self._received_s
        spans_s = arrivals_s[-1] - arrivals_s[0] if len(arrivals_s) > 1 else 0.0
        num = self._pairs.first.num_items - 1
        return EvaluationTiming(
            started=self._started,
            duration_s=time.monotonic() - self._started_s,
            predicted_hz=num / spans_s if spans_s > 0 else float('nan'),
        )
