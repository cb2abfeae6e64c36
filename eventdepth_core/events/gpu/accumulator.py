"""
Voxel grids on a torch device from raw EVT3 bytes: the accumulator of the CPU, moved there.

Packets wait as bytes on the host until a chunk is full or a grid is asked for; then the chunk is
uploaded, decoded and added to the same packed moments. Laws: the same as `VoxelAccumulator`, and
its grids, bit for bit; any window is exact while its words are kept.

"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events import evt3_kernels as codes
from eventdepth_core.events.arguments import payload_octets
from eventdepth_core.events.gpu.evt3 import decode_evt3_words, fresh_state, TorchEvents
from eventdepth_core.events.intervals import MAX_BACKWARD_US
from eventdepth_core.events.moment_kernels import ONE, SHIFT
from eventdepth_core.events.packet_decoder import Payload
from eventdepth_core.events.tally_kernels import UNKNOWN
from eventdepth_core.events.voxel_spec import VoxelSpec
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

CHUNK_BYTES: Final = 1 << 18
ENCODING: Final = 'evt3'
NEVER: Final = -(1 << 62)


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Uploaded words, the state before them, and bounds of their times in µs."""

    words: Tensor
    state: Tensor
    first_us: int
    last_us: int


class TorchVoxelAccumulator:
    """
    Accumulates one EVT3 stream for voxel grids of `spec` on `device`.

    Parameters
    ----------
    spec
        Bins, window and interval.
    width, height
        Size of the sensor in pixels.
    lookup
        int32 (height * width,): the output cell of each sensor pixel, -1 for none.
    output_size
        (height, width) of the voxel grid; default the sensor's.
    device
        Where to decode and accumulate.

    Raises
    ------
    InputError
        For a size that is not positive, or a lookup of another length.

    """

    def __init__(
        self,
        spec: VoxelSpec,
        *,
        width: int,
        height: int,
        lookup: NDArray[np.int32] | None = None,
        output_size: tuple[int, int] | None = None,
        device: torch.device | str = 'cuda',
    ) -> None:
        if width <= 0 or height <= 0:
            raise InputError(f'Expected a positive sensor size, got {width} x {height}.')
        if lookup is not None and lookup.shape != (width * height,):
            raise InputError(f'Expected a lookup ({width * height},), got {lookup.shape}.')
        self.spec = spec
        self.size = (height, width)
        self.output_size = self.size if output_size is None else output_size
        self.device = torch.device(device)
        self._lookup = None if lookup is None else torch.from_numpy(lookup).to(self.device).long()
        num_slots = spec.num_intervals + 2
        num_cells = self.output_size[0] * self.output_size[1]
        self._sums = torch.zeros(num_slots, num_cells, dtype=torch.int64, device=self.device)
        self.reset()

    @property
    def newest_us(self) -> int | None:
        """The newest sensor time that the stream has shown, µs; None before the first."""
        self._flush()
        return None if self._newest_us == NEVER else self._newest_us

    def push_packet(self, encoding: str, payload: Payload, time_base_ns: int = 0) -> None:
        """
        Take a payload of the stream in.

        Raises
        ------
        UnknownEncodingError
            For another encoding than evt3, the one that is decoded here.

        """
        del time_base_ns
        if encoding != ENCODING:
            raise UnknownEncodingError(encoding, (ENCODING,))
        octets = payload_octets(payload)
        whole = octets[: octets.size - octets.size % 2].tobytes()
        self._pending.append(whole)
        self._num_pending += len(whole)
        if self._num_pending >= CHUNK_BYTES:
            self._flush()

    def tensor(self, end_us: int) -> Tensor:
        """Return the voxel grid of [end_us - window_us, end_us): float32 (bins, H, W)."""
        self._flush()
        start_us = end_us - self.spec.window_us
        interval_us = self.spec.interval_us
        first = start_us // interval_us
        is_on_grid = start_us % interval_us == 0 and end_us % interval_us == 0
        if is_on_grid and first > self._newest_interval - self._sums.shape[0]:
            slots = [first + i for i in range(self.spec.num_intervals)]
            return self._voxel(self._sums, slots, interval_us)
        return self._decoded_again(start_us, end_us)

    def resynchronise(self) -> None:
        """Forget addresses after lost packets and keep the time."""
        self._flush()
        self._state[[codes.ROW, codes.BASE]] = UNKNOWN

    def reset(self) -> None:
        """Forget the stream."""
        self._pending: list[bytes] = []
        self._num_pending = 0
        self._state = fresh_state(self.device)
        self._sums.zero_()
        self._newest_us = NEVER
        self._newest_interval = NEVER
        self._kept: deque[_Chunk] = deque()

    def _flush(self) -> None:
        """Upload, decode and add what is pending."""
        if self._num_pending == 0:
            return
        host = np.frombuffer(b''.join(self._pending), '<i2').copy()
        self._pending, self._num_pending = [], 0
        words = torch.from_numpy(host).to(self.device, non_blocking=True)
        before = self._state
        events, self._state = decode_evt3_words(words, before, self.size)
        if not int(self._state[codes.IS_TIMED]):
            return
        last_us = int(self._state[codes.TIME])
        newest_us = max(last_us, int(events.t.max())) if events.t.numel() else last_us
        first_us = int(events.t.min()) if events.t.numel() else last_us
        self._keep(_Chunk(words, before, first_us, newest_us))
        self._advance(max(newest_us, self._newest_us))
        interval = torch.div(events.t, self.spec.interval_us, rounding_mode='floor')
        is_inside = interval > self._newest_interval - self._sums.shape[0]
        slot = torch.remainder(interval, self._sums.shape[0])
        self._add(events, self._sums, slot, interval * self.spec.interval_us, is_inside)

    def _keep(self, chunk: _Chunk) -> None:
        self._kept.append(chunk)
        kept_us = 2 * self.spec.window_us + 2 * MAX_BACKWARD_US
        while self._kept and self._kept[0].last_us < chunk.last_us - kept_us:
            self._kept.popleft()

    def _advance(self, newest_us: int) -> None:
        """Clear the slots that newer intervals take over."""
        self._newest_us = newest_us
        newest = newest_us // self.spec.interval_us
        num_slots = self._sums.shape[0]
        for interval in range(max(self._newest_interval + 1, newest - num_slots + 1), newest + 1):
            self._sums[interval % num_slots].zero_()
        self._newest_interval = max(newest, self._newest_interval)

    def _add(
        self,
        events: TorchEvents,
        sums: Tensor,
        slot: Tensor,
        start_us: Tensor,
        is_inside: Tensor,
    ) -> None:
        cell = events.y * self.size[1] + events.x
        if self._lookup is not None:
            cell = self._lookup[cell]
            is_inside = is_inside & (cell >= 0)
        place = (slot * sums.shape[1] + cell)[is_inside]
        signed = (events.p * (ONE + events.t - start_us))[is_inside]
        sums.view(-1).index_add_(0, place, signed)

    def _decoded_again(self, start_us: int, end_us: int) -> Tensor:
        spacing_us = self.spec.spacing_us
        num_intervals = self.spec.bins - 1
        sums = torch.zeros(
            num_intervals, self._sums.shape[1], dtype=torch.int64, device=self.device
        )
        for chunk in self._kept:
            if chunk.last_us < start_us or chunk.first_us >= end_us:
                continue
            events, _ = decode_evt3_words(chunk.words, chunk.state, self.size)
            slot = torch.div(events.t - start_us, spacing_us, rounding_mode='floor')
            is_inside = (slot >= 0) & (slot < num_intervals)
            self._add(events, sums, slot, start_us + slot * spacing_us, is_inside)
        return self._voxel(sums, list(range(num_intervals)), spacing_us)

    def _voxel(self, sums: Tensor, intervals: list[int], interval_us: int) -> Tensor:
        """Return the grid of consecutive `intervals`, as the CPU's kernels round it."""
        spacing_us = self.spec.spacing_us
        per_bin = spacing_us // interval_us
        shape = (self.spec.bins, sums.shape[1])
        numerators = torch.zeros(shape, dtype=torch.float64, device=self.device)
        is_ring = sums is self._sums
        for i, interval in enumerate(intervals):
            if is_ring and interval > self._newest_interval:
                continue
            packed = sums[interval % sums.shape[0]]
            s1 = (packed << (64 - SHIFT)) >> (64 - SHIFT)
            s0 = (packed - s1) >> SHIFT
            behind_us = (i % per_bin) * interval_us
            k = i // per_bin
            numerators[k] += (spacing_us - behind_us) * s0 - s1
            numerators[k + 1] += behind_us * s0 + s1
        grid = (numerators * (1.0 / spacing_us)).to(torch.float32)
        return grid.view(self.spec.bins, *self.output_size)
