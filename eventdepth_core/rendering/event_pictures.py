"""
Event packets to pictures at a steady rate of sensor time.

The picture of stamp t shows the events of [t - window, t) (`polarity`) or the time surface at t
(`time_surface`); stamps lie on the grid of the rate, as those of depth do. Laws: a packet is
always decoded, so that the decoder's state holds while nobody looks; what is not wanted is not
drawn; another size, another encoding or time that goes back starts anew; memory is bounded by the
events of one window.

"""

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.events import (
    ENCODINGS,
    event_image,
    packet_decoder,
    PacketDecoder,
    RELATIVE_ENCODINGS,
    SensorClock,
)
from eventdepth_core.events.time_surface import time_surface, time_surface_image
from eventdepth_core.scheduling.triggers import RateTriggers
from eventdepth_core.types import EVENT_DTYPE, EventPacket, Events, UInt8
import numpy as np

PictureStyle: TypeAlias = Literal['polarity', 'time_surface']
STYLES: Final[tuple[PictureStyle, ...]] = ('polarity', 'time_surface')
VISIBLE_DECAYS: Final = 5
"""After so many decay times an event is less than two grey levels of 255."""
MAX_BACK_US: Final = 50_000
MAX_SILENCE_US: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """
    How events are drawn, and how often in sensor time.

    Raises
    ------
    InputError
        For an unknown style, or a time or rate that is not positive.

    """

    style: PictureStyle = 'polarity'
    window_us: int = 33_000
    decay_us: int = 30_000
    rate_hz: float = 30.0

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise InputError(f'Expected a style out of {", ".join(STYLES)}, got {self.style!r}.')
        if min(self.window_us, self.decay_us, self.rate_hz) <= 0:
            raise InputError(f'Expected window, decay and rate > 0, got {self}.')

    @property
    def keep_us(self) -> int:
        """For how long an event can be seen, µs."""
        if self.style == 'polarity':
            return self.window_us
        return VISIBLE_DECAYS * self.decay_us


@dataclass(frozen=True, slots=True, eq=False)
class EventPicture:
    """`picture` uint8 (H, W, 3) RGB of the events until `stamp_us` of host time."""

    picture: UInt8
    stamp_us: int


class EventPictures:
    """Draws one stream of packets; one thread at a time."""

    def __init__(self, options: PictureOptions) -> None:
        self._options = options
        self.num_gaps = 0
        self.num_restarts = 0
        self._decoder: PacketDecoder | None = None
        self._last_seq: int | None = None
        self._arrival_us: int | None = None
        self._restart()

    def push(self, packet: EventPacket, *, is_wanted: bool = True) -> list[EventPicture]:
        """
        Take a packet in and return the pictures whose time has come, mostly none or one.

        Parameters
        ----------
        packet : EventPacket
            `arrival_us` maps sensor time to host time where the encoding is relative.
        is_wanted : bool
            Whether anybody looks; else nothing is drawn.

        Raises
        ------
        UnknownEncodingError
            For an encoding without a packet decoder.
        InputError
            For a size that no sensor has.

        """
        decoder = self._decoder_for(packet)
        events = decoder.decode(packet.payload, packet.time_base_ns)
        if events.size == 0:
            return []
        first_us, newest_us = int(events['t'][0]), int(events['t'].max())
        self._follow(packet, first_us, newest_us)
        self._kept.append(events)
        pictures = self._due(newest_us, is_wanted=is_wanted)
        self._observe(packet, first_us)
        self._forget_before(newest_us - self._options.keep_us - self._period_us)
        return pictures

    def _decoder_for(self, packet: EventPacket) -> PacketDecoder:
        decoder = self._decoder
        key = (packet.encoding, packet.width, packet.height)
        if decoder is None or key != (decoder.encoding, decoder.width, decoder.height):
            self.num_restarts += decoder is not None
            decoder = self._decoder = packet_decoder(*key)
            self._restart()
        elif self._has_gone_back(packet):
            self.num_restarts += 1
            decoder.reset()
            self._restart()
        elif packet.seq is not None and self._last_seq not in {None, packet.seq - 1}:
            self.num_gaps += 1
            decoder.resynchronise()
        self._last_seq, self._arrival_us = packet.seq, packet.arrival_us
        return decoder

    def _has_gone_back(self, packet: EventPacket) -> bool:
        """Return whether host time went back; sensor time that wraps looks as if it ran ahead."""
        before_us, now_us = self._arrival_us, packet.arrival_us
        return before_us is not None and now_us is not None and now_us < before_us - MAX_BACK_US

    def _restart(self) -> None:
        self._kept: deque[Events] = deque()
        self._triggers = RateTriggers(self._options.rate_hz)
        self._period_us = round(1e6 / self._options.rate_hz)
        self._clock = SensorClock()
        self._newest_us: int | None = None

    def _follow(self, packet: EventPacket, first_us: int, newest_us: int) -> None:
        """Start the grid, or start it anew after a jump in time."""
        before_us = self._newest_us
        if before_us is not None and newest_us < before_us - MAX_BACK_US:
            self._restart()
            self.num_restarts += 1
            before_us = None
        if before_us is None:
            self._observe(packet, first_us)
            self._triggers.start(first_us)
        elif first_us - before_us > MAX_SILENCE_US:
            self._triggers.jump(before_us, first_us)
        self._newest_us = newest_us if before_us is None else max(newest_us, before_us)

    def _due(self, newest_us: int, *, is_wanted: bool) -> list[EventPicture]:
        pictures = []
        while (stamp_us := self._triggers.peek()) is not None and stamp_us <= newest_us:
            self._triggers.pop()
            if is_wanted:
                pictures.append(EventPicture(self._drawn(stamp_us), self._to_host(stamp_us)))
        return pictures

    def _drawn(self, end_us: int) -> UInt8:
        options, decoder = self._options, self._decoder
        size = (0, 0) if decoder is None else (decoder.height, decoder.width)
        events = np.concatenate([np.empty(0, EVENT_DTYPE), *self._kept])
        if options.style == 'time_surface':
            surface = time_surface(events, size, end_us=end_us, decay_us=options.decay_us)
            return time_surface_image(surface)
        inside = (events['t'] >= end_us - options.window_us) & (events['t'] < end_us)
        return event_image(events[inside], size)

    def _to_host(self, sensor_us: int) -> int:
        return self._clock.to_host(sensor_us) if self._clock.is_ready else sensor_us

    def _observe(self, packet: EventPacket, first_us: int) -> None:
        if packet.arrival_us is not None and packet.encoding in RELATIVE_ENCODINGS:
            self._clock.observe(first_us, packet.arrival_us)

    def _forget_before(self, oldest_us: int) -> None:
        while self._kept and int(self._kept[0]['t'].max()) < oldest_us:
            self._kept.popleft()


def warm() -> None:
    """Compile what drawing needs, so that the first packets need not wait for it."""
    for encoding in ENCODINGS:
        packet_decoder(encoding, 2, 2).decode(b'')
    time_surface(np.empty(0, EVENT_DTYPE), (2, 2), end_us=0, decay_us=1.0)
