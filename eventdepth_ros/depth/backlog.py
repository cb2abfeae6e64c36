"""
Messages that came before there was a live path, kept so that the first depth lacks nothing.

Drop rule: the oldest goes first, by the bytes that are held and by age; each is counted. A message
is delivered in the order in which it came, or dropped, never both.

"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from eventdepth_core.types import Modality

MAX_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A message, the node's clock and a steady clock when it came, ns."""

    modality: Modality
    message: Any  # event packets are made at run time
    now_ns: int
    received_ns: int
    num_bytes: int


class Backlog:
    """Holds messages for `max_age_s` at most; one thread."""

    def __init__(
        self,
        on_drop: Callable[[Modality], None],
        *,
        max_age_s: float,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._on_drop = on_drop
        self._max_age_ns = int(max_age_s * 1e9)
        self._max_bytes = max_bytes
        self._held: deque[Held] = deque()
        self._num_bytes = 0

    def hold(self, held: Held) -> None:
        """Keep a message."""
        self._held.append(held)
        self._num_bytes += held.num_bytes
        self.expire(held.received_ns)

    def expire(self, steady_ns: int) -> None:
        """Drop what is too old or too much."""
        while self._held and (
            self._num_bytes > self._max_bytes
            or steady_ns - self._held[0].received_ns > self._max_age_ns
        ):
            self._on_drop(self._pop().modality)

    def taken(self) -> Iterator[Held]:
        """Yield what is held, oldest first, and forget it."""
        while self._held:
            yield self._pop()

    def drop_all(self) -> None:
        """Drop everything."""
        for held in self.taken():
            self._on_drop(held.modality)

    def _pop(self) -> Held:
        held = self._held.popleft()
        self._num_bytes -= held.num_bytes
        return held
