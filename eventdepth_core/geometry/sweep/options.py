"""What a space sweep is set to: depths, planes, window, noise, thresholds."""

from dataclasses import dataclass, replace

from eventdepth_core.errors import InputError
import numpy as np

_SWEPT_RATE_HZ = 2e6
_SWEPT_PIXELS = 240 * 180
"""Of a volume in which one core sweeps so many events a second; larger ones miss the cache."""


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """
    Settings of a space sweep; one setting serves hand-held, sideways and forward motion.

    Raises
    ------
    InputError
        For a number that is not finite and positive, or fewer than 8 planes.

    """

    min_depth_m: float = 0.3
    """Nothing nearer than this is looked for."""
    num_planes: int = 100
    max_width_px: int = 320
    """Volumes of wider sensors are halved until they are at most this wide."""
    max_window_us: int = 400_000
    """Longest window of one keyframe."""
    max_parallax_px: float = 20.0
    """At the median depth, over a whole window; a new keyframe starts beyond."""
    max_plane_step_px: float = 1.5
    """Parallax between two planes at the end of a window; a new keyframe starts beyond."""
    min_overlap: float = 0.6
    """Share of the keyframe that the camera still sees; a new keyframe starts below."""
    max_memory_us: int = 1_000_000
    """Points older than this are forgotten."""
    part_px: float = 0.25
    """Events share a pose while nothing moves further than this."""
    max_event_rate_hz: float | None = None
    """Beyond this rate events are left out evenly; None: what one core can sweep."""
    max_waiting_events: int = 2_000_000
    """Events that wait for poses; the oldest beyond are left out."""
    min_contrast: float = 1.0
    """Votes by which an edge stands out from its surroundings, if all events vote."""
    min_disparity_px: float = 2.0
    """Total disparity over the window below which there is no point."""
    max_second_peak: float = 0.4
    """Height of another depth's peak, relative to the best, above which there is no point."""
    max_second_peak_alone: float = 0.25
    """The same until both halves of a window have seen enough to confirm each other."""
    min_agreement: float = 0.6
    """Votes of an edge at the depth of its surroundings, relative to the most at any depth."""
    min_half_share: float = 0.1
    """Votes of the weaker half of a window at an edge's depth, relative to those of both."""
    near_share: float = 0.45
    """Inverse depth, relative to the nearest, beyond which both halves must have seen an edge."""
    min_near_half_share: float = 0.05
    """Votes of the weaker half there, relative to those of both, however short the half is."""
    max_deviation: float = 1.0
    """Standard deviations by which a point may differ from the median of the points around it."""
    max_spread: float = 0.04
    """Median distance of the points around from their median, relative to the inverse depth."""
    max_step: float = 1.25
    """Ratio of the depths of points within `step_reach_px` above which neither is one."""
    step_reach_px: int = 6
    """Pixels of the volume."""
    max_relative_width: float = 1.2
    """Width of a peak relative to its inverse depth, above which there is no point."""
    max_relative_sigma: float = 0.25
    """Points that are less certain than this share of their inverse depth are none."""
    width_share: float = 0.05
    """Standard deviation of a peak's place in units of its width."""
    plane_share: float = 0.15
    """Standard deviation of a peak's place in units of the distance of planes."""
    coarse_px: float = 1.4
    """Total disparity at which a point says nothing but that it is not far away."""
    drift_per_s: float = 0.05
    """Standard deviation of inverse depth, relative to it, for each second since it was seen."""
    pose_drift: float = 0.005
    """Standard deviation of the translation over a window, relative to it."""
    pose_drift_rad: float = 0.0002
    """Standard deviation of the rotation over a window."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is None and name == 'max_event_rate_hz':
                continue
            if not np.isfinite(value) or value <= 0:
                raise InputError(
                    f'Expected a positive number as SweepOptions.{name}, got {value}.'
                )
        if self.num_planes < 8:
            raise InputError(f'Expected at least 8 planes, got {self.num_planes}.')

    def of_size(self, size: tuple[int, int]) -> 'SweepOptions':
        """Return the options with the event rate that one core can sweep in a volume (H, W)."""
        if self.max_event_rate_hz is not None:
            return self
        share = min(1.0, _SWEPT_PIXELS / (size[0] * size[1]))
        return replace(self, max_event_rate_hz=_SWEPT_RATE_HZ * share)
