"""
Packet encoders: events -> driver bytes of one encoding, for recordings and tests.

Law: the packet decoder of the same encoding gives the events back, in order. mono keeps absolute
time through its time base; evt3 keeps time up to whole turns of its 24-bit clock (16.8 s) before
the first event.

"""

from typing import Protocol

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events.evt3_encoder import Evt3Encoder
from eventdepth_core.events.mono import MonoEncoder
from eventdepth_core.types import EVENT_DTYPE, Events

ENCODABLE: tuple[str, ...] = (Evt3Encoder.encoding, MonoEncoder.encoding)


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


class _CheckedEncoder:
    """Checks dtype and addresses once for all encodings."""

    def __init__(self, encoder: PacketEncoder) -> None:
        self.encoding = encoder.encoding
        self.width = encoder.width
        self.height = encoder.height
        self._encoder = encoder

    def encode(self, events: Events, time_base_ns: int = 0) -> bytes:
        """Return the payload of `events`, to be sent with `time_base_ns`."""
        if events.dtype != EVENT_DTYPE:
            raise InputError(f'Expected events of EVENT_DTYPE, got {events.dtype}.')
        if events.size and (events['x'].max() >= self.width or events['y'].max() >= self.height):
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
    make = Evt3Encoder if encoding == Evt3Encoder.encoding else MonoEncoder
    return _CheckedEncoder(make(width, height))


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
        EVENT_DTYPE[n], t ascending, µs, within `width` x `height`.
    width, height
        Size of the sensor in pixels.
    time_base_ns
        The time base that the packet will carry: mono needs every event within 2^32 ns of it,
        evt3 has none.

    """
    return packet_encoder(encoding, width, height).encode(events, time_base_ns)
