"""
Events -> EVT2 and EVT2.1 words, as a sensor would send them.

Law: decode(encode(e)) == e, but for whole turns of the 34-bit clock before the first event. Every
payload starts with its upper time bits, so that it can be read after a loss; over a silence they
are repeated four times a turn, so that no wrap is lost. EVT2.1 vectors have bases at multiples of
32 and no bit beyond the sensor.

"""

from typing import ClassVar, Final

from eventdepth_core.events.encoder_arguments import check_address_bits, checked_times_us
from eventdepth_core.events.evt2_kernels import HIGH_BITS, LOW_BITS, TIME_HIGH
from eventdepth_core.events.evt21_kernels import VECTOR
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

MAX_SIZE: Final = 2048
_FILL_HIGHS: Final = 1 << (HIGH_BITS - 2)


class Evt2Encoder:
    """Encodes a stream of events in order, payload by payload; the clock runs on between them."""

    encoding: ClassVar[str] = 'evt2'
    kind_bit: ClassVar[int] = 28

    def __init__(self, width: int, height: int) -> None:
        check_address_bits(width, height, (MAX_SIZE, MAX_SIZE))
        self.width = width
        self.height = height
        self._last_us: int | None = None

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:  # noqa: ARG002
        """
        Return the payload of `events` (t ascending, also against the last call).

        There is no time base: `time_base_ns` is taken for the sake of the other encodings.

        Raises
        ------
        InputError
            For a time that goes back, a negative time or a silence of more than 2^42 µs.

        """
        if not events.size:
            return b''
        last_us = checked_times_us(events['t'], self._last_us)
        self._last_us = int(events['t'][-1])
        times_us, words = self._vectors(events)
        return self._with_highs(times_us >> LOW_BITS, words, last_us >> LOW_BITS).tobytes()

    def _vectors(self, events: Events) -> tuple[NDArray[np.int64], NDArray[np.unsignedinteger]]:
        """Return the words of `events` and the time of each, µs."""
        words = (events['p'] > 0).astype('<u4') << np.uint32(self.kind_bit)
        words |= (events['t'] & 0x3F).astype('<u4') << np.uint32(22)
        words |= events['x'].astype('<u4') << np.uint32(11)
        words |= events['y']
        return events['t'], words

    def _with_highs(
        self, highs: NDArray[np.int64], words: NDArray[np.unsignedinteger], last: int
    ) -> NDArray[np.unsignedinteger]:
        """Return `words` with upper time bits in front of each that needs them."""
        before = np.concatenate([[last], highs[:-1]])
        num_highs = -((before - highs) // _FILL_HIGHS)
        num_highs[0] = max(num_highs[0], 1)
        ends = np.cumsum(num_highs)
        place_in_run = np.arange(ends[-1]) - np.repeat(ends - num_highs, num_highs)
        filled = np.repeat(before, num_highs) + _FILL_HIGHS * (place_in_run + 1)
        told = np.minimum(filled, np.repeat(highs, num_highs)) & ((1 << HIGH_BITS) - 1)
        joined = np.zeros(words.size + told.size, words.dtype)
        is_word = np.zeros(joined.size, np.bool_)
        is_word[np.arange(words.size) + ends] = True
        joined[is_word] = words
        kind = words.dtype.type(TIME_HIGH << self.kind_bit)
        shift = words.dtype.type(self.kind_bit - HIGH_BITS)
        joined[~is_word] = kind | told.astype(words.dtype) << shift
        return joined


class Evt21Encoder(Evt2Encoder):
    """Encodes as EVT2.1: runs in a row become vectors of up to 32 events."""

    encoding: ClassVar[str] = 'evt21'
    kind_bit: ClassVar[int] = 60

    def _vectors(self, events: Events) -> tuple[NDArray[np.int64], NDArray[np.unsignedinteger]]:
        base = events['x'] & np.uint16(0xFFFF ^ (VECTOR - 1))
        starts = np.ones(events.size, np.bool_)
        starts[1:] = events['x'][1:] <= events['x'][:-1]
        for column in (base, events['t'], events['y'], events['p']):
            starts[1:] |= column[1:] != column[:-1]
        places = np.flatnonzero(starts)
        bits = np.uint64(1) << (events['x'] & np.uint16(VECTOR - 1)).astype('<u8')
        words = np.bitwise_or.reduceat(bits, places)
        firsts = events[places]
        words |= (firsts['p'] > 0).astype('<u8') << np.uint64(self.kind_bit)
        words |= (firsts['t'] & 0x3F).astype('<u8') << np.uint64(54)
        words |= base[places].astype('<u8') << np.uint64(43)
        words |= firsts['y'].astype('<u8') << np.uint64(32)
        return firsts['t'], words
