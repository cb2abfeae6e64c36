"""
Packets or events in, tensors of any window out: work is done when the data arrive.

Each event is added once, on arrival, to what its interval of time holds. A window on the interval
grid then costs one pass over the intervals; any other window is added up again from the packets
kept. Both give the same bits, and so does every way to cut the stream into packets.

Laws: a window without events is zero; an event outside every window is nowhere lost silently but
counted; a step back in time beyond noise forgets everything and is recorded; a small step back
goes where its time says.

"""

from collections import deque
from typing import Any, Final

from eventdepth_core.errors import InputError, StreamChangedError
from eventdepth_core.events import evt3_kernels, interval_kernels
from eventdepth_core.events.arguments import check_events, payload_octets
from eventdepth_core.events.discontinuity import Discontinuity
from eventdepth_core.events.evt3 import Evt3Decoder
from eventdepth_core.events.filters import FilterChain
from eventdepth_core.events.forms import Form
from eventdepth_core.events.held_events import HeldEvents
from eventdepth_core.events.intervals import Intervals, MAX_BACKWARD_US, Window
from eventdepth_core.events.kept_packets import KeptEvents, KeptPackets, KeptWords
from eventdepth_core.events.normalisation import check_normalisation, Normalisation, Staged
from eventdepth_core.events.packet_counts import fresh_tally, packet_counts, PacketCounts
from eventdepth_core.events.packet_decoder import packet_decoder, PacketDecoder, Payload
from eventdepth_core.events.tally_kernels import BACKWARD_STEPS, EVENTS, OUT_OF_SENSOR
from eventdepth_core.types import EVENT_DTYPE, Events, Float32
import numpy as np
from numpy.typing import NDArray

_CHUNK_WORDS: Final = 1 << 15
_MAX_DISCONTINUITIES: Final = 64


class EventAccumulator:
    """
    Accumulates one event stream for tensors of `form`.

    Parameters
    ----------
    form
        The representation, its window and its grid of intervals.
    width, height
        Size of the sensor in pixels.
    lookup
        int32 (height * width,): the output cell of each sensor pixel, -1 for none (such events
        are counted in `num_unmapped`); None leaves every pixel where it is.
    output_size
        (height, width) of the tensor; default the sensor's. Cells count row by row.
    event_filter
        Filters that every event goes through first; what they leave out only tells the time.

    Raises
    ------
    InputError
        For a size that is not positive, or a lookup of another length, dtype or range.

    """

    def __init__(
        self,
        form: Form[Any],  # whatever its cells are
        *,
        width: int,
        height: int,
        lookup: NDArray[np.int32] | None = None,
        output_size: tuple[int, int] | None = None,
        event_filter: FilterChain | None = None,
    ) -> None:
        if width <= 0 or height <= 0:
            raise InputError(f'Expected a positive sensor size, got {width} x {height}.')
        self._form = form
        self.size = (height, width)
        self.output_size = self.size if output_size is None else output_size
        self._lookup = _checked_lookup(lookup, self.size, self.output_size)
        self._ring = form.ring(self._num_cells)
        self._kept = KeptPackets(2 * form.window_us + 2 * MAX_BACKWARD_US)
        self._filter = event_filter
        self.num_filtered = 0
        """Events that the filters have left out."""
        self._decoder: PacketDecoder | None = None
        self._tally = fresh_tally()
        self._discontinuities: deque[Discontinuity] = deque(maxlen=_MAX_DISCONTINUITIES)
        self.num_discontinuities = 0
        self._scratch: Float32 | None = None
        self.packet_start_us: int | None = None
        """Sensor time of the first event of the latest packet; None if it brought none."""

    @property
    def newest_us(self) -> int | None:
        """The newest sensor time that the stream has shown, µs; None before the first."""
        return self._ring.newest_us

    @property
    def oldest_complete_us(self) -> int | None:
        """The time from which on every event that came can still enter a window, µs."""
        return self._kept.complete_from_us

    @property
    def counts(self) -> PacketCounts:
        """What packets and pushed events have brought since the last `reset`."""
        pushed = packet_counts(self._tally)
        return pushed if self._decoder is None else pushed.plus(self._decoder.counts)

    @property
    def num_unmapped(self) -> int:
        """Events whose pixel has no output cell."""
        return int(self._ring.clock[interval_kernels.NUM_UNMAPPED])

    @property
    def discontinuities(self) -> tuple[Discontinuity, ...]:
        """The latest breaks in time, oldest first."""
        return tuple(self._discontinuities)

    def push_packet(self, encoding: str, payload: Payload, time_base_ns: int = 0) -> None:
        """
        Take a payload of the stream in; what is wrong in it is counted.

        Raises
        ------
        UnknownEncodingError
            For an encoding without a packet decoder.
        StreamChangedError
            For another encoding than that of the packets before.

        """
        decoder = self._decoder_for(encoding)
        if isinstance(decoder, Evt3Decoder) and self._filter is None:
            whole = payload if isinstance(payload, bytes) else payload_octets(payload).tobytes()
            words = decoder.words(whole)
            self.packet_start_us = _first_time(decoder, words)
            while words.size:
                num_added = self._push_words(decoder, words[:_CHUNK_WORDS])
                words = words[num_added:]
            return
        events = decoder.decode(payload, time_base_ns)
        self.packet_start_us = int(events['t'][0]) if events.size else None
        self._add_filtered(events)

    def push_events(self, events: Events) -> None:
        """
        Take decoded events in: EVENT_DTYPE[n], µs, in stream order.

        Raises
        ------
        InputError
            For another dtype or a time at the ends of int64. Events outside the sensor do not
            enter and are counted.

        """
        check_events(events)
        height, width = self.size
        is_inside = (events['x'] < width) & (events['y'] < height)
        # a copy in any case, because the array may be the caller's buffer
        inside = events.copy() if is_inside.all() else events[is_inside]
        self._tally[OUT_OF_SENSOR] += events.size - inside.size
        self._tally[EVENTS] += inside.size
        self._add_filtered(inside)

    # the element type is that of the form, float32 for voxel grids
    def tensor(self, end_us: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """
        Return the tensor of [end_us - window_us, end_us), float32 (bins, H, W) for voxel grids.

        What has not come yet or is no longer held counts as no events: `newest_us` and
        `oldest_complete_us` say whether the window is whole. `out` spares the allocation.

        """
        shape, dtype = self._form.shape(self.output_size), self._form.out_dtype
        out = np.empty(shape, dtype) if out is None else _checked_out(out, shape, dtype)
        self._form.write(*self._held(end_us), out)
        return out

    def staged(self, end_us: int, normalisation: Normalisation, *, out: Staged) -> None:
        """
        Write the tensor of [end_us - window_us, end_us), normalised, into `out`.

        The numbers are those of `stage` on what `tensor` returns, with fewer passes over memory;
        `out` is float32 or float16, contiguous, such as a view of pinned memory.

        Raises
        ------
        InputError
            For an unknown normalisation, another type or shape of `out`, or a representation that
            is not float32.

        """
        check_normalisation(normalisation)
        if self._form.out_dtype != np.float32:
            raise InputError(f'Expected a form of float32, got one of {self._form.out_dtype}.')
        shape = self._form.shape(self.output_size)
        is_half = out.dtype == np.float16
        _checked_out(out, shape, np.dtype(np.float16 if is_half else np.float32))
        grid = self._scratch_grid(shape) if is_half else out.view(np.float32)
        staged = out if is_half else grid
        self._form.write_staged(*self._held(end_us), normalisation, grid, staged)

    def num_events_in(self, start_us: int, end_us: int) -> int:
        """Return how many events of [start_us, end_us) are held."""
        window = self._ring.window(start_us, end_us)
        if window is not None:
            return int(self._ring.counts[window.slots[window.slots >= 0]].sum())
        return int(self.events_between(start_us, end_us).size)

    def events_between(self, start_us: int, end_us: int) -> Events:
        """Return the events of [start_us, end_us) that are held, in stream order, unrectified."""
        return self.held(start_us, end_us).decoded()

    def held(self, start_us: int, end_us: int) -> HeldEvents:
        """Return the events of [start_us, end_us) that are held, not decoded yet."""
        packets = tuple(self._kept.overlapping(start_us, end_us))
        return HeldEvents(packets, start_us, end_us, self.size)

    def reset(self) -> None:
        """Forget the stream, its encoding, its counts and its breaks."""
        self._forget_events()
        self._decoder = None
        self._tally = fresh_tally()
        self._ring.clock[interval_kernels.NUM_UNMAPPED] = 0
        self._discontinuities.clear()
        self.num_discontinuities = 0
        self.num_filtered = 0
        if self._filter is not None:
            self._filter.reset()

    def resynchronise(self) -> None:
        """Forget addresses after lost packets and keep the time."""
        if self._decoder is not None:
            self._decoder.resynchronise()

    @property
    def _num_cells(self) -> int:
        return self.output_size[0] * self.output_size[1]

    def _decoder_for(self, encoding: str) -> PacketDecoder:
        if self._decoder is None:
            self._decoder = packet_decoder(encoding, self.size[1], self.size[0])
        elif self._decoder.encoding != encoding:
            raise StreamChangedError(
                f'Expected packets in {self._decoder.encoding!r} as before, got {encoding!r}.'
            )
        return self._decoder

    def _add_filtered(self, events: Events) -> None:
        if self._filter is None or events.size == 0:
            self._add_events(events)
            return
        kept = self._filter.apply(events)
        self.num_filtered += events.size - kept.size
        self._add_events(kept)
        self._follow_time(int(events['t'][0]), int(events['t'].max()))

    def _follow_time(self, first_us: int, last_us: int) -> None:
        """Let events that were left out tell the time."""
        newest_us = self.newest_us
        if newest_us is None or last_us > newest_us:
            interval_kernels.follow(last_us, *self._ring.arrays)
            self._kept.append(KeptEvents(np.zeros(0, EVENT_DTYPE), first_us, last_us))
            self._note_break(last_us)

    def _add_events(self, events: Events) -> None:
        while events.size:
            num_added = self._form.add_events(events, self.size, self._lookup, self._ring)
            self._keep_events(events[:num_added])
            events = events[num_added:]
            has_broken = events.size > 0 and self._note_break(int(events['t'][0]))
            if num_added == 0 and not has_broken:
                raise InputError(
                    f'Expected times that an interval holds, got {events["t"][0]} µs.'
                )

    def _push_words(self, decoder: Evt3Decoder, words: NDArray[np.uint16]) -> int:
        before = decoder.state.copy()
        num_backward = decoder.tally[BACKWARD_STEPS]
        decoding = decoder.state, decoder.tally
        num_added = self._form.add_words(words, self.size, self._lookup, decoding, self._ring)
        if decoder.state[evt3_kernels.IS_TIMED]:
            has_stepped_back = decoder.tally[BACKWARD_STEPS] > num_backward
            first_us, last_us = self._times_of(before, decoder.state, has_stepped_back)
            self._kept.append(KeptWords(words[:num_added], before, first_us, last_us))
        self._note_break(int(decoder.state[evt3_kernels.TIME]))
        return num_added

    def _times_of(
        self, before: NDArray[np.int64], after: NDArray[np.int64], has_stepped_back: bool
    ) -> tuple[int, int]:
        """Return bounds of the times between two states of the packet decoder."""
        clock = self._ring.clock
        if has_stepped_back:
            back_us = int(clock[interval_kernels.MAX_BACK] + 1) * self._form.interval_us
            first_us = int(before[evt3_kernels.TIME]) - back_us
            return first_us, int(clock[interval_kernels.NEWEST])
        is_first = not before[evt3_kernels.IS_TIMED]
        first_us = clock[interval_kernels.FIRST] if is_first else before[evt3_kernels.TIME]
        return int(first_us), int(after[evt3_kernels.TIME])

    def _keep_events(self, events: Events) -> None:
        if events.size:
            first_us, last_us = int(events['t'].min()), int(events['t'].max())
            self._kept.append(KeptEvents(events, first_us, last_us))

    def _note_break(self, to_us: int) -> bool:
        found = self._ring.take_break(to_us)
        if found is None:
            return False
        self._discontinuities.append(found)
        self.num_discontinuities += 1
        if found.kind == 'backward':
            self._forget_events()
        return True

    def _forget_events(self) -> None:
        self._ring.forget()
        self._kept.forget()

    # whatever the cells of the form are
    def _held(self, end_us: int) -> tuple[Intervals[Any], Window]:
        """Return the window that ends at `end_us` in the ring, or added up again beside it."""
        start_us = end_us - self._form.window_us
        window = self._ring.window(start_us, end_us)
        return self._added_again(start_us, end_us) if window is None else (self._ring, window)

    def _added_again(self, start_us: int, end_us: int) -> tuple[Intervals[Any], Window]:
        intervals, window = self._form.single_window(start_us, self._num_cells)
        for kept in self._kept.overlapping(start_us, end_us):
            if isinstance(kept, KeptEvents):
                self._form.add_events(kept.events, self.size, self._lookup, intervals)
            else:
                decoding = kept.state.copy(), fresh_tally()
                self._form.add_words(kept.words, self.size, self._lookup, decoding, intervals)
        return intervals, window

    def _scratch_grid(self, shape: tuple[int, ...]) -> Float32:
        if self._scratch is None:
            self._scratch = np.zeros(shape, np.float32)
        return self._scratch


def _first_time(decoder: Evt3Decoder, words: NDArray[np.uint16]) -> int | None:
    """Return when the first event of `words` happened; the packet decoder stays as it was."""
    first_us = int(evt3_kernels.first_evt3_time(words, decoder.state.copy(), fresh_tally()))
    return None if first_us == evt3_kernels.NO_TIME else first_us


def _checked_out(
    out: NDArray[Any],  # of any type, this is the check
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
) -> NDArray[Any]:
    if out.dtype != dtype or out.shape != shape or not out.flags.c_contiguous:
        raise InputError(
            f'Expected out as contiguous {dtype} {shape}, got {out.dtype} {out.shape}.'
        )
    return out


def _checked_lookup(
    lookup: NDArray[np.int32] | None, size: tuple[int, int], output_size: tuple[int, int]
) -> NDArray[np.int32] | None:
    num_cells = output_size[0] * output_size[1]
    if min(output_size) <= 0:
        raise InputError(f'Expected a positive output size, got {output_size}.')
    if lookup is None:
        if output_size != size:
            raise InputError(f'Expected a lookup for output size {output_size}, got none.')
        return None
    if lookup.dtype != np.int32 or lookup.shape != (size[0] * size[1],):
        raise InputError(
            f'Expected a lookup int32 ({size[0] * size[1]},), got {lookup.dtype} {lookup.shape}.'
        )
    if lookup.min() < -1 or lookup.max() >= num_cells:
        raise InputError(
            f'Expected lookup entries of -1 to {num_cells - 1}, '
            f'got {lookup.min()} to {lookup.max()}.'
        )
    if np.array_equal(lookup, np.arange(lookup.size)):
        return None  # nothing moves: the kernels are faster without a table
    return np.require(lookup, requirements=['C', 'W'])
