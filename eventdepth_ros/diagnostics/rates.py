"""
Rates over a sliding window of a clock that the caller reads.

rate = amount in (now - window, now] / window; while less than one window has gone by since the
first amount, the time since then is what is divided by.

Laws: no amount gives 0; an amount leaves the rate after `window_s`; memory is bounded by
`NUM_SLOTS` however often something is added; a clock that goes back starts anew.

"""

from collections import deque
from typing import Final

NUM_SLOTS: Final = 40
MAX_LOOKS: Final = 400
MIN_SPAN_S: Final = 0.05
"""Shorter spans would turn two messages of a burst into a rate."""


class RateMeter:
    """
    Adds up amounts per second of a steady clock; one thread at a time.

    Amounts are kept in slots of `window_s / NUM_SLOTS`, so the window's edge is exact to a slot.

    """

    def __init__(self, window_s: float = 2.0) -> None:
        self._window_s = window_s
        self._slot_s = window_s / NUM_SLOTS
        self._slots: deque[list[float]] = deque(maxlen=NUM_SLOTS + 1)  # [start_s, amount]
        self._first_s: float | None = None

    def add(self, now_s: float, amount: float = 1.0) -> None:
        """Count `amount` at time `now_s`."""
        if self._slots and now_s < self._slots[-1][0]:
            self.reset()
        if self._first_s is None:
            self._first_s = now_s
        if self._slots and now_s < self._slots[-1][0] + self._slot_s:
            self._slots[-1][1] += amount
        else:
            self._slots.append([now_s, amount])

    def per_second(self, now_s: float) -> float:
        """Return the rate at time `now_s`."""
        if self._first_s is None:
            return 0.0
        span_s = min(self._window_s, max(now_s - self._first_s, MIN_SPAN_S))
        return self._held(now_s - self._window_s) / span_s

    def reset(self) -> None:
        """Forget everything."""
        self._slots.clear()
        self._first_s = None

    def _held(self, after_s: float) -> float:
        while self._slots and self._slots[0][0] <= after_s:
            self._slots.popleft()
        return sum(amount for _, amount in self._slots)


class CounterRate:
    """
    Follows a running total: how much it grew, and how fast, over the last `window_s` seconds.

    Laws: a total that falls was reset and starts anew; the window reaches back to the newest
    look that is at least `window_s` old, so a rate never spans less than the looks do.

    """

    def __init__(self, window_s: float = 2.0) -> None:
        self._window_s = window_s
        self._looks: deque[tuple[float, float]] = deque(maxlen=MAX_LOOKS)  # (now_s, total)

    def update(self, total: float, now_s: float) -> None:
        """Take in the total at time `now_s`."""
        if self._looks and (total < self._looks[-1][1] or now_s < self._looks[-1][0]):
            self._looks.clear()
        self._looks.append((now_s, total))
        while len(self._looks) > 2 and self._looks[1][0] <= now_s - self._window_s:
            self._looks.popleft()

    @property
    def growth(self) -> float:
        """By how much the total grew within the window."""
        return self._looks[-1][1] - self._looks[0][1] if self._looks else 0.0

    @property
    def per_second(self) -> float:
        """The growth per second; 0 before two looks."""
        span_s = self._looks[-1][0] - self._looks[0][0] if self._looks else 0.0
        return self.growth / span_s if span_s >= MIN_SPAN_S else 0.0

    def reset(self) -> None:
        """Forget everything."""
        self._looks.clear()
