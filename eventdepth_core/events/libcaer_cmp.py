"""
libcaer_cmp: libcaer's events as 16-bit words, along columns, timed from the packet's time base.

Column and vector base hold until the next of their kind, the time until the time base changes:
sensor time is time_base_ns // 1000 + the time of the words.

"""

from typing import Any, ClassVar

from eventdepth_core.events import libcaer_cmp_kernels as kernels
from eventdepth_core.events.tally_kernels import UNKNOWN
from eventdepth_core.events.word_decoder import NO_TRIGGERS, WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from numpy.typing import NDArray


class LibcaerCmpDecoder(WordDecoder):
    """Packet decoder of libcaer_cmp."""

    encoding: ClassVar[str] = 'libcaer_cmp'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<u2')
    address_places: ClassVar[tuple[int, ...]] = (kernels.COLUMN, kernels.BASE)

    def _fresh_state(self) -> NDArray[np.int64]:
        state = np.zeros(kernels.NUM_STATE, np.int64)
        state[[kernels.COLUMN, kernels.BASE]] = UNKNOWN
        return state

    def _decode_words(
        self, words: NDArray[np.uint16], time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        time_base_us = time_base_ns // 1000
        if time_base_us != self.state[kernels.TIME_BASE_US]:
            self.state[kernels.TIME_BASE_US] = time_base_us
            self.state[kernels.TIME] = 0
        codes = words >> 12
        vectors = np.count_nonzero(codes == kernels.VECT_8)
        singles = np.count_nonzero(codes == kernels.ADDR_Y)
        events = np.zeros(singles + 8 * vectors, EVENT_DTYPE)
        size = (self.height, self.width)
        n = kernels.decode_libcaer_cmp(words, size, self.state, self.tally, events)
        return events[:n], NO_TRIGGERS
