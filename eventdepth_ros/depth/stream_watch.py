"""
What a stream's messages say about their sender: its size and encoding, its sequence, its restart.

Laws: the first message settles the form; another form counts as the new one after `NUM_TO_SETTLE`
messages in a row; a sequence number below the last one, or a break in the sequence together with
more than `OUTAGE_US` of silence, is a restart of the sender; a sender without sequence numbers
(always the same) never restarts.

"""

from dataclasses import dataclass

NUM_TO_SETTLE = 10
OUTAGE_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Form:
    """Encoding and size in pixels of a stream's messages."""

    encoding: str
    width: int
    height: int


class FormWatch:
    """Follows the form of one stream."""

    def __init__(self) -> None:
        self.settled: Form | None = None
        self._candidate: Form | None = None
        self._num_seen = 0

    def changed(self, encoding: str, width: int, height: int) -> bool:
        """Take in a message's form; return whether a new one has just settled."""
        settled = self.settled
        if settled is not None and (
            settled.width == width and settled.height == height and settled.encoding == encoding
        ):
            self._candidate = None
            return False
        form = Form(encoding, width, height)
        self._num_seen = self._num_seen + 1 if form == self._candidate else 1
        self._candidate = form
        if settled is not None and self._num_seen < NUM_TO_SETTLE:
            return False
        self.settled, self._candidate = form, None
        return settled is not None


class SenderWatch:
    """Follows the sequence numbers of an event stream and finds restarts of its sender."""

    def __init__(self) -> None:
        self._seq: int | None = None
        self._stamp_us = 0

    def restarted(self, seq: int, stamp_us: int) -> bool:
        """Take in a packet's number and stamp; return whether its sender is another one."""
        last, last_us = self._seq, self._stamp_us
        self._seq, self._stamp_us = seq, stamp_us
        if last is None or seq == last + 1 or seq == last:
            return False
        return seq < last or stamp_us - last_us > OUTAGE_US

    def forget(self) -> None:
        """Forget the sender."""
        self._seq = None
