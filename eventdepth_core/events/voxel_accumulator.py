"""Packets or events in, voxel grids out: the accumulator for the one form used live."""

from typing import Any

from eventdepth_core.events.accumulator import EventAccumulator
from eventdepth_core.events.filters import FilterChain
from eventdepth_core.events.forms import VoxelForm
from eventdepth_core.events.packet_decoder import Payload
from eventdepth_core.events.voxel_spec import VoxelSpec
from eventdepth_core.events.window_ahead import WindowAhead
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

CLEAR_SHARE = 8
"""In the last eighth of an interval the next one is made ready: earlier, the cache forgets it."""


class VoxelAccumulator(EventAccumulator):
    """
    Accumulates one event stream for voxel grids of `spec`.

    EVT3 packets never become events: their words are added as they are. Parameters and errors
    are those of `EventAccumulator`, with `spec` for the bins, the window and the interval.

    """

    def __init__(
        self,
        spec: VoxelSpec,
        *,
        width: int,
        height: int,
        lookup: NDArray[np.int32] | None = None,
        output_size: tuple[int, int] | None = None,
        event_filter: FilterChain | None = None,
    ) -> None:
        self.spec = spec
        self._ahead: WindowAhead | None = None
        super().__init__(
            VoxelForm.of(spec),
            width=width,
            height=height,
            lookup=lookup,
            output_size=output_size,
            event_filter=event_filter,
        )

    def expect(self, end_us: int) -> None:
        """
        Prepare for `tensor(end_us)`: write its bins as their intervals close.

        One window at a time; it helps where signed e2vid bins stand on the grid of intervals, and
        changes nothing else. The expected tensor is a new array each time.

        """
        spec = self.spec
        start_us = end_us - spec.window_us
        is_on_nodes = spec.interval_us == spec.spacing_us and end_us % spec.interval_us == 0
        is_plain = spec.convention == 'e2vid' and spec.polarities == 'signed'
        if not (is_on_nodes and is_plain):
            return
        out = np.empty((spec.bins, self._num_cells), np.float32)
        self._ahead = WindowAhead(start_us, end_us, spacing_us=spec.spacing_us, out=out)

    def push_packet(self, encoding: str, payload: Payload, time_base_ns: int = 0) -> None:
        """Take a payload of the stream in, as every accumulator does."""
        super().push_packet(encoding, payload, time_base_ns)
        self._advance()

    def push_events(self, events: Events) -> None:
        """Take decoded events in, as every accumulator does."""
        super().push_events(events)
        self._advance()

    def tensor(self, end_us: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the voxel grid of [end_us - window_us, end_us), as every accumulator does."""
        ahead = self._ahead
        if out is None and ahead is not None and ahead.end_us == end_us:
            self._ahead = None
            window = self._ring.window(end_us - self.spec.window_us, end_us)
            if window is not None:
                return ahead.finished(self._ring, window).reshape(
                    self._form.shape(self.output_size)
                )
        return super().tensor(end_us, out=out)

    def _advance(self) -> None:
        """Do what a later packet would otherwise wait for."""
        self._ring.clear_next(within_us=self.spec.interval_us // CLEAR_SHARE)
        if self._ahead is not None:
            self._ahead.advance(self._ring)

    def _forget_events(self) -> None:
        self._ahead = None
        super()._forget_events()
