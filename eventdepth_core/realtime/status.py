"""What the live path gives: frames with the times of their stages, and a snapshot of its state."""

from collections.abc import Mapping
from dataclasses import dataclass

from eventdepth_core.pipeline import PipelineCounts
from eventdepth_core.types import DepthFrame, Entered, Modality


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """
    One frame and when its stages were reached, `time.monotonic_ns`.

    `received_ns`: the call that brought the newest input began; `captured_ns`: the window was
    taken; `started_ns`, `finished_ns`: inference.

    """

    frame: DepthFrame
    received_ns: int
    captured_ns: int
    started_ns: int
    finished_ns: int


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """
    A snapshot of the live path.

    `counts` are those of the pipeline. `drops` counts triggers without a frame by reason, so that
    num_triggers == num_frames + the sum of drops + num_pending; `input_drops` refused and
    superseded inputs. `newest_us` is the newest stamp of each modality in pipeline time. The
    clock's numbers are None until the driver's time is mapped. `num_resets` counts by reason.
    `last_mode` and `last_incomplete` are those of the newest frame; `motion_delay_us` is how long
    each stamp waits for events and poses after it.

    """

    counts: PipelineCounts
    num_triggers: int
    num_frames: int
    num_pending: int
    drops: Mapping[str, int]
    input_drops: Mapping[str, int]
    newest_us: Mapping[Modality, int]
    clock_offset_us: int | None
    clock_drift_ppm: float | None
    clock_jitter_us: float | None
    num_resets: Mapping[str, int]
    last_mode: tuple[Entered, ...]
    last_incomplete: tuple[str, ...]
    motion_delay_us: int = 0
