"""
Events -> EVT3 words, as a sensor would send them.

Law: decode(encode(e)) == e, but for whole turns of the 24-bit clock before the first event.
Every payload starts with its full time and row, so that it can be read after a loss; the upper
time bits are repeated every `HIGH_PERIOD_US` and, over a silence, at least twice a turn, so that
no wrap is lost; runs in a row become vectors with bases at multiples of 32, as strict readers
want.

"""

from typing import Final

from eventdepth_core.events.encoder_arguments import check_address_bits, check_silences
from eventdepth_core.events.evt3_encoder_kernels import encode_evt3, FILL_HIGHS
from eventdepth_core.events.time_kernels import silences
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

HIGH_PERIOD_US: Final = 16
MAX_SIZE: Final = 2048
HIGH_BITS: Final = 12  # the bits of time below the upper ones


class Evt3Encoder:
    """Encodes a stream of events in order, payload by payload; the clock runs on between them."""

    encoding = 'evt3'

    def __init__(self, width: int, height: int) -> None:
        check_address_bits(width, height, (MAX_SIZE, MAX_SIZE))
        self.width = width
        self.height = height
        self._last_us: int | None = None

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:  # noqa: ARG002
        """
        Return the payload of `events` (t ascending, also against the last call).

        EVT3 has no time base: `time_base_ns` is taken for the sake of the other encodings.

        Raises
        ------
        InputError
            For a time that goes back, a negative time or a silence of more than 2^42 µs.

        """
        if not events.size:
            return b''
        last_us = int(events['t'][0]) if self._last_us is None else self._last_us
        least_us, greatest_us, num_highs = silences(events, last_us, HIGH_BITS)
        check_silences(last_us, int(least_us), int(greatest_us))
        num_fills = int(num_highs) // FILL_HIGHS
        words: NDArray[np.uint16] = np.empty(4 * events.size + num_fills + 4, '<u2')
        num_words = encode_evt3(events, self.width, HIGH_PERIOD_US, last_us, words)
        self._last_us = int(events['t'][-1])
        return words[:num_words].tobytes()
