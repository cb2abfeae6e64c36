"""
Which mode a frame was made in, from `~/mode`.

The message says the stamp of the first frame of a mode, so a frame belongs to the newest mode
that is not newer than itself. Laws: a frame before the first mode known has the mode unknown; a
message that cannot be read changes nothing and is counted; memory is bounded.

"""

from bisect import bisect_right
import json
from typing import Any, Final

from eventdepth_core.replay.comparison import Mode
from eventdepth_core.types import ENTERED

CAPACITY: Final = 256
SCALES: Final = ('metric', 'prior', 'relative')


class ModeHistory:
    """The modes told so far, in order of their stamps."""

    def __init__(self) -> None:
        self._stamps_us: list[int] = []
        self._modes: list[Mode] = []
        self.num_unreadable = 0

    def add(self, text: str) -> None:
        """Take in the JSON of a mode message."""
        try:
            content: Any = json.loads(text)  # Any: what a peer sent
            stamp_us, mode = int(content.get('stamp_us', 0)), _mode(content)
        except (ValueError, TypeError, AttributeError, KeyError):
            self.num_unreadable += 1
            return
        if self._stamps_us and stamp_us < self._stamps_us[-1]:
            self._forget()  # time went back: what came after it will come again
        self._stamps_us.append(stamp_us)
        self._modes.append(mode)
        if len(self._modes) > CAPACITY:
            del self._stamps_us[0], self._modes[0]

    def at(self, stamp_us: int) -> Mode:
        """Return the mode of the frame with that stamp."""
        index = bisect_right(self._stamps_us, stamp_us) - 1
        return self._modes[index] if index >= 0 else Mode()

    def _forget(self) -> None:
        self._stamps_us.clear()
        self._modes.clear()


def _mode(content: Any) -> Mode:  # noqa: ANN401 - what a peer sent
    modalities, scale = content['modalities'], content['scale']
    if scale not in SCALES or not set(modalities) <= set(ENTERED):
        raise ValueError(f'Expected a mode, got {content}.')
    return Mode(
        modalities=tuple(name for name in ENTERED if name in modalities),
        scale=scale,
        incomplete=tuple(str(reason) for reason in content.get('incomplete', ())),
    )
