"""
The depth node with its packets decoded at the tick: the other side of `bench_node`.

Everything is the product's but for one thing: the callback of the events only keeps its message,
and all that was kept is handed on when the packet comes that closes a depth period. The player's
packets last 1 ms and count from sensor time zero on, so their numbers say which one that is. The
time at which that packet came counts as received.

"""

from bisect import bisect_right
from dataclasses import replace
from pathlib import Path
import sys
import time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from eventdepth_core.realtime import LiveFrame
from eventdepth_ros.depth import configuration
from eventdepth_ros.depth.intake import Intake
from eventdepth_ros.nodes.depth import main

PACKETS_PER_S = 1000


class Batches:
    """When the newest packet of each batch came."""

    def __init__(self) -> None:
        self.began_ns: list[int] = []

    def received_at_tick(self, live_frame: LiveFrame) -> LiveFrame:
        """Return the frame with the arrival of the packet that closed its window."""
        place = bisect_right(self.began_ns, live_frame.captured_ns)
        return replace(live_frame, received_ns=self.began_ns[place - 1])


BATCHES = Batches()


class LateIntake(Intake):
    """Keeps event packets until the tick."""

    packets_per_depth = 50

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept: list[Any] = []
        self._period = 0

    def _take(self, modality: Any, message: Any, num_bytes: int) -> None:
        """Keep a packet; at the tick hand on all that were kept."""
        self._kept.append((modality, message, num_bytes))
        period = message.seq // self.packets_per_depth
        if period == self._period:
            return
        self._period = period
        BATCHES.began_ns.append(time.monotonic_ns())
        for kept in self._kept:
            super()._take(*kept)
        self._kept.clear()


class LateConfiguration(configuration.Configuration):
    """A configuration whose frames say when the packet at the tick came."""

    def __init__(self, parameters: Any, around: Any) -> None:
        LateIntake.packets_per_depth = round(PACKETS_PER_S / parameters.rate_hz)
        super().__init__(parameters, around)

    def _on_frame(self, live_frame: LiveFrame) -> None:
        super()._on_frame(BATCHES.received_at_tick(live_frame))


if __name__ == '__main__':
    configuration.Intake = LateIntake
    sys.modules['eventdepth_ros.nodes.depth'].Configuration = LateConfiguration
    sys.exit(main())
