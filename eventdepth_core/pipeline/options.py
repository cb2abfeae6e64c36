"""What a user may choose about a pipeline, and what it has counted so far."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
import threading
from types import MappingProxyType

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_core.events.filters import Filtering, NO_FILTERING
from eventdepth_core.geometry import PoseLimits
from eventdepth_core.geometry.sweep import SweepOptions

DEFAULT_POSE_LIMITS = PoseLimits(max_extrapolation_us=50_000)
"""TF of a wheeled base comes 20 to 40 ms late."""
DEFAULT_SWEEP = SweepOptions()
MAX_MOTION_DELAY_US = 100_000
"""The events of a window are still kept so long after its end."""


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """
    Limits of a pipeline, all with defaults that fit a robot or a car.

    An image or points older than their `max_..._age_us` do not enter an estimate. Events that
    have been silent for longer than `max_event_silence_us` leave it while another sensor is
    fresh. `image_min_depth_m` is the nearest depth expected in an image from another viewpoint:
    it decides whether a rotation-only warp is exact to `max_image_shift_px`. `num_threads` are
    those of the engine, None for one less than there are cores. `filtering` names the filters that
    events go through. With `uses_motion` events are swept for depth where poses are pushed;
    `poses` says what is taken for motion, `sweep` how; the depth of a stamp is made of events and
    poses up to `motion_delay_us` after it, so it comes that much later.

    Raises
    ------
    InputError
        For a limit that is not positive, or a delay that is negative or too long.

    """

    max_image_age_us: int = 100_000
    max_points_age_us: int = 150_000
    max_event_silence_us: int = 1_000_000
    image_min_depth_m: float = 4.0
    max_image_shift_px: float = 8.0
    num_threads: int | None = None
    uses_motion: bool = True
    poses: PoseLimits = DEFAULT_POSE_LIMITS
    sweep: SweepOptions = DEFAULT_SWEEP
    motion_delay_us: int = 0
    filtering: Filtering = NO_FILTERING

    def __post_init__(self) -> None:
        for name in (
            'max_image_age_us',
            'max_points_age_us',
            'max_event_silence_us',
            'image_min_depth_m',
            'max_image_shift_px',
        ):
            if not getattr(self, name) > 0:
                raise InputError(f'Expected {name} > 0, got {getattr(self, name)}.')
        if not 0 <= self.motion_delay_us <= MAX_MOTION_DELAY_US:
            raise InputError(
                f'Expected motion_delay_us of 0 to {MAX_MOTION_DELAY_US}, '
                f'got {self.motion_delay_us}.'
            )


@dataclass(frozen=True, slots=True)
class PipelineCounts:
    """
    Running totals of a pipeline since its construction; a snapshot.

    `drops` counts refused inputs by the `reason` of their error; `num_discontinuities` jumps of
    a stream's time, `num_sequence_gaps` places where packets are missing, `num_filtered` events
    that filters have left out; `num_pose_jumps` and `num_pose_gaps` steps between poses that were
    no motion or too long. Of the events that were offered to the sweep, `num_swept_events` entered
    it, `num_unposed_events` had no known pose and `num_thinned_events` were too many.

    """

    num_packets: int = 0
    num_events: int = 0
    num_filtered: int = 0
    num_images: int = 0
    num_points: int = 0
    num_estimates: int = 0
    num_discontinuities: int = 0
    num_sequence_gaps: int = 0
    num_poses: int = 0
    num_pose_jumps: int = 0
    num_pose_gaps: int = 0
    num_swept_events: int = 0
    num_unposed_events: int = 0
    num_thinned_events: int = 0
    drops: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


class Tally:
    """Counts by name from several threads; `snapshot` freezes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: Counter[str] = Counter()
        self._drops: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        """Add `number` to the field `name` of `PipelineCounts`."""
        with self._lock:
            self._totals[name] += number

    def drop(self, reason: str) -> None:
        """Count one dropped input."""
        with self._lock:
            self._drops[reason] += 1

    @contextmanager
    def counting_drops(self) -> Iterator[None]:
        """Count an error of the library as a drop by its reason, and let it pass."""
        try:
            yield
        except EventDepthError as error:
            self.drop(error.reason)
            raise

    def snapshot(self) -> PipelineCounts:
        """Return the totals as they are now."""
        with self._lock:
            return PipelineCounts(**self._totals, drops=MappingProxyType(dict(self._drops)))
