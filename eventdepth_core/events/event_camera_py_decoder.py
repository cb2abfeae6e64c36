"""
event_camera_py, where a robot has it, behind the protocol of the packet decoders.

It is an alternative by name only (`packet_decoder(..., implementation='event_camera_py')`),
because it holds the interpreter lock while it decodes. What it would throw at or pass on is dealt
with here: reserved words and invalid records are taken out and counted before the call, events
outside the sensor after it, and its int32 times are unwrapped.

Known differences from our own decoders: between an upper and a lower time word of EVT3 or
libcaer_cmp it keeps the stale lower bits; an event in front of the first row of a stream gets row
0; libcaer times count in ns, so that a silence of more than 2.1 s loses turns of 4.3 s.

"""

from typing import Final, Protocol

from eventdepth_core.errors import DecodeError, InputError, MissingDependencyError
from eventdepth_core.events import evt3_kernels, libcaer_cmp_kernels
from eventdepth_core.events import tally_kernels as place
from eventdepth_core.events.arguments import payload_octets
from eventdepth_core.events.packet_counts import fresh_tally, packet_counts, PacketCounts
from eventdepth_core.events.word_decoder import NO_TRIGGERS
from eventdepth_core.types import EVENT_DTYPE, Events, TRIGGER_DTYPE, UInt8
import numpy as np
from numpy.typing import NDArray

_WORD_BYTES: Final = {'evt3': 2, 'libcaer': 8, 'libcaer_cmp': 2, 'mono': 8, 'trigger': 8}
ENCODINGS: Final = tuple(_WORD_BYTES)
_IN_NANOSECONDS: Final = ('libcaer', 'mono', 'trigger')
_INSTALL: Final = 'apt install ros-$ROS_DISTRO-event-camera-py'
_MAX_SIZE: Final = (1 << 16) - 1
_EVT3_RESERVED: Final = (1, 9, 11, 12, 13)
# A row (column) and vector base beyond the sensor, so that nothing passes before the next ones.
_FORGET_ADDRESSES: Final = {
    'evt3': (evt3_kernels.ADDR_Y << 12 | 0x7FF, evt3_kernels.VECT_BASE_X << 12 | 0x7FF),
    'libcaer_cmp': (
        libcaer_cmp_kernels.ADDR_X << 12 | 0x7FF,
        libcaer_cmp_kernels.VECT_BASE_Y << 12 | 0x7FF,
    ),
}


class EventCameraPyDecoder:
    """
    Packet decoder that lets event_camera_py decode.

    Raises
    ------
    MissingDependencyError
        Where event_camera_py is not installed.
    InputError
        For an encoding out of `ENCODINGS` or a side of more than 65535 pixels.

    """

    def __init__(self, encoding: str, width: int, height: int) -> None:
        if encoding not in ENCODINGS:
            raise InputError(
                f'Expected an encoding that event_camera_py decodes ({", ".join(ENCODINGS)}), '
                f'got {encoding!r}.'
            )
        if max(width, height) > _MAX_SIZE:
            raise InputError(f'Expected at most {_MAX_SIZE} pixels, got {width} x {height}.')
        self.encoding = encoding
        self.width = width
        self.height = height
        self.reset()

    @property
    def triggers(self) -> NDArray[np.void]:
        """External triggers of the last payload: TRIGGER_DTYPE[m], µs."""
        return self._triggers

    @property
    def counts(self) -> PacketCounts:
        """The totals since the last `reset`; those that only the peer could count stay 0."""
        return packet_counts(self._tally)

    def reset(self) -> None:
        """Forget everything, as if no payload had come."""
        self._peer = _new_peer()
        self._tally = fresh_tally()
        self._triggers = NO_TRIGGERS
        self._last: int | None = None

    def resynchronise(self) -> None:
        """Forget addresses after lost packets and keep the time."""
        words = _FORGET_ADDRESSES.get(self.encoding)
        if words is not None:
            self._call(np.array(words, '<u2').view(np.uint8), 0)

    def decode(
        self, payload: bytes | bytearray | memoryview | UInt8, time_base_ns: int = 0
    ) -> Events:
        """
        Return the events of `payload` in stream order: EVENT_DTYPE[n], µs.

        Raises
        ------
        DecodeError
            If the peer throws, which it does at nothing that is known.

        """
        self._call(self._clean(payload), time_base_ns)
        events = self._events(time_base_ns)
        self._triggers = self._found_triggers()
        self._tally[place.EVENTS] += events.size
        self._tally[place.TRIGGERS] += self._triggers.size
        return events

    def _call(self, octets: UInt8, time_base_ns: int) -> None:
        try:
            self._peer.decode_array(
                self.encoding, self.width, self.height, time_base_ns & ((1 << 64) - 1), octets
            )
        except RuntimeError as error:
            raise DecodeError(
                f'Expected {self.encoding} words that event_camera_py decodes, got {error}.'
            ) from error

    def _clean(self, payload: object) -> UInt8:
        """Return the octets of the words that the peer can take, and count the others."""
        octets = payload_octets(payload)
        surplus = octets.size % _WORD_BYTES[self.encoding]
        self._tally[place.PACKETS] += 1
        self._tally[place.BYTES] += octets.size
        self._tally[place.DROPPED_BYTES] += surplus
        octets = octets[: octets.size - surplus]
        if self.encoding == 'evt3':
            words = octets.view('<u2')
            is_reserved = np.isin(words >> 12, _EVT3_RESERVED)
        elif self.encoding == 'libcaer':
            words = octets.view('<u8')
            is_reserved = (words & np.uint64(1 << 63 | 1)) != 1
        else:
            return octets
        if not is_reserved.any():
            return octets
        self._tally[place.RESERVED] += np.count_nonzero(is_reserved)
        return words[~is_reserved].view(np.uint8)

    def _events(self, time_base_ns: int) -> Events:
        found = self._peer.get_cd_events()
        is_inside = (found['x'] < self.width) & (found['y'] < self.height)
        times = self._times(found['t'], time_base_ns)
        if not is_inside.all():
            self._tally[place.OUT_OF_SENSOR] += found.size - np.count_nonzero(is_inside)
            found, times = found[is_inside], times[is_inside]
        events = np.zeros(found.size, EVENT_DTYPE)
        events['t'] = times
        events['x'] = found['x']
        events['y'] = found['y']
        events['p'] = 2 * (found['p'] > 0) - 1
        return events

    def _times(self, lows: NDArray[np.int32], time_base_ns: int) -> NDArray[np.int64]:
        """Return sensor times in µs from the peer's int32 ones."""
        if lows.size == 0:
            return np.zeros(0, np.int64)
        if self.encoding == 'mono':
            first = time_base_ns
        elif self._last is None:
            first = int(lows[0])
        else:
            first = self._last
        wrapped = np.array((first + (1 << 31)) % (1 << 32) - (1 << 31)).astype(np.int32)
        if self.encoding == 'mono':
            ahead = (lows - wrapped).view(np.uint32).astype(np.int64)
            base_us, remainder_ns = divmod(time_base_ns, 1000)
            mono_us: NDArray[np.int64] = base_us + (remainder_ns + ahead) // 1000
            return mono_us
        steps = np.diff(lows, prepend=wrapped).astype(np.int64)
        times: NDArray[np.int64] = first + np.cumsum(steps)
        self._last = int(times[-1])
        start = self._peer.get_start_time() if self.encoding.startswith('libcaer') else None
        absolute = times if start is None else times + start
        return absolute // 1000 if self.encoding in _IN_NANOSECONDS else absolute

    def _found_triggers(self) -> NDArray[np.void]:
        found = self._peer.get_ext_trig_events()
        triggers = np.zeros(found.size, TRIGGER_DTYPE)
        in_nanoseconds = self.encoding in _IN_NANOSECONDS
        triggers['t'] = found['t'] // 1000 if in_nanoseconds else found['t']
        triggers['id'] = found['id']
        triggers['p'] = 2 * (found['p'] > 0) - 1
        return triggers


class _Peer(Protocol):
    """What is used of event_camera_py's Decoder, a compiled class without stubs."""

    def decode_array(
        self, encoding: str, width: int, height: int, time_base_ns: int, octets: UInt8
    ) -> None:
        """Decode and hold the events."""

    def get_cd_events(self) -> NDArray[np.void]:
        """Hand over the events: x, y, p 0 or 1, t int32."""

    def get_ext_trig_events(self) -> NDArray[np.void]:
        """Hand over the triggers: p 0 or 1, t int64, id."""

    def get_start_time(self) -> int | None:
        """Return the absolute time of the first event where the encoding has one."""


def _new_peer() -> _Peer:
    try:
        from event_camera_py import Decoder
    except ImportError as error:
        raise MissingDependencyError('event_camera_py', command=_INSTALL) from error
    peer: _Peer = Decoder()
    return peer
