"""
EVT2.1: 64-bit words, each a vector of up to 32 events of one row, time and polarity.

Words are little-endian as a whole. Some sensors send their upper half first; such words are put
in order before they come here (`recordings.raw_recording`). Time starts with the sensor's own
34-bit count and is unwrapped from there; `time_base_ns` of a packet is not used.

"""

from typing import Any, ClassVar

from eventdepth_core.events import evt2_kernels, evt21_kernels
from eventdepth_core.events.word_decoder import WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events, TRIGGER_DTYPE
import numpy as np
from numpy.typing import NDArray


class Evt21Decoder(WordDecoder):
    """Packet decoder of EVT2.1."""

    encoding: ClassVar[str] = 'evt21'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<i8')

    def _fresh_state(self) -> NDArray[np.int64]:
        state = np.zeros(evt2_kernels.NUM_STATE, np.int64)
        state[evt2_kernels.HIGH] = -1
        return state

    def _decode_words(
        self, words: NDArray[np.int64], _time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        num_events, num_triggers = evt21_kernels.count_evt21(words)
        events = np.zeros(num_events, EVENT_DTYPE)
        triggers = np.zeros(num_triggers, TRIGGER_DTYPE)
        size = (self.height, self.width)
        n, m = evt21_kernels.decode_evt21(words, size, self.state, self.tally, events, triggers)
        return events[:n], triggers[:m]
