"""
libcaer: 8-byte polarity records, time = time base + int32 µs.

The driver adds a rollover of the int32 to the time base of the next packet; a rollover in the
middle of a payload is added here, for as long as the time base stays the same. Sensor time is
time_base_ns // 1000 + ts_us: the time base's remainder below 1 µs is left out of every event.

"""

from typing import Any, ClassVar

from eventdepth_core.events import libcaer_kernels as kernels
from eventdepth_core.events.word_decoder import NO_TRIGGERS, WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from numpy.typing import NDArray


class LibcaerDecoder(WordDecoder):
    """Packet decoder of libcaer's uncompressed polarity packets."""

    encoding: ClassVar[str] = 'libcaer'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<i8')

    def _fresh_state(self) -> NDArray[np.int64]:
        return np.zeros(kernels.NUM_STATE, np.int64)

    def _decode_words(
        self, words: NDArray[np.int64], time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        time_base_us = time_base_ns // 1000
        if time_base_us != self.state[kernels.TIME_BASE_US]:
            self.state[:] = 0
            self.state[kernels.TIME_BASE_US] = time_base_us
        events = np.zeros(words.size, EVENT_DTYPE)
        records = words.view(np.int32).reshape(-1, 2)
        size = (self.height, self.width)
        n = kernels.decode_libcaer(records, size, self.state, self.tally, events)
        return events[:n], NO_TRIGGERS
