"""
What time it is in the stamps of the inputs, while no input comes.

Stamps may belong to another year than the clock at hand (a replayed bag), so only its differences
count: the newest stamp, plus what the clock has gone on since. Laws: a clock that stands still
(a paused simulation) lets nothing pass; a clock that goes back starts anew; between two looks at
the clock no more than `MAX_STEP_US` passes, because inputs may wait unread where this process has
slept, and a silence is believed only after they had their turn.

"""

from typing import Final

MAX_STEP_US: Final = 25_000


class HostTime:
    """Extrapolates the newest stamp by a clock that is read now and then; all in µs."""

    def __init__(self) -> None:
        self._newest_us: int | None = None
        self._passed_us = 0  # since the newest stamp
        self._clock_us: int | None = None  # at the last look

    @property
    def newest_us(self) -> int | None:
        """The newest stamp; None before the first."""
        return self._newest_us

    def follow(self, stamp_us: int) -> None:
        """Take in the stamp of an input."""
        if self._newest_us is None or stamp_us > self._newest_us:
            self._newest_us = stamp_us
            self._passed_us = 0
            self._clock_us = None

    def now(self, clock_us: int) -> int | None:
        """Return the time in stamps when the clock shows `clock_us`; None before a stamp."""
        if self._newest_us is None:
            return None
        if self._clock_us is not None:
            self._passed_us += min(max(clock_us - self._clock_us, 0), MAX_STEP_US)
        self._clock_us = clock_us
        return self._newest_us + self._passed_us

    def reset(self) -> None:
        """Forget all stamps."""
        self._newest_us = self._clock_us = None
        self._passed_us = 0
