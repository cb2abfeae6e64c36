"""
The record time of a message: when it came, or what its header says.

Laws: a message without a header, or with stamp 0, takes the time when it came; under simulated
time, what comes before the first /clock waits for it, so that no record time is 0 by accident.

"""

from collections.abc import Callable, Iterator
import struct
from typing import Literal, TypeAlias

from eventdepth_core.recordings.definitions import message_definition

StampKind: TypeAlias = Literal['receive', 'header']
STAMP_KINDS: tuple[StampKind, ...] = ('receive', 'header')
MAX_EARLY = 1000
_STAMPS = {0: struct.Struct('>iI'), 1: struct.Struct('<iI')}


def header_stamp_ns(type_name: str, raw: bytes) -> int | None:
    """Return the stamp of the header in CDR bytes, None where there is none or it is 0."""
    if not message_definition(type_name).startswith('std_msgs/Header header\n'):
        return None
    if len(raw) < 12 or raw[1] not in _STAMPS:
        return None
    seconds, nanoseconds = _STAMPS[raw[1]].unpack_from(raw, 4)
    stamp_ns = int(seconds) * 1_000_000_000 + int(nanoseconds)
    return stamp_ns if stamp_ns > 0 else None


class Stamper:
    """Gives (topic, raw) their record times; `now_ns` is the node's clock, 0 = not known yet."""

    def __init__(self, kind: StampKind, now_ns: Callable[[], int]) -> None:
        self._kind = kind
        self._now_ns = now_ns
        self._early: list[tuple[str, str, bytes]] = []

    def stamped(self, topic: str, type_name: str, raw: bytes) -> Iterator[tuple[str, bytes, int]]:
        """Yield (topic, raw, record time) of this message and of those that waited for it."""
        stamp_ns = header_stamp_ns(type_name, raw) if self._kind == 'header' else None
        if stamp_ns is not None:
            yield topic, raw, stamp_ns
            return
        now_ns = self._now_ns()
        if now_ns == 0 and len(self._early) < MAX_EARLY:
            self._early.append((topic, type_name, raw))
            return
        yield from self.released(now_ns)
        yield topic, raw, now_ns

    def released(self, now_ns: int) -> Iterator[tuple[str, bytes, int]]:
        """Yield what waited for the clock."""
        early, self._early = self._early, []
        for topic, type_name, raw in early:
            yield topic, raw, now_ns or header_stamp_ns(type_name, raw) or 0
