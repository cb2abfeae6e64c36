"""
Two streams of stamped items, joined by stamp.

An item meets the item of the other stream whose stamp is nearest, if they differ by at most the
tolerance; either may come first. Laws: each item meets at most one; memory is bounded by
`capacity` of each stream, the oldest go first and are counted as unmatched; where the time of a
stream goes back by more than `MAX_BACK_US` (a loop, a restart), its items that wait are let go.

"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

First = TypeVar('First')
Second = TypeVar('Second')
Item = TypeVar('Item')

MAX_BACK_US: Final = 500_000


@dataclass(slots=True)
class Side(Generic[Item]):
    """The waiting items of one stream by stamp, and what became of the others."""

    capacity: int
    waiting: 'OrderedDict[int, Item]' = field(default_factory=OrderedDict)
    newest_us: int | None = None
    num_items: int = 0
    num_unmatched: int = 0
    num_restarts: int = 0

    def follow(self, stamp_us: int) -> None:
        """Count an item and follow the time of the stream."""
        self.num_items += 1
        if self.newest_us is not None and stamp_us < self.newest_us - MAX_BACK_US:
            self.num_restarts += 1
            self.forget()
        elif self.newest_us is not None:
            stamp_us = max(stamp_us, self.newest_us)
        self.newest_us = stamp_us

    def wait(self, stamp_us: int, item: Item) -> None:
        """Let an item wait for its partner."""
        if stamp_us in self.waiting:
            self.num_unmatched += 1
        self.waiting[stamp_us] = item
        if len(self.waiting) > self.capacity:
            self.waiting.popitem(last=False)
            self.num_unmatched += 1

    def take(self, stamp_us: int, tolerance_us: int) -> tuple[int, Item] | None:
        """Take the item out whose stamp is nearest, None where none is near enough."""
        nearest_us = min(self.waiting, key=lambda each: abs(each - stamp_us), default=None)
        if nearest_us is None or abs(nearest_us - stamp_us) > tolerance_us:
            return None
        return nearest_us, self.waiting.pop(nearest_us)

    def forget(self) -> None:
        """Let all waiting items go, unmatched."""
        self.num_unmatched += len(self.waiting)
        self.waiting.clear()


class StampPairs(Generic[First, Second]):
    """Joins a first and a second stream."""

    def __init__(self, tolerance_us: int, *, capacity: int = 16) -> None:
        self._tolerance_us = tolerance_us
        self.first: Side[First] = Side(capacity)
        self.second: Side[Second] = Side(capacity)
        self.num_pairs = 0

    def add_first(self, stamp_us: int, item: First) -> tuple[First, Second] | None:
        """Take in an item of the first stream; return the pair it completes, if any."""
        self.first.follow(stamp_us)
        found = self.second.take(stamp_us, self._tolerance_us)
        if found is None:
            self.first.wait(stamp_us, item)
            return None
        self.num_pairs += 1
        return item, found[1]

    def add_second(self, stamp_us: int, item: Second) -> tuple[First, Second] | None:
        """Take in an item of the second stream; return the pair it completes, if any."""
        self.second.follow(stamp_us)
        found = self.first.take(stamp_us, self._tolerance_us)
        if found is None:
            self.second.wait(stamp_us, item)
            return None
        self.num_pairs += 1
        return found[1], item

    def finish(self) -> None:
        """Let everything go that waits."""
        self.first.forget()
        self.second.forget()
