"""
Values of a finished replay: counts, drops, metrics, pictures, timing.

Law: `Timing` holds every number that a clock of the host produced, and nothing else does.

"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventdepth_core.events import PacketCounts
from eventdepth_core.recordings import StreamSummary
from eventdepth_core.types import Camera, Entered, Float32, Scale, UInt8
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """
    The recording by name and kind, and the pipeline time it covers.

    `played_s` is the time covered without the jumps over discontinuities.

    """

    name: str
    kind: str
    streams: tuple[StreamSummary, ...] = ()
    start_us: int | None = None
    end_us: int | None = None
    played_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """The model bundle that was used; `steps` of its sampler, 0 where it has none."""

    name: str
    version: str
    task: str
    engine: str = ''
    gflop: float | None = None
    precision: str = ''
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """The camera of the output and where it came from: `recording`, `file` or `assumed`."""

    source: str
    camera: Camera


@dataclass(frozen=True, slots=True)
class Counts:
    """
    How much of everything was read and made.

    `num_packets` counts event samples, decoded ones included; `decoding` holds what the packet
    decoders met. `num_discontinuities` counts the jumps in time of every stream, images and points
    included. `num_swept_events` entered the sweep of known motion, `num_unposed_events` had no
    known pose, `num_thinned_events` were too many. Law: `num_triggers_fired` is `num_frames` plus
    the failed estimates, which stand in the drops.

    """

    num_packets: int = 0
    num_events: int = 0
    num_events_on: int = 0
    num_events_off: int = 0
    num_triggers: int = 0
    num_images: int = 0
    num_points: int = 0
    num_poses: int = 0
    num_pose_jumps: int = 0
    num_pose_gaps: int = 0
    num_swept_events: int = 0
    num_unposed_events: int = 0
    num_thinned_events: int = 0
    num_references: int = 0
    num_filtered: int = 0
    num_sequence_gaps: int = 0
    num_discontinuities: int = 0
    num_triggers_fired: int = 0
    num_frames: int = 0
    decoding: PacketCounts = field(default_factory=PacketCounts)


@dataclass(frozen=True, slots=True)
class SubsetMetrics:
    """Mean metrics over the frames that used one subset of the modalities."""

    subset: str
    num_frames: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SubsetSpan:
    """From the frame at `first_us` on, until the next span, `subset` entered."""

    first_us: int
    subset: str


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of what made the numbers."""

    eventdepth: str
    python: str
    numpy: str
    numba: str
    onnxruntime: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Wall time of one stage over all its runs, in milliseconds."""

    stage: str
    num_runs: int
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class Timing:
    """
    Everything measured with the host's clocks.

    A real-time factor is recorded seconds per CPU second, that is on one core: 20 means that one
    core would keep up with twenty such sensors. `_accumulate` covers bytes to tensor ring, `_all`
    everything but reading the file, pictures and writing.

    """

    stages: tuple[Latency, ...] = ()
    cpu_s: Mapping[str, float] = field(default_factory=dict)
    wall_s: Mapping[str, float] = field(default_factory=dict)
    real_time_factor_accumulate: float = float('nan')
    real_time_factor_all: float = float('nan')
    accumulated_events_per_s: float = float('nan')
    recorded_events_per_s: float = float('nan')
    cores: int = 1
    threads: int = 1
    started: str = ''
    device: str = ''


@dataclass(frozen=True, slots=True, eq=False)
class FramePicture:
    """
    One frame kept for the pictures, possibly thinned to fewer pixels.

    `inputs` uint8 (H, W, 3); `depth_m`, `std_m` and the reference `target_m` float32 (h, w),
    NaN where not valid.

    """

    stamp_us: int
    elapsed_s: float
    inputs: UInt8
    depth_m: Float32
    std_m: Float32
    target_m: Float32 | None
    modalities: tuple[Entered, ...]
    scale: Scale
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RateSeries:
    """Events per interval of played time: `counts` int64 (n,), each over `interval_s`."""

    interval_s: float = 0.01
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class ReplaySummary:
    """
    A finished replay.

    `drops` counts by reason, `modalities` frames by subset, `scales` frames by kind of scale,
    `incomplete` frames by what their window lacked; `discontinuities` are the pipeline times in
    µs at which state was forgotten; `subset_spans` tell which inputs entered when, so that frames
    can be judged by subset later. `pictures`, `rate` and `total_ms` feed the report only.

    """

    recording: RecordingFacts
    bundle: BundleFacts
    camera: CameraFacts
    options: Mapping[str, Any]  # as given on the command line: text, numbers, lists of text
    counts: Counts
    drops: Mapping[str, int]
    modalities: Mapping[str, int]
    scales: Mapping[str, int]
    incomplete: Mapping[str, int]
    discontinuities: tuple[int, ...]
    metrics: tuple[SubsetMetrics, ...]
    versions: Versions
    timing: Timing
    pictures: tuple[FramePicture, ...] = ()
    rate: RateSeries = field(default_factory=RateSeries)
    total_ms: tuple[float, ...] = ()
    subset_spans: tuple[SubsetSpan, ...] = ()
    profile: str = 'plain'
