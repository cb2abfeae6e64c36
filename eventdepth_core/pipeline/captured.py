"""A stamp with its window of events, fixed at the tick; the frame is made of it later."""

from dataclasses import dataclass

from eventdepth_core.pipeline.event_stream import EventWindow
from eventdepth_core.pipeline.motion import TakenStream


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """
    What `DepthPipeline.capture` took at `stamp_us`.

    `window` is None before the stream of events; `is_silent` says that events have not come for
    too long to enter beside another sensor; `tensor_ms` is the wall time that taking it cost;
    `events` are those for the sweep, as they came, None without poses.

    """

    stamp_us: int
    window: EventWindow | None = None
    is_silent: bool = False
    tensor_ms: float = 0.0
    events: TakenStream | None = None

    @property
    def num_bytes(self) -> int:
        """Bytes of the packets that are held for the sweep."""
        return 0 if self.events is None else self.events.held.num_bytes
