"""
Events -> libcaer and libcaer_cmp payloads, as the driver would send them.

Law: decode(encode(e)) == e with the same time bases. Times count in µs from the packet's time
base: libcaer's int32 rolls over within a payload where the decoder can tell; libcaer_cmp's 24
bits never do, because its other readers do not unwrap them. Vectors of libcaer_cmp end within the
sensor.

"""

from typing import Final

from eventdepth_core.errors import InputError
from eventdepth_core.events.encoder_arguments import check_address_bits, checked_times_us
from eventdepth_core.events.libcaer_cmp_encoder_kernels import encode_libcaer_cmp
from eventdepth_core.events.libcaer_kernels import TIME_BITS
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

_CMP_TIME_BITS: Final = 24


class LibcaerEncoder:
    """Packet encoder of libcaer; it keeps the turns of the int32 while the time base stays."""

    encoding = 'libcaer'

    def __init__(self, width: int, height: int) -> None:
        check_address_bits(width, height, (1 << 15, 1 << 15))
        self.width = width
        self.height = height
        self._time_base_us = 0
        self._last_us = 0

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:
        """
        Return the payload of `events`, to be sent with `time_base_ns`.

        Raises
        ------
        InputError
            If an event lies before the time base, or so far behind it or from the one before it
            that the turns of the int32 are lost.

        """
        time_base_us = time_base_ns // 1000
        last_us = self._last_us if time_base_us == self._time_base_us else 0
        offsets_us = events['t'] - time_base_us
        lows = offsets_us & ((1 << TIME_BITS) - 1)
        falls = np.diff(lows, prepend=last_us & ((1 << TIME_BITS) - 1)) < -(1 << (TIME_BITS - 1))
        told_us = (((last_us >> TIME_BITS) + np.cumsum(falls)) << TIME_BITS) | lows
        if (told_us != offsets_us).any():
            raise InputError(
                f'Expected events that int32 times tell from time_base_ns {time_base_ns} on, '
                f'got offsets of {offsets_us.min()} to {offsets_us.max()} µs.'
            )
        if events.size:
            self._time_base_us, self._last_us = time_base_us, int(offsets_us[-1])
        records = np.empty((events.size, 2), '<u4')
        records[:, 0] = events['x'].astype(np.uint32) << np.uint32(17)
        records[:, 0] |= events['y'].astype(np.uint32) << np.uint32(2)
        records[:, 0] |= (events['p'] > 0).astype(np.uint32) << np.uint32(1) | np.uint32(1)
        records[:, 1] = lows
        return records.tobytes()


class LibcaerCmpEncoder:
    """Packet encoder of libcaer_cmp; every payload starts with its time and column."""

    encoding = 'libcaer_cmp'

    def __init__(self, width: int, height: int) -> None:
        check_address_bits(width, height, (1 << 11, 1 << 11))
        self.width = width
        self.height = height

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:
        """
        Return the payload of `events` (t ascending), to be sent with `time_base_ns`.

        Raises
        ------
        InputError
            If an event lies before the time base or 2^24 µs or more behind it, or times descend.

        """
        if not events.size:
            return b''
        time_base_us = time_base_ns // 1000
        checked_times_us(events['t'] - time_base_us, None)
        last_us = int(events['t'][-1]) - time_base_us
        if last_us >> _CMP_TIME_BITS:
            raise InputError(
                f'Expected events within 2^24 µs from time_base_ns {time_base_ns} on, '
                f'got one {last_us} µs behind it.'
            )
        words: NDArray[np.uint16] = np.empty(4 * events.size, '<u2')
        num_words = encode_libcaer_cmp(events, self.height, time_base_us, words)
        return words[:num_words].tobytes()
