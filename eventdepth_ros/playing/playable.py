"""
What a player needs of any recording: tracks, messages to latch, timed messages.

Laws: `messages()` starts from the beginning at each call and ascends in time but for what the
recording itself has out of order; a latched message is not among them; bytes are CDR with its
encapsulation and are published as they are.

"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from eventdepth_core.recordings.topics import TimedMessage, TopicNames, Track

__all__ = ['Playable', 'TimedMessage', 'TopicNames', 'Track']


class Playable(ABC):
    """
    A recording as topics.

    `tracks` are all topics; `latched` is published before everything else; `start_ns` and
    `end_ns` are the recording's own clock, None where that is not known before reading.

    """

    tracks: tuple[Track, ...] = ()
    latched: tuple[TimedMessage, ...] = ()
    start_ns: int | None = None
    end_ns: int | None = None

    @abstractmethod
    def messages(self) -> Iterator[TimedMessage]:
        """Yield what is not latched, from the beginning."""

    @property
    @abstractmethod
    def dropped(self) -> dict[str, int]:
        """What could not be read so far, as counts by reason."""

    def close(self) -> None:
        """Release the files; harmless when repeated."""
        return
