"""
EVT2: 32-bit words, each event with its address and the lower 6 bits of its time.

Time starts with the sensor's own 34-bit count and is unwrapped from there; `time_base_ns` of a
packet is not used.

"""

from typing import Any, ClassVar

from eventdepth_core.events import evt2_kernels as kernels
from eventdepth_core.events.word_decoder import WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events, TRIGGER_DTYPE
import numpy as np
from numpy.typing import NDArray


class Evt2Decoder(WordDecoder):
    """Packet decoder of EVT2."""

    encoding: ClassVar[str] = 'evt2'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<u4')

    def _fresh_state(self) -> NDArray[np.int64]:
        state = np.zeros(kernels.NUM_STATE, np.int64)
        state[kernels.HIGH] = -1
        return state

    def _decode_words(
        self, words: NDArray[np.uint32], _time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        codes = words >> kernels.HIGH_BITS
        events = np.zeros(np.count_nonzero(codes <= kernels.CD_ON), EVENT_DTYPE)
        triggers = np.zeros(np.count_nonzero(codes == kernels.EXT_TRIGGER), TRIGGER_DTYPE)
        size = (self.height, self.width)
        n, m = kernels.decode_evt2(words, size, self.state, self.tally, events, triggers)
        return events[:n], triggers[:m]
