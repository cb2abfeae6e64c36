"""
The layer under a bag: named topics and raw messages in order of their record time.

Laws: `messages` yields what is readable and counts the rest; a file that ends too early is
counted once as `truncated`, an unreadable stretch once as `unreadable_chunk`.

"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BagTopic:
    """A topic, its message type, and the number of messages where the file says it."""

    name: str
    type_name: str
    count: int | None


@dataclass(frozen=True, slots=True, eq=False)
class StoredMessage:
    """One message as stored: CDR bytes and the record time in ns."""

    topic: str
    stamp_ns: int
    raw: bytes


class BagStorage(Protocol):
    """One file of a bag."""

    topics: tuple[BagTopic, ...]
    start_ns: int | None
    end_ns: int | None
    dropped: Counter[str]

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics, ascending in record time."""

    def close(self) -> None:
        """Release the file."""
