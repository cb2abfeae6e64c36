"""
trigger: 8-byte records of external triggers in ns from the packet's time base; an old encoding.

A record has 64 bits: the edge in bit 63, 15 bits of channel from bit 48 on, and 32 bits of ns
since the packet's time base; bits 32 to 47 mean nothing. Sensor time is the sum in whole µs.
There are no events in it: `decode` returns none, `triggers` holds what came. Records are whole:
nothing but the totals lives on from payload to payload.

"""

from typing import Any, ClassVar

from eventdepth_core.events.encoder_arguments import checked_offsets_ns
from eventdepth_core.events.word_decoder import WordDecoder
from eventdepth_core.types import EVENT_DTYPE, Events, TRIGGER_DTYPE
import numpy as np
from numpy.typing import NDArray

CHANNELS = 1 << 15


class TriggerDecoder(WordDecoder):
    """Packet decoder of trigger."""

    encoding: ClassVar[str] = 'trigger'
    word_dtype: ClassVar[np.dtype[Any]] = np.dtype('<i8')

    def _fresh_state(self) -> NDArray[np.int64]:
        return np.zeros(0, np.int64)

    def _decode_words(
        self, words: NDArray[np.int64], time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        time_base_us, remainder_ns = divmod(time_base_ns, 1000)
        triggers = np.zeros(words.size, TRIGGER_DTYPE)
        triggers['t'] = time_base_us + (remainder_ns + (words & 0xFFFFFFFF)) // 1000
        triggers['id'] = (words >> 48) & (CHANNELS - 1)
        triggers['p'] = np.where(words < 0, 1, -1)
        return np.zeros(0, EVENT_DTYPE), triggers


class TriggerEncoder:
    """Packet encoder of trigger; it keeps nothing from payload to payload."""

    encoding = 'trigger'
    record_dtype = TRIGGER_DTYPE

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height

    def encode(self, events: NDArray[np.void], time_base_ns: int = 0) -> bytes:
        """
        Return the payload of triggers, TRIGGER_DTYPE[n], to be sent with `time_base_ns`.

        Raises
        ------
        InputError
            If a trigger lies before the time base or 2^32 ns or more behind it.

        """
        records = checked_offsets_ns(events['t'], time_base_ns).astype(np.uint64)
        records |= (events['id'] & np.uint16(CHANNELS - 1)).astype(np.uint64) << np.uint64(48)
        records |= (events['p'] > 0).astype(np.uint64) << np.uint64(63)
        return records.astype('<u8').tobytes()
