"""
Packet decoders: driver bytes of one encoding -> `EVENT_DTYPE[n]`, sensor time in int64 µs.

Laws: any payload is accepted, what is wrong in it is skipped and counted; no event lies outside
the sensor; the state lives on from payload to payload, so a stream may be cut at every word and
gives the same events; bytes behind the last whole word are dropped and counted, because carrying
them over would shift every word of the next packet; an empty payload gives no events.

"""

from collections.abc import Mapping
from typing import get_args, Literal, Protocol, TypeAlias

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events.arguments import checked_integer
from eventdepth_core.events.event_camera_py_decoder import EventCameraPyDecoder
from eventdepth_core.events.evt2 import Evt2Decoder
from eventdepth_core.events.evt3 import Evt3Decoder
from eventdepth_core.events.evt21 import Evt21Decoder
from eventdepth_core.events.libcaer import LibcaerDecoder
from eventdepth_core.events.libcaer_cmp import LibcaerCmpDecoder
from eventdepth_core.events.mono import MonoDecoder
from eventdepth_core.events.packet_counts import PacketCounts
from eventdepth_core.events.trigger import TriggerDecoder
from eventdepth_core.events.word_decoder import WordDecoder
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

Payload: TypeAlias = bytes | bytearray | memoryview | NDArray[np.uint8]
Implementation: TypeAlias = Literal['own', 'event_camera_py']

MAX_SIZE = 1 << 16
_DECODERS: tuple[type[WordDecoder], ...] = (
    Evt3Decoder,
    Evt2Decoder,
    Evt21Decoder,
    LibcaerDecoder,
    LibcaerCmpDecoder,
    MonoDecoder,
    TriggerDecoder,
)
ENCODINGS: tuple[str, ...] = tuple(decoder.encoding for decoder in _DECODERS)
WORD_BYTES: Mapping[str, int] = {
    decoder.encoding: decoder.word_dtype.itemsize for decoder in _DECODERS
}
"""The sizes at whose multiples a payload may be cut."""

RELATIVE_ENCODINGS = ('evt3', 'evt2', 'evt21')
"""Encodings whose time starts anywhere; the others carry the driver's absolute time."""

_REFUSED: Mapping[str, str] = {
    'evt4': (
        'EVT4 is a 32-bit format of newer sensors that no ROS driver publishes; '
        "let the camera send EVT3 or EVT2.1, or convert the file with the vendor's tools"
    ),
}


class PacketDecoder(Protocol):
    """
    Turns the payloads of one stream into events and keeps the state between them.

    `triggers` are those of the last payload, TRIGGER_DTYPE[m]; `counts` the totals since `reset`.

    """

    @property
    def encoding(self) -> str:
        """The name of the encoding as in event packets."""

    @property
    def width(self) -> int:
        """Width of the sensor in pixels."""

    @property
    def height(self) -> int:
        """Height of the sensor in pixels."""

    @property
    def triggers(self) -> NDArray[np.void]:
        """External triggers of the last payload: TRIGGER_DTYPE[m], µs."""

    @property
    def counts(self) -> PacketCounts:
        """The totals since the last `reset`, frozen."""

    def decode(self, payload: Payload, time_base_ns: int = 0) -> Events:
        """Return the events of `payload` in stream order: EVENT_DTYPE[n], µs."""

    def reset(self) -> None:
        """Forget everything, as if no payload had come."""

    def resynchronise(self) -> None:
        """Forget addresses after lost packets and keep the time."""


def packet_decoder(
    encoding: str, width: int, height: int, *, implementation: Implementation = 'own'
) -> PacketDecoder:
    """
    Make the packet decoder for `encoding` and a sensor of `width` x `height` pixels.

    `implementation` may be event_camera_py where it is installed; our own lets other threads run
    while it decodes, that one does not.

    Raises
    ------
    UnknownEncodingError
        For an encoding that is not one of `ENCODINGS`.
    InputError
        For a size that is no integer, not positive or beyond the uint16 addresses of EVENT_DTYPE,
        an implementation that there is not, or an encoding that it does not know.
    MissingDependencyError
        For an implementation that is not installed.

    """
    if implementation not in get_args(Implementation):
        names = ', '.join(get_args(Implementation))
        raise InputError(f'Expected an implementation out of {names}, got {implementation!r}.')
    for decoder in _DECODERS:
        if decoder.encoding == encoding:
            width, height = checked_integer(width, 'width'), checked_integer(height, 'height')
            if not (0 < width <= MAX_SIZE and 0 < height <= MAX_SIZE):
                raise InputError(
                    f'Expected a sensor size of 1 to {MAX_SIZE} pixels each way, '
                    f'got {width} x {height}.'
                )
            if implementation == 'event_camera_py':
                return EventCameraPyDecoder(encoding, width, height)
            return decoder(width, height)
    raise UnknownEncodingError(encoding, ENCODINGS, _REFUSED.get(encoding, ''))
