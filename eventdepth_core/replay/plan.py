"""
What a replay will do, decided and checked before anything is computed or written.

Laws: a plan exists only if every input in use has a camera; it depends on the recording's
streams, the bundle and the options alone.

"""

from dataclasses import dataclass

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import InputError, MissingCameraError, RecordingError
from eventdepth_core.events import RELATIVE_ENCODINGS
from eventdepth_core.recordings import Recording, StreamName
from eventdepth_core.replay.options import ReplayOptions
from eventdepth_core.scheduling.triggers import RateTriggers, StampedSample, StampTriggers
from eventdepth_core.scheduling.waiting import Waiting
from eventdepth_core.types import (
    DepthSample,
    ImageSample,
    Modality,
    PointsSample,
    PoseSample,
    Rig,
)

DEFAULT_FRAME_ID = 'event_camera_optical'


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """
    Rig, inputs and triggers of one replay.

    `is_mapped` says whether the host's times map sensor time to host time; `is_live_order` that
    samples come in the order in which a node would have received them; `trigger_stream` names the
    stream whose stamps are triggers, None for the rate grid; `unplaced` streams stay out because
    nothing says where they look from.

    """

    bundle: Bundle
    rig: Rig
    options: ReplayOptions
    used: tuple[Modality, ...]
    is_mapped: bool
    is_live_order: bool
    has_reference: bool
    trigger_stream: StreamName | None
    frame_id: str
    unplaced: frozenset[StreamName] = frozenset()

    @property
    def window_us(self) -> int:
        """The window of events of the bundle, 0 if it uses none."""
        events = self.bundle.inputs.events
        return 0 if events is None else events.window_us

    @property
    def limits_m(self) -> tuple[float, float]:
        """The range of depth of the bundle."""
        return self.bundle.outputs.min_depth_m, self.bundle.outputs.max_depth_m

    @property
    def waiting_kinds(self) -> tuple[type[Waiting], ...]:
        """The kinds of samples other than events that enter; poses always do."""
        kinds: list[type[Waiting]] = [PoseSample]
        if 'image' in self.used:
            kinds.append(ImageSample)
        if 'points' in self.used:
            kinds.append(PointsSample)
        return tuple(kinds)

    def triggers(self) -> RateTriggers | StampTriggers:
        """Return new triggers."""
        kinds: dict[StreamName, type[StampedSample]] = {
            'image': ImageSample,
            'points': PointsSample,
            'depth': DepthSample,
        }
        if self.trigger_stream is None:
            return RateTriggers(self.options.rate_hz)
        return StampTriggers(kinds[self.trigger_stream])


def plan_of(recording: Recording, bundle: Bundle, options: ReplayOptions) -> ReplayPlan:
    """
    Decide what a replay does.

    Raises
    ------
    MissingCameraError
        If neither the recording nor the options give the camera of an input in use.
    RecordingError
        If the recording holds nothing that the bundle uses.
    InputError
        For triggers of a stream that is not there.

    """
    used = _used(recording, bundle, options)
    rig = _rig(recording, used)
    return ReplayPlan(
        bundle=bundle,
        rig=rig,
        options=options,
        used=used,
        is_mapped=_is_mapped(recording, used),
        is_live_order=recording.kind == 'rosbag2',
        has_reference='depth' in recording.streams,
        trigger_stream=_trigger_stream(recording, used, options),
        frame_id=_frame_id(recording, rig),
        unplaced=frozenset(recording.unplaced - set(used)),
    )


def _used(recording: Recording, bundle: Bundle, options: ReplayOptions) -> tuple[Modality, ...]:
    wanted = [name for name in bundle.inputs.modalities if name in options.use]
    used = tuple(name for name in wanted if name in recording.streams)
    if recording.camera_source == 'recording':
        used = tuple(name for name in used if name not in recording.unplaced)
    if not used:
        raise RecordingError(
            f'Expected a stream of {" or ".join(wanted) or "a modality of the bundle"} in '
            f'{recording.path}, got {", ".join(recording.streams) or "none"}'
            f'{"".join(f"; {remark}" for remark in recording.remarks)}.'
        )
    return used


def _rig(recording: Recording, used: tuple[Modality, ...]) -> Rig:
    rig = recording.rig
    if rig is None or ('events' in used and rig.event is None):
        sensor = 'event' if 'events' in used else 'image'
        raise MissingCameraError(
            f'Expected the {sensor} camera of {recording.path}, got none in the recording: '
            'give --camera FILE (Kalibr, ROS or DSEC calibration), or --fov-deg DEG for an '
            'assumed one.'
        )
    return rig


def _is_mapped(recording: Recording, used: tuple[Modality, ...]) -> bool:
    events = recording.streams.get('events')
    if 'events' not in used or events is None or recording.kind != 'rosbag2':
        return False
    return events.encoding in RELATIVE_ENCODINGS


def _trigger_stream(
    recording: Recording, used: tuple[Modality, ...], options: ReplayOptions
) -> StreamName | None:
    chosen: dict[str, StreamName | None] = {
        'rate': None,
        'image': 'image',
        'points': 'points',
        'reference': 'depth',
        'auto': None if 'events' in used else used[0],
    }
    stream = chosen[options.trigger]
    if stream is not None and stream not in recording.streams:
        raise InputError(
            f'Expected a stream of {stream} for the trigger {options.trigger} in '
            f'{recording.path}, got {", ".join(recording.streams)}.'
        )
    return stream


def _frame_id(recording: Recording, rig: Rig) -> str:
    stream = recording.streams.get('events' if rig.event is not None else 'image')
    return (stream.frame_id if stream is not None else '') or DEFAULT_FRAME_ID
