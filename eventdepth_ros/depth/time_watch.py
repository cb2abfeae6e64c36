"""
Time that goes back: loops of a recording and jumps of the ROS clock, told apart from jitter.

Every stream is followed by itself, because the streams of a looping recording turn back one after
the other: messages of the old round may still wait in a queue when another stream begins the new
one. Times are µs on the streams' common clock; `steady_s` is any steady clock.

Laws: a stamp that is up to `LOOP_US` behind is jitter; one turn of all streams gives one reset;
after it a stream's leftovers from before are refused until the stream has turned too, but for
`LEFTOVER_S` at most; a turn that both the clock and the streams show is one.

"""

from collections.abc import Iterable
import math
from typing import Literal, TypeAlias

StampVerdict: TypeAlias = Literal['ok', 'leftover', 'loop']

LOOP_US = 500_000
LEFTOVER_S = 1.0


class TimeWatch:
    """Follows the stamps of all streams and the jumps of the clock; one thread."""

    def __init__(self) -> None:
        self._newest_us: dict[str, int] = {}
        self._unturned: set[str] = set()
        self._epoch_us = 0
        self._turned_s = -math.inf

    def stamp(self, stream: str, stamp_us: int, steady_s: float) -> StampVerdict:
        """
        Take in the stamp of a message.

        Returns
        -------
        'ok', 'leftover' or 'loop'
            Whether to use the message, to refuse it, or to start anew and then use it.

        """
        newest_us = self._newest_us.get(stream)
        if newest_us is None:
            self._newest_us[stream] = stamp_us
            return 'ok'
        if stream in self._unturned:
            return self._unturned_stamp(stream, stamp_us, newest_us, steady_s)
        if stamp_us >= newest_us - LOOP_US:
            self._newest_us[stream] = max(stamp_us, newest_us)
            return 'ok'
        self._turn(stamp_us, steady_s, others=self._newest_us.keys() - {stream})
        self._newest_us[stream] = stamp_us
        return 'loop'

    def clock_jump(self, now_us: int, steady_s: float) -> bool:
        """Take in that the clock has jumped to `now_us`; return whether to start anew."""
        is_same_turn = steady_s - self._turned_s < LEFTOVER_S
        if is_same_turn and abs(now_us - self._epoch_us) < 2 * LOOP_US:
            return False
        self._turn(now_us, steady_s, others=self._newest_us.keys())
        return True

    def forget(self) -> None:
        """Forget all streams."""
        self._newest_us.clear()
        self._unturned.clear()

    def _turn(self, epoch_us: int, steady_s: float, others: Iterable[str]) -> None:
        self._epoch_us, self._turned_s = epoch_us, steady_s
        self._unturned = set(others)

    def _unturned_stamp(
        self, stream: str, stamp_us: int, newest_us: int, steady_s: float
    ) -> StampVerdict:
        is_old = abs(stamp_us - newest_us) < abs(stamp_us - self._epoch_us)
        if is_old and steady_s - self._turned_s < LEFTOVER_S:
            return 'leftover'
        self._unturned.discard(stream)
        self._newest_us[stream] = stamp_us
        return 'ok'
