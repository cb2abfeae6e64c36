"""
The status of the inputs: what comes, how fast, how old, what is missing and why.

Laws: an input that never came says the first of these that holds: no publisher, QoS, encoding,
no camera, no time base, nothing sent; a paused simulation makes nobody silent.

"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, TYPE_CHECKING

from eventdepth_core.types import Modality
from eventdepth_ros.diagnostics.facts import InputSource, MonitorOptions
from eventdepth_ros.diagnostics.hysteresis import Hysteresis, Level, Thresholds
from eventdepth_ros.diagnostics.messages import action_for, Finding, finding
from eventdepth_ros.diagnostics.moment import Moment
from eventdepth_ros.diagnostics.rates import CounterRate, RateMeter
from eventdepth_ros.diagnostics.status import number, Status, status_of

if TYPE_CHECKING:
    from eventdepth_core.realtime import LiveStatus

US_PER_S: Final = 1e6
US_PER_MS: Final = 1e3
GAPS_PER_S: Final = Thresholds(0.0, 0.0, 10.0, 5.0, raise_s=0.0)
REFUSED_PER_S: Final = Thresholds(0.0, 0.0, 20.0, 10.0, raise_s=0.0)
ORDINARY: Final = ('superseded_', 'unused_')
"""How the reasons begin that tell of spare images and points, not of wrong ones."""
EVENT_REASONS: Final = frozenset(
    {'undecodable', 'unknown_encoding', 'stream_changed', 'big_endian_events', 'time_leap'}
)
"""Refusals that only event packets meet."""


class InputWatch:
    """Follows one input; the caller holds the lock."""

    def __init__(self, source: InputSource, options: MonitorOptions) -> None:
        self.source = source
        self.num_messages = 0
        self.num_publishers: int | None = None
        self.has_camera: bool | None = None
        self.incompatible_policy: str | None = None
        self.refused: Counter[str] = Counter()
        self._last_us: int | None = None
        self._rate = RateMeter()
        self._refusals = _Refusals()
        self._silence_level = Hysteresis(
            Thresholds(
                warn_raise=options.silent_warn_s,
                warn_clear=options.silent_warn_s / 2,
                error_raise=options.silent_error_s,
                error_clear=options.silent_warn_s,
                raise_s=0.0,
                clear_s=0.0,
            )
        )

    def receive(self, now_us: int, now_s: float) -> None:
        """Note a message."""
        self.num_messages += 1
        self._last_us = now_us
        self._rate.add(now_s)

    def silent_s(self, moment: Moment) -> float | None:
        """Return the seconds of the node's clock since the last message; None before one."""
        if self._last_us is None:
            return None
        return max(0.0, (moment.now_us - self._last_us) / US_PER_S)

    def findings(self, moment: Moment, live: 'LiveStatus | None') -> list[Finding]:
        """Return what is wrong with this input."""
        found = [
            *self._never(live),
            *self._refusals.findings(self.refused, moment, self.source.topic),
        ]
        silent_s = self.silent_s(moment)
        if silent_s is None or moment.is_paused:
            return found
        level = self._silence_level.update(silent_s, moment.now_s)
        if level > Level.OK:
            found.append(self._finding('silent', level, silent_s=number(silent_s)))
        return found

    def values(self, moment: Moment, live: 'LiveStatus | None') -> list[tuple[str, str]]:
        """Return the numbers of this input."""
        name = self.source.modality
        newest_us = None if live is None else live.newest_us.get(name)
        stamp_age_s = None if newest_us is None else (moment.now_us - newest_us) / US_PER_S
        return [
            (f'{name}: topic', self.source.topic),
            (f'{name}: publishers', str(_known(self.num_publishers))),
            (f'{name}: messages', str(self.num_messages)),
            (f'{name}: rate (Hz)', number(self._rate.per_second(moment.now_s))),
            (f'{name}: silent for (s)', number(self.silent_s(moment), 3)),
            (f'{name}: age of newest stamp (s)', number(stamp_age_s, 3)),
            *((f'{name}: refused, {why}', str(n)) for why, n in sorted(self.refused.items())),
        ]

    def _never(self, live: 'LiveStatus | None') -> list[Finding]:
        """Return why nothing of this input has entered yet."""
        if self.num_messages == 0:
            return [self._unheard()]
        if self.refused['unknown_encoding'] >= self.num_messages:
            return [self._finding('unknown_encoding')]
        if self.source.needs_camera and self.has_camera is False:
            return [self._finding('no_camera_info')]
        has_time = live is None or self.source.modality in live.newest_us
        if self.source.modality == 'events' and not has_time:
            return [self._finding('no_time_base')]
        return []

    def _unheard(self) -> Finding:
        """Return why no message has come yet."""
        if self.num_publishers == 0:
            return self._finding('no_publisher')
        if self.incompatible_policy is not None:
            return self._finding('incompatible_qos', policy=self.incompatible_policy)
        return self._finding('nothing_sent')

    def _finding(self, name: str, level: Level | None = None, **facts: object) -> Finding:
        source = self.source
        return finding(
            f'inputs.{name}', level, topic=source.topic, modality=source.modality, **facts
        )


class InputsPart:
    """Follows all inputs; the caller holds the lock."""

    def __init__(self, sources: tuple[InputSource, ...], options: MonitorOptions) -> None:
        self.watches: Mapping[Modality, InputWatch] = {
            source.modality: InputWatch(source, options) for source in sources
        }
        self.pose_drops: Mapping[str, int] = {}
        self._silent_error_s = options.silent_error_s
        self._started_s: float | None = None
        self._events = CounterRate()
        self._gaps = CounterRate()
        self._gap_level = Hysteresis(GAPS_PER_S)
        self._refusals = _Refusals()
        self._drops_seen: Counter[str] = Counter()

    def status(self, moment: Moment, live: 'LiveStatus | None') -> Status:
        """Return the status of the inputs."""
        if self._started_s is None:
            self._started_s = moment.now_s
        self._take_drops(live)
        found = [f for watch in self.watches.values() for f in watch.findings(moment, live)]
        found += self._nothing(moment)
        values = [v for watch in self.watches.values() for v in watch.values(moment, live)]
        if live is not None:
            found += self._follow(live, moment)
            values += self._totals(live)
        return status_of('inputs', found, values, ok_message=self._ok_message(moment))

    def is_arriving(self, moment: Moment) -> bool:
        """Return whether any input has sent something within the last second."""
        silences = (watch.silent_s(moment) for watch in self.watches.values())
        return any(silent_s is not None and silent_s < 1.0 for silent_s in silences)

    def _take_drops(self, live: 'LiveStatus | None') -> None:
        """Give refusals that only events meet to the events."""
        events = self.watches.get('events')
        if live is None or events is None:
            return
        drops = input_drops(live)
        for reason in EVENT_REASONS & drops.keys():
            num = drops[reason]
            events.refused[reason] += max(0, num - self._drops_seen[reason])
            self._drops_seen[reason] = num

    def _nothing(self, moment: Moment) -> list[Finding]:
        """Return an error where nothing at all has come for long."""
        if self._started_s is None or not self.watches or moment.is_paused:
            return []
        silences = [watch.silent_s(moment) for watch in self.watches.values()]
        known = [silent_s for silent_s in silences if silent_s is not None]
        silent_s = min(known) if known else moment.now_s - self._started_s
        if silent_s < self._silent_error_s:
            return []
        return [finding('inputs.nothing_at_all', silent_s=number(silent_s, 0))]

    def _follow(self, live: 'LiveStatus', moment: Moment) -> list[Finding]:
        self._events.update(live.counts.num_events, moment.now_s)
        others = {
            reason: num
            for reason, num in input_drops(live).items()
            if reason not in EVENT_REASONS and not reason.startswith(ORDINARY)
        }
        return [
            *self._sequence_gaps(live, moment),
            *self._refusals.findings(Counter(others), moment, 'an input'),
        ]

    def _sequence_gaps(self, live: 'LiveStatus', moment: Moment) -> list[Finding]:
        self._gaps.update(live.counts.num_sequence_gaps, moment.now_s)
        level = self._gap_level.update(self._gaps.per_second, moment.now_s)
        events = self.watches.get('events')
        if events is None or level == Level.OK:
            return []
        num = live.counts.num_sequence_gaps
        return [finding('inputs.sequence_gaps', level, topic=events.source.topic, num=num)]

    def _totals(self, live: 'LiveStatus') -> list[tuple[str, str]]:
        drops = input_drops(live)
        others = {k: n for k, n in drops.items() if k not in EVENT_REASONS}
        return [
            ('events: rate (Mev/s)', number(self._events.per_second / 1e6, 3)),
            ('events: total', str(live.counts.num_events)),
            ('events: left out by filters', str(live.counts.num_filtered)),
            ('events: sequence gaps', str(live.counts.num_sequence_gaps)),
            ('poses: total', str(live.counts.num_poses)),
            ('poses: jumps', str(live.counts.num_pose_jumps)),
            ('poses: gaps', str(live.counts.num_pose_gaps)),
            ('events: swept with known motion', str(live.counts.num_swept_events)),
            ('events: without a known pose', str(live.counts.num_unposed_events)),
            ('events: thinned before the sweep', str(live.counts.num_thinned_events)),
            ('poses: delay of depth (ms)', number(live.motion_delay_us / US_PER_MS)),
            *((f'poses: not used, {why}', str(n)) for why, n in sorted(self.pose_drops.items())),
            *((f'not used, {reason}', str(num)) for reason, num in sorted(others.items())),
        ]

    def _ok_message(self, moment: Moment) -> str:
        if moment.is_paused:
            return 'paused: simulated time stands still'
        return 'all inputs arrive' if self.watches else 'no input in use'


class _Refusals:
    """Turns growing counts of refusals into a finding."""

    def __init__(self) -> None:
        self._rate = CounterRate()
        self._level = Hysteresis(REFUSED_PER_S)

    def findings(self, refused: Counter[str], moment: Moment, topic: str) -> list[Finding]:
        """Return what to say about refusals by reason, nothing where they have stopped."""
        self._rate.update(refused.total(), moment.now_s)
        level = self._level.update(self._rate.per_second, moment.now_s)
        if level == Level.OK or not refused:
            return []
        reason = refused.most_common(1)[0][0]
        facts = {'topic': topic, 'num': refused.total(), 'reason': reason}
        return [finding('inputs.refused', level, action=action_for(reason), **facts)]


def input_drops(live: 'LiveStatus') -> Counter[str]:
    """Return the inputs that were not used, by reason, wherever they were refused."""
    drops = Counter(live.counts.drops) + Counter(live.input_drops)
    for reason in live.drops.keys() & drops.keys():
        drops[reason] -= live.drops[reason]  # the pipeline counts failed estimates as well
    return +drops


def _known(count: int | None) -> str:
    return '-' if count is None else str(count)
