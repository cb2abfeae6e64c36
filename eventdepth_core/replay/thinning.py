"""
A bounded, even choice out of a stream of unknown length.

Every item is kept until twice `capacity` are there; then every other one is let go and only
every second, fourth, eighth ... item is taken from there on. Laws: the first item always stays;
what is kept depends on the number of items alone; at most 2 * capacity items are held.

"""

from typing import Generic, TypeVar

Item = TypeVar('Item')


class Thinned(Generic[Item]):
    """Keeps between `capacity` and 2 * `capacity` evenly spaced items of a stream."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._stride = 1
        self._num_seen = 0
        self._items: list[Item] = []

    def wants_next(self) -> bool:
        """Return whether the next item will be kept, so that a costly one need not be made."""
        return self._num_seen % self._stride == 0

    def append(self, item: Item) -> None:
        """Take in the next item."""
        if self.wants_next():
            self._items.append(item)
        self._num_seen += 1
        if len(self._items) == 2 * self._capacity:
            del self._items[1::2]
            self._stride *= 2

    def skip(self) -> None:
        """Count the next item without keeping it; only right where `wants_next` is false."""
        self._num_seen += 1

    @property
    def num_seen(self) -> int:
        """How many items went by."""
        return self._num_seen

    def items(self) -> tuple[Item, ...]:
        """Return all that is held, in order."""
        return tuple(self._items)

    def chosen(self) -> tuple[Item, ...]:
        """Return at most `capacity` of what is held, evenly spaced, first and last included."""
        n, limit = len(self._items), self._capacity
        if n <= limit:
            return tuple(self._items)
        if limit == 1:
            return (self._items[0],)
        return tuple(self._items[round(i * (n - 1) / (limit - 1))] for i in range(limit))
