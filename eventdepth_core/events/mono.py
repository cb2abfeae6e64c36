"""
mono: 8-byte records in ns from the packet's time base; an old encoding of bags and simulators.

Records are whole: nothing but the totals lives on from payload to payload.

"""

from typing import Any, ClassVar

from eventdepth_core.events import mono_kernels as kernels
from eventdepth_core.events.encoder_arguments import check_address_bits, checked_offsets_ns
from eventdepth_core.events.word_decoder import NO_TRIGGERS, WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from numpy.typing import NDArray


class MonoDecoder(WordDecoder):
    """Packet decoder of mono."""

    encoding: ClassVar[str] = 'mono'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<i8')

    def _fresh_state(self) -> NDArray[np.int64]:
        return np.zeros(kernels.NUM_STATE, np.int64)

    def _decode_words(
        self, words: NDArray[np.int64], time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        self.state[:] = divmod(time_base_ns, 1000)
        events = np.zeros(words.size, EVENT_DTYPE)
        size = (self.height, self.width)
        n = kernels.decode_mono(words, size, self.state, self.tally, events)
        return events[:n], NO_TRIGGERS


class MonoEncoder:
    """Packet encoder of mono; it keeps nothing from payload to payload."""

    encoding = 'mono'

    def __init__(self, width: int, height: int) -> None:
        check_address_bits(width, height, (1 << 16, 1 << 15))
        self.width = width
        self.height = height

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:
        """
        Return the payload of `events`, to be sent with `time_base_ns`.

        Raises
        ------
        InputError
            If an event lies before the time base or 2^32 ns or more behind it.

        """
        records = checked_offsets_ns(events['t'], time_base_ns).astype(np.uint64)
        records |= events['x'].astype(np.uint64) << np.uint64(32)
        records |= events['y'].astype(np.uint64) << np.uint64(48)
        records |= (events['p'] > 0).astype(np.uint64) << np.uint64(63)
        return records.astype('<u8').tobytes()
