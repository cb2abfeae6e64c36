"""
EVT3: 16-bit words whose rows, bases and times hold until the next of their kind.

Time starts with the sensor's own 24-bit count and is unwrapped from there; `time_base_ns` of a
packet is not used. Triggers carry the channel in `id` and the edge in `p`.

"""

from typing import Any, ClassVar

from eventdepth_core.events import evt3_kernels as kernels
from eventdepth_core.events.tally_kernels import UNKNOWN
from eventdepth_core.events.word_decoder import WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events, TRIGGER_DTYPE
import numpy as np
from numpy.typing import NDArray


class Evt3Decoder(WordDecoder):
    """Packet decoder of EVT3."""

    encoding: ClassVar[str] = 'evt3'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<u2')
    address_places: ClassVar[tuple[int, ...]] = (kernels.ROW, kernels.BASE)

    def _fresh_state(self) -> NDArray[np.int64]:
        state = np.zeros(kernels.NUM_STATE, np.int64)
        state[kernels.HIGH] = -1
        state[[kernels.ROW, kernels.BASE]] = UNKNOWN
        return state

    def _decode_words(
        self, words: NDArray[np.uint16], _time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        num_events, num_triggers = kernels.count_evt3(words)
        # zeros, not empty: the padding between the fields must not vary from run to run
        events = np.zeros(num_events, EVENT_DTYPE)
        triggers = np.zeros(num_triggers, TRIGGER_DTYPE)
        size = (self.height, self.width)
        n, m = kernels.decode_evt3(words, size, self.state, self.tally, events, triggers)
        return events[:n], triggers[:m]
