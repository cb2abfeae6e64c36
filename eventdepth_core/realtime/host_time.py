"""
What time it is in the stamps of the inputs, while no input comes.

Stamps may belong to another year than the clock at hand (a replayed bag), so only its differences
count: the newest stamp, plus what the clock has gone on since. Laws: a clock that stands still
(a paused simulation) lets nothing pass; a clock that goes back starts anew.

"""


class HostTime:
    """Extrapolates the newest stamp by a clock that is read now and then; all in µs."""

    def __init__(self) -> None:
        self._newest_us: int | None = None
        self._base: tuple[int, int] | None = None  # a stamp, and the clock when it was the newest

    @property
    def newest_us(self) -> int | None:
        """The newest stamp; None before the first."""
        return self._newest_us

    def follow(self, stamp_us: int) -> None:
        """Take in the stamp of an input."""
        if self._newest_us is None or stamp_us > self._newest_us:
            self._newest_us = stamp_us

    def now(self, clock_us: int) -> int | None:
        """Return the time in stamps when the clock shows `clock_us`; None before a stamp."""
        if self._newest_us is None:
            return None
        is_stale = self._base is None or self._base[0] != self._newest_us
        if self._base is None or is_stale or clock_us < self._base[1]:
            self._base = (self._newest_us, clock_us)
        return self._base[0] + clock_us - self._base[1]

    def reset(self) -> None:
        """Forget all stamps."""
        self._newest_us = self._base = None
