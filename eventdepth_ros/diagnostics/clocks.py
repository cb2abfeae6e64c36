"""
The status of time: sensor clock against host clock, jumps, simulated time.

Laws: jumps are told for `JUMP_WINDOW_S`, then forgotten; a paused simulation is no fault.

"""

from typing import Final, TYPE_CHECKING

from eventdepth_ros.diagnostics.hysteresis import Hysteresis, Level, Thresholds
from eventdepth_ros.diagnostics.messages import Finding, finding
from eventdepth_ros.diagnostics.moment import Moment
from eventdepth_ros.diagnostics.rates import CounterRate
from eventdepth_ros.diagnostics.status import number, Status, status_of

if TYPE_CHECKING:
    from eventdepth_core.realtime import LiveStatus

US_PER_MS: Final = 1e3
JUMP_WINDOW_S: Final = 30.0
PLANNED_RESETS: Final = frozenset({'configure', 'activate', 'deactivate', 'cleanup', 'start'})
DRIFT_PPM: Final = Thresholds(200.0, 100.0, 2000.0, 1000.0, raise_s=3.0)
JITTER_MS: Final = Thresholds(20.0, 10.0, 200.0, 100.0, raise_s=3.0)


class ClockPart:
    """Follows the clocks; the caller holds the lock."""

    def __init__(self) -> None:
        self._drift = Hysteresis(DRIFT_PPM)
        self._jitter = Hysteresis(JITTER_MS)
        self._jumps = CounterRate(JUMP_WINDOW_S)

    def status(self, moment: Moment, live: 'LiveStatus | None') -> Status:
        """Return the status of time."""
        found = [] if moment.has_time else [finding('clock.no_sim_time')]
        values = [('simulated time', _simulated(moment))]
        if live is not None:
            found += self._follow(moment, live)
            values += _values(live)
        ok_message = 'paused: simulated time stands still' if moment.is_paused else 'clocks agree'
        return status_of('clock', found, values, ok_message=ok_message)

    def _follow(self, moment: Moment, live: 'LiveStatus') -> list[Finding]:
        found = []
        drift_ppm, jitter_ms = live.clock_drift_ppm, _milliseconds(live.clock_jitter_us)
        drift_level = self._drift.update(abs(_or_zero(drift_ppm)), moment.now_s)
        if drift_level > Level.OK:
            found.append(finding('clock.drift', drift_level, drift_ppm=number(drift_ppm)))
        jitter_level = self._jitter.update(_or_zero(jitter_ms), moment.now_s)
        if jitter_level > Level.OK:
            found.append(finding('clock.jitter', jitter_level, jitter_ms=number(jitter_ms)))
        self._jumps.update(_num_jumps(live), moment.now_s)
        if self._jumps.growth > 0:
            num = round(self._jumps.growth)
            found.append(finding('clock.jumps', num=num, window_s=number(JUMP_WINDOW_S, 0)))
        return found


def _values(live: 'LiveStatus') -> list[tuple[str, str]]:
    return [
        ('offset of host from sensor (ms)', number(_milliseconds(live.clock_offset_us), 3)),
        ('drift (ppm)', number(live.clock_drift_ppm)),
        ('jitter (ms)', number(_milliseconds(live.clock_jitter_us), 3)),
        ('jumps in a stream', str(live.counts.num_discontinuities)),
        *((f'resets, {reason}', str(num)) for reason, num in sorted(live.num_resets.items())),
    ]


def _num_jumps(live: 'LiveStatus') -> int:
    unplanned = sum(n for why, n in live.num_resets.items() if why not in PLANNED_RESETS)
    return live.counts.num_discontinuities + unplanned


def _simulated(moment: Moment) -> str:
    if not moment.is_sim_time:
        return 'not used'
    if not moment.has_time:
        return 'waiting for /clock'
    return 'paused' if moment.is_paused else 'running'


def _milliseconds(value_us: float | None) -> float | None:
    return None if value_us is None else value_us / US_PER_MS


def _or_zero(value: float | None) -> float:
    return 0.0 if value is None else value
