"""
How a recording is to be replayed, checked once.

Laws: options are frozen; two equal options on the same recording and bundle give equal bytes.

"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation import profile_named
from eventdepth_core.events.filters import Filtering, NO_FILTERING
from eventdepth_core.pipeline.options import MAX_MOTION_DELAY_US
from eventdepth_core.recordings import StreamName
from eventdepth_core.recordings.camera_files import MAX_FOV_DEG
from eventdepth_core.recordings.datasets.options import DatasetOptions, DEFAULT_OPTIONS
from eventdepth_core.types import ENTERED, Entered

TriggerSource: TypeAlias = Literal['auto', 'rate', 'image', 'points', 'reference']
TRIGGER_SOURCES: tuple[TriggerSource, ...] = ('auto', 'rate', 'image', 'points', 'reference')


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """
    Choices of one replay.

    `camera_path` (Kalibr, ROS or DSEC calibration) replaces the camera of the recording,
    `fov_deg` (horizontal field of view) is assumed where there is none. `topics` says which topic
    of a bag is which stream. An estimate is made at each `trigger`: the grid of `rate_hz` in
    pipeline time, or the stamps of images, points or reference depths; `auto` is `rate` where
    events enter, else what enters. `use` names what may enter; `motion` is depth swept
    out of events with the recording's poses. `start_s` and
    `duration_s` count from the first sample. `points_fraction` of the measured pixels enters
    (chosen by `seed`); where the recording has no reference, the rest becomes one. `filtering`
    names the filters that events go through; with motion, an estimate uses events and poses up to
    `motion_delay_ms` after its stamp. Without `has_report` only depth.mcap and
    metrics.json are written. Frames are judged under `profile`. `dataset` holds what some
    datasets cannot say about themselves.

    Raises
    ------
    InputError
        For a value out of its range, or a profile that does not exist.

    """

    camera_path: Path | None = None
    fov_deg: float | None = None
    topics: Mapping[StreamName, str] = field(default_factory=dict)
    trigger: TriggerSource = 'auto'
    rate_hz: float = 20.0
    use: tuple[Entered, ...] = ENTERED
    start_s: float = 0.0
    duration_s: float | None = None
    max_frames: int | None = None
    points_fraction: float = 1.0
    seed: int = 0
    engine: str = 'auto'
    threads: int | None = None
    filtering: Filtering = NO_FILTERING
    motion_delay_ms: float = 0.0
    num_pictures: int = 6
    has_report: bool = True
    profile: str = 'plain'
    dataset: DatasetOptions = DEFAULT_OPTIONS

    def __post_init__(self) -> None:
        if self.camera_path is not None and self.fov_deg is not None:
            raise InputError('Expected either a camera file or a field of view, got both.')
        has_sane_fov = self.fov_deg is None or 0.0 < self.fov_deg <= MAX_FOV_DEG
        limits = f'more than 0, at most {MAX_FOV_DEG:g}'
        _expect(has_sane_fov, 'fov_deg', limits, self.fov_deg)
        _expect(self.trigger in TRIGGER_SOURCES, 'trigger', TRIGGER_SOURCES, self.trigger)
        _expect(0.1 <= self.rate_hz <= 1000.0, 'rate_hz', '0.1 to 1000', self.rate_hz)
        _expect(bool(self.use), 'use', 'at least one modality', self.use)
        for name in self.use:
            _expect(name in ENTERED, 'use', ENTERED, name)
        _expect(self.start_s >= 0.0, 'start_s', '0 or more', self.start_s)
        _expect(_is_positive(self.duration_s), 'duration_s', 'more than 0', self.duration_s)
        _expect(_is_positive(self.max_frames), 'max_frames', 'more than 0', self.max_frames)
        _expect(_is_positive(self.threads), 'threads', 'more than 0', self.threads)
        fraction = self.points_fraction
        _expect(0.0 < fraction <= 1.0, 'points_fraction', 'more than 0, at most 1', fraction)
        _expect(self.seed >= 0, 'seed', '0 or more', self.seed)
        delay_ms, longest_ms = self.motion_delay_ms, MAX_MOTION_DELAY_US / 1000
        is_allowed = 0.0 <= delay_ms <= longest_ms
        _expect(is_allowed, 'motion_delay_ms', f'0 to {longest_ms:g}', delay_ms)
        profile_named(self.profile)
        _expect(1 <= self.num_pictures <= 24, 'num_pictures', '1 to 24', self.num_pictures)

    def stated(self) -> dict[str, object]:
        """Return the options that say how the numbers came about, by name, without paths."""
        values = {option.name: getattr(self, option.name) for option in fields(self)}
        del values['dataset']
        values['depth_scale_m'] = self.dataset.depth_scale_m
        if self.camera_path is not None:
            values['camera_path'] = self.camera_path.name
        values['filtering'] = _chosen(self.filtering)
        return {name: value for name, value in values.items() if value not in (None, {})}


def _chosen(filtering: Filtering) -> dict[str, object]:
    """Return what differs from no filtering."""
    return {name: value for name, value in asdict(filtering).items() if value}


def _is_positive(value: float | None) -> bool:
    return value is None or value > 0


def _expect(is_right: bool, name: str, expected: object, actual: object) -> None:
    if not is_right:
        listed = ', '.join(expected) if isinstance(expected, tuple) else expected
        raise InputError(f'Expected {name} to be {listed}, got {actual!r}.')
