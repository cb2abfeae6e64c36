"""
Packet encoders: events -> driver bytes of one encoding, for recordings and tests.

Law: the packet decoder of the same encoding gives the events back, in order. libcaer, libcaer_cmp
and mono keep absolute time through their time base; evt3, evt2 and evt21 keep time up to whole
turns of their clock (24 bits, 16.8 s, and 34 bits, 4.8 hours) before the first event. trigger
takes and gives triggers, TRIGGER_DTYPE[n], in place of events.

"""

from collections.abc import Callable
from typing import Protocol

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events.evt2_encoder import Evt2Encoder, Evt21Encoder
from eventdepth_core.events.evt3_encoder import Evt3Encoder
from eventdepth_core.events.libcaer_encoder import LibcaerCmpEncoder, LibcaerEncoder
from eventdepth_core.events.mono import MonoEncoder
from eventdepth_core.events.trigger import TriggerEncoder
from eventdepth_core.types import EVENT_DTYPE, Events, TRIGGER_DTYPE


class PacketEncoder(Protocol):
    """Turns the events of one stream into payloads and keeps the state between them."""

    @property
    def encoding(self) -> str:
        """The name of the encoding as in event packets."""

    @property
    def width(self) -> int:
        """Width of the sensor in pixels."""

    @property
    def height(self) -> int:
        """Height of the sensor in pixels."""

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:
        """Return the payload of `events`, to be sent with `time_base_ns`."""


_ENCODERS: dict[str, Callable[[int, int], PacketEncoder]] = {
    'evt3': Evt3Encoder,
    'evt2': Evt2Encoder,
    'evt21': Evt21Encoder,
    'libcaer': LibcaerEncoder,
    'libcaer_cmp': LibcaerCmpEncoder,
    'mono': MonoEncoder,
    'trigger': TriggerEncoder,
}
ENCODABLE: tuple[str, ...] = tuple(_ENCODERS)


class _CheckedEncoder:
    """Checks dtype and addresses once for all encodings."""

    def __init__(self, encoder: PacketEncoder) -> None:
        is_trigger = encoder.encoding == TriggerEncoder.encoding
        self._dtype = TRIGGER_DTYPE if is_trigger else EVENT_DTYPE
        self.encoding = encoder.encoding
        self.width = encoder.width
        self.height = encoder.height
        self._encoder = encoder

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:
        """Return the payload of `events`, to be sent with `time_base_ns`."""
        if events.dtype != self._dtype:
            name = 'EVENT_DTYPE' if self._dtype == EVENT_DTYPE else 'TRIGGER_DTYPE'
            raise InputError(f'Expected events of {name}, got {events.dtype}.')
        has_address = events.size > 0 and self._dtype == EVENT_DTYPE
        if has_address and (events['x'].max() >= self.width or events['y'].max() >= self.height):
            raise InputError(
                f'Expected events within {self.width} x {self.height}, '
                f'got x up to {events["x"].max()} and y up to {events["y"].max()}.'
            )
        return self._encoder.encode(events, time_base_ns)


def packet_encoder(encoding: str, width: int, height: int) -> PacketEncoder:
    """
    Make the packet encoder for `encoding` and a sensor of `width` x `height` pixels.

    Raises
    ------
    UnknownEncodingError
        For an encoding that is not one of `ENCODABLE`.
    InputError
        For a size that is not positive or too large for the encoding.

    """
    if encoding not in ENCODABLE:
        raise UnknownEncodingError(encoding, ENCODABLE)
    if width <= 0 or height <= 0:
        raise InputError(f'Expected a positive sensor size, got {width} x {height}.')
    return _CheckedEncoder(_ENCODERS[encoding](width, height))


def encode(
    encoding: str, events: Events, width: int, height: int, *, time_base_ns: int = 0
) -> bytes:
    """
    Return `events` as one payload of `encoding`.

    Parameters
    ----------
    encoding
        One of `ENCODABLE`.
    events
        EVENT_DTYPE[n], t ascending, µs, within `width` x `height`; TRIGGER_DTYPE[n] for trigger.
    width, height
        Size of the sensor in pixels.
    time_base_ns
        The time base that the packet will carry: mono and trigger need every event within
        2^32 ns of it, libcaer within 2^31 µs, libcaer_cmp within 2^24 µs; the others have none.

    """
    return packet_encoder(encoding, width, height).encode(events, time_base_ns)
