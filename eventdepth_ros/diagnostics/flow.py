"""
The statuses of what comes out: latency, mode, outputs, drops.

Laws: triggers = images + drops + pending at any moment; a drop is told with its most frequent
reason; nothing is called late, slow or lost before the first image.

"""

from collections import Counter
import math
from typing import Final, TYPE_CHECKING

from eventdepth_core.evaluation.quality import FrameQuality
from eventdepth_core.types import Modality
from eventdepth_ros.diagnostics.facts import MonitorOptions
from eventdepth_ros.diagnostics.hysteresis import Hysteresis, Level, Thresholds
from eventdepth_ros.diagnostics.latency import LatencySummary, StageLatencies
from eventdepth_ros.diagnostics.messages import action_for, Finding, finding
from eventdepth_ros.diagnostics.moment import Moment
from eventdepth_ros.diagnostics.rates import CounterRate, RateMeter
from eventdepth_ros.diagnostics.stages import stage_latencies
from eventdepth_ros.diagnostics.status import number, Status, status_of

if TYPE_CHECKING:
    from eventdepth_core.realtime import LiveFrame, LiveStatus

US_PER_S: Final = 1e6
NS_PER_S: Final = 1e9
NEVER: Final = math.inf
SHARE_WINDOW_S: Final = 5.0
LATE_SHARE: Final = Thresholds(0.05, 0.01, 0.5, 0.25)
LOST_COUNT: Final = Thresholds(0.0, 0.0, NEVER, NEVER, clear_s=0.0)
INCOMPLETE_SHARE: Final = Thresholds(0.2, 0.05, NEVER, NEVER, raise_s=2.0)
SLOWNESS: Final = Thresholds(1.0, 0.95, 3.0, 1.5, raise_s=2.0)
DROPPED_SHARE: Final = Thresholds(0.05, 0.01, 0.5, 0.25)
INVALID_SHARE: Final = Thresholds(0.5, 0.3, 0.99, 0.9)
NO_DEPTH_AFTER_S: Final = 3.0
SMOOTHING: Final = 0.1


class FramesWatch:
    """What the frames published so far say; fed by the inference thread, under the lock."""

    def __init__(self, options: MonitorOptions) -> None:
        self._deadline_ms = options.deadline_ms
        self.latencies = StageLatencies()
        self.rate = RateMeter(SHARE_WINDOW_S)
        self.late = RateMeter(SHARE_WINDOW_S)
        self.incomplete = RateMeter(SHARE_WINDOW_S)
        self.reasons: Counter[str] = Counter()
        self.scale = ''
        self.num_published = 0
        self.num_late = 0
        self.published_s: float | None = None
        self.valid_share = math.nan
        self.median_std_m = math.nan

    def add(self, live_frame: 'LiveFrame', published_ns: int, quality: FrameQuality) -> None:
        """Take in one published frame."""
        frame, now_s = live_frame.frame, published_ns / NS_PER_S
        latencies_ms = stage_latencies(live_frame, published_ns)
        self.latencies.add(latencies_ms)
        self.rate.add(now_s)
        if self._deadline_ms is not None and latencies_ms['total'] > self._deadline_ms:
            self.late.add(now_s)
            self.num_late += 1
        if frame.incomplete:
            self.incomplete.add(now_s)
            self.reasons.update(frame.incomplete)
        self.valid_share = _smoothed(self.valid_share, quality.valid_share)
        self.median_std_m = _smoothed(self.median_std_m, quality.median_std_m)
        self.scale = frame.scale
        self.num_published += 1
        self.published_s = now_s

    def share(self, meter: RateMeter, now_s: float) -> float:
        """Return what share of the frames of the last while `meter` has counted."""
        per_s = self.rate.per_second(now_s)
        return min(1.0, meter.per_second(now_s) / per_s) if per_s > 0 else 0.0


class LatencyPart:
    """p50, p95, p99 and maximum of each stage, and the share beyond the deadline."""

    def __init__(self, options: MonitorOptions) -> None:
        self._deadline_ms = options.deadline_ms
        self._level = Hysteresis(LATE_SHARE)

    def status(self, moment: Moment, frames: FramesWatch) -> Status:
        """Return the status of the latencies."""
        share = frames.share(frames.late, moment.now_s)
        level = self._level.update(share, moment.now_s)
        found = []
        if level > Level.OK and self._deadline_ms is not None:
            late_percent = number(100 * share, 0)
            deadline_ms = number(self._deadline_ms, 0)
            found = [
                finding(
                    'latency.deadline', level, late_percent=late_percent, deadline_ms=deadline_ms
                )
            ]
        values = [
            (f'{stage} p50/p95/p99/max (ms)', _percentiles(summary))
            for stage, summary in frames.latencies.summaries().items()
        ]
        values += [
            ('deadline (ms)', number(self._deadline_ms)),
            ('deadlines missed', str(frames.num_late)),
        ]
        return status_of('latency', found, values)


class ModePart:
    """Which modalities depth is made of, and which are lost."""

    def __init__(self, expected: tuple[Modality, ...]) -> None:
        self._expected = expected
        self._lost = Hysteresis(LOST_COUNT)
        self._incomplete = Hysteresis(INCOMPLETE_SHARE)

    def status(self, moment: Moment, frames: FramesWatch, live: 'LiveStatus | None') -> Status:
        """Return the status of the mode."""
        active = () if live is None else live.last_mode
        lost = () if not active else tuple(m for m in self._expected if m not in active)
        values = [
            ('modalities', '+'.join(active) or 'none'),
            ('wanted', '+'.join(self._expected) or 'none'),
            ('lost', '+'.join(lost) or 'none'),
            ('scale', frames.scale or '-'),
            ('window lacks', ', '.join(() if live is None else live.last_incomplete) or 'nothing'),
            *((f'frames with {why}', str(n)) for why, n in sorted(frames.reasons.items())),
        ]
        found = self._findings(moment, frames, lost)
        note = ', scale guessed' if frames.scale == 'prior' else ''
        ok_message = f'{"+".join(active)}{note}' if active else 'no depth yet'
        return status_of('mode', found, values, ok_message=ok_message)

    def _findings(
        self, moment: Moment, frames: FramesWatch, lost: tuple[Modality, ...]
    ) -> list[Finding]:
        found = []
        if self._lost.update(len(lost), moment.now_s) > Level.OK and lost:
            found.append(finding('mode.lost', lost=' and '.join(lost)))
        share = frames.share(frames.incomplete, moment.now_s)
        if self._incomplete.update(share, moment.now_s) > Level.OK:
            reasons = ', '.join(reason for reason, _ in frames.reasons.most_common(2))
            percent = number(100 * share, 0)
            found.append(finding('mode.incomplete', share_percent=percent, reasons=reasons))
        return found


class OutputsPart:
    """How often depth comes, how much of it is valid, how sure it is."""

    def __init__(self, options: MonitorOptions) -> None:
        self._least_hz = options.least_rate_hz
        self._slow = Hysteresis(SLOWNESS)
        self._invalid = Hysteresis(INVALID_SHARE)
        self._arriving_s: float | None = None

    def status(self, moment: Moment, frames: FramesWatch, *, is_arriving: bool) -> Status:
        """Return the status of the outputs; `is_arriving` says whether inputs come."""
        now_s = moment.now_s
        rate_hz = frames.rate.per_second(now_s)
        found = self._silence(moment, frames, is_arriving=is_arriving)
        if not found and is_arriving and frames.published_s is not None:
            found = self._quality(now_s, frames, rate_hz)
        values = [
            ('rate (Hz)', number(rate_hz, 2)),
            ('least rate (Hz)', number(self._least_hz, 2)),
            ('published', str(frames.num_published)),
            ('valid (%)', number(100 * frames.valid_share)),
            ('median std (m)', number(frames.median_std_m, 3)),
        ]
        paused = 'paused: simulated time stands still'
        ok_message = paused if moment.is_paused else f'{number(rate_hz)} Hz'
        return status_of('outputs', found, values, ok_message=ok_message)

    def _silence(self, moment: Moment, frames: FramesWatch, *, is_arriving: bool) -> list[Finding]:
        if not is_arriving or moment.is_paused:
            self._arriving_s = None
            return []
        if self._arriving_s is None:
            self._arriving_s = moment.now_s
        published_s = -NEVER if frames.published_s is None else frames.published_s
        silent_s = moment.now_s - max(self._arriving_s, published_s)
        if silent_s < NO_DEPTH_AFTER_S:
            return []
        return [finding('outputs.none', silent_s=number(silent_s))]

    def _quality(self, now_s: float, frames: FramesWatch, rate_hz: float) -> list[Finding]:
        found = []
        if self._least_hz is not None and rate_hz > 0:
            level = self._slow.update(self._least_hz / rate_hz, now_s)
            if level > Level.OK:
                rates = {'rate_hz': number(rate_hz), 'least_hz': number(self._least_hz)}
                found.append(finding('outputs.slow', level, **rates))
        level = self._invalid.update(1.0 - frames.valid_share, now_s)
        if level > Level.OK:
            percent = number(100 * frames.valid_share, 0)
            found.append(finding('outputs.invalid', level, valid_percent=percent))
        return found


class DropsPart:
    """Triggers that gave no depth, by reason, and whether the sums agree."""

    def __init__(self) -> None:
        self._triggers = CounterRate(SHARE_WINDOW_S)
        self._dropped = CounterRate(SHARE_WINDOW_S)
        self._level = Hysteresis(DROPPED_SHARE)

    def status(self, moment: Moment, live: 'LiveStatus | None') -> Status:
        """Return the status of the drops."""
        if live is None:
            return status_of('drops', [], [], ok_message='not configured')
        num_dropped = sum(live.drops.values())
        found = _identity(live, num_dropped)
        self._triggers.update(live.num_triggers, moment.now_s)
        self._dropped.update(num_dropped, moment.now_s)
        share = self._dropped.growth / max(self._triggers.growth, 1.0)
        level = self._level.update(share, moment.now_s)
        if level > Level.OK and live.drops:
            reason = max(live.drops, key=lambda name: live.drops[name])
            percent = number(100 * share, 0)
            action = action_for(reason)
            facts = {'share_percent': percent, 'reason': reason, 'action': action}
            found.append(finding('drops.share', level, **facts))
        values = [
            ('triggers', str(live.num_triggers)),
            ('frames', str(live.num_frames)),
            ('dropped', str(num_dropped)),
            ('pending', str(live.num_pending)),
            *((f'dropped, {reason}', str(n)) for reason, n in sorted(live.drops.items())),
        ]
        ok_message = f'{num_dropped} of {live.num_triggers} triggers dropped'
        return status_of('drops', found, values, ok_message=ok_message)


def _identity(live: 'LiveStatus', num_dropped: int) -> list[Finding]:
    if live.num_triggers == live.num_frames + num_dropped + live.num_pending:
        return []
    return [
        finding(
            'drops.identity',
            num_triggers=live.num_triggers,
            num_frames=live.num_frames,
            num_dropped=num_dropped,
            num_pending=live.num_pending,
        )
    ]


def _percentiles(summary: LatencySummary) -> str:
    values_ms = (summary.p50_ms, summary.p95_ms, summary.p99_ms, summary.max_ms)
    return ' '.join(number(value_ms, 2) for value_ms in values_ms)


def _smoothed(old: float, new: float) -> float:
    """Return the running mean, the new value where there is none yet (NaN)."""
    if math.isnan(old) or math.isnan(new):
        return new
    return old + SMOOTHING * (new - old)
