"""
What a conversion would write, decided before anything is written; what is ambiguous is refused.

A source with two candidates for one stream, a target that exists, a target that does not say
whether it is a bag or a dataset: each is an error that names the choice.

"""

from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.conversion.options import ConversionOptions, EVENT_FILE_SUFFIXES, Form
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings.definitions import CAMERA_INFO, TF_MESSAGE
from eventdepth_core.recordings.recording import Recording, StreamName
from eventdepth_core.recordings.sample_messages import SampleMessages

PARTIAL_SUFFIX = '.partial'
EVENTS_PATH = 'events/left/events.h5'
IMAGE_STAMPS_PATH = 'images/timestamps.txt'
CALIBRATION_PATH = 'calibration/cam_to_cam.yaml'
_CALIBRATION_TYPES = (CAMERA_INFO, TF_MESSAGE)


@dataclass(frozen=True, slots=True)
class PlannedStream:
    """One stream: where it is read, what it becomes (a topic or files), '' = left out, and why."""

    name: str
    source: str
    target: str
    remark: str = ''


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """The form of the target, all that would be written, and whether an earlier run is there."""

    source: Path
    target: Path
    form: Form
    streams: tuple[PlannedStream, ...]
    has_partial: bool

    @property
    def is_single_file(self) -> bool:
        """Whether the target is one file: a bare .mcap, or events alone in HDF5."""
        return self.target.suffix.lower() in ('.mcap', *EVENT_FILE_SUFFIXES)

    def converts(self, name: StreamName) -> bool:
        """Return whether a stream is written."""
        return any(each.name == name and each.target for each in self.streams)


def conversion_plan(
    recording: Recording, target: Path, options: ConversionOptions
) -> ConversionPlan:
    """
    Return what converting `recording` to `target` would write.

    Raises
    ------
    RecordingError
        If a stream of the source has several candidates, there are no events to convert, or
        `target` exists.
    InputError
        If name and form of the target contradict each other.

    """
    _check_target(recording.path, target, may_overwrite=options.overwrite)
    form = _form(recording, target, options.form)
    _refuse_ambiguous(recording, options)
    planned = _bag_streams if form == 'bag' else _dsec_streams
    partial = target.with_name(f'{target.name}{PARTIAL_SUFFIX}')
    return ConversionPlan(
        source=recording.path,
        target=target,
        form=form,
        streams=tuple(planned(recording, target, options)),
        has_partial=partial.exists(),
    )


def _check_target(source: Path, target: Path, *, may_overwrite: bool) -> None:
    """Raise unless the target is free, or may be replaced and is what a conversion writes."""
    if not target.exists():
        return
    if not may_overwrite:
        raise RecordingError(
            f'Expected nothing at {target}, got a file or folder; overwriting must be asked for.'
        )
    if source.resolve() == target.resolve() or target.resolve() in source.resolve().parents:
        raise RecordingError(f'Expected another target than the source, got {target}.')
    known = ('metadata.yaml', EVENTS_PATH)
    if target.is_dir() and any(target.iterdir()) and not any((target / n).exists() for n in known):
        raise RecordingError(
            f'Expected a bag, a DSEC folder or nothing to replace at {target}, got another folder.'
        )


def _form(recording: Recording, target: Path, asked: Form | None) -> Form:
    """Return the form that the target's name or the user says, else the other one."""
    suffix = target.suffix.lower()
    named: Form | None = None
    if suffix == '.mcap':
        named = 'bag'
    elif suffix in EVENT_FILE_SUFFIXES:
        named = 'dsec'
    elif suffix in ('.db3', '.raw', '.aedat4', '.txt', '.bag'):
        raise InputError(
            f'Expected a bag folder, an .mcap file, a DSEC folder or an .h5 file to write, '
            f'got {target}.'
        )
    if named is not None and asked is not None and named != asked:
        raise InputError(f'Expected a target that is a {asked}, got {target}, which is a {named}.')
    found = asked or named or ('dsec' if recording.kind == 'rosbag2' else 'bag')
    if found == 'dsec' and 'events' not in recording.streams:
        raise RecordingError(
            f'Expected events in {recording.path} for a dataset of events, got '
            f'{list(recording.streams)}.'
        )
    return found


def _refuse_ambiguous(recording: Recording, options: ConversionOptions) -> None:
    """Raise if a stream that would be converted has several candidates and none was chosen."""
    for name, stream in recording.streams.items():
        is_wanted = name == 'events' or not options.is_events_only
        if is_wanted and stream.alternatives and name not in options.source_topics:
            found = ', '.join((stream.topic, *stream.alternatives))
            has_topics = recording.kind in ('rosbag2', 'aedat4')
            choice = f'--from-topics {name}=TOPIC chooses' if has_topics else 'open one of them'
            raise RecordingError(
                f'Expected one source of {name} in {recording.path}, got {found}: {choice}.'
            )


def _bag_streams(
    recording: Recording, _target: Path, options: ConversionOptions
) -> list[PlannedStream]:
    messages = SampleMessages(recording, options.names, wanted_streams(recording, options))
    planned = []
    for name, stream in recording.streams.items():
        is_wanted = name == 'events' or not options.is_events_only
        topic = getattr(messages.names, name) if is_wanted else ''
        remark = '' if is_wanted else 'events only'
        if name == 'events':
            remark = f'EventPacket, {packet_encoding(recording, options)}'
        planned.append(PlannedStream(name, stream.topic, topic, remark))
    calibration = (each for each in messages.tracks() if each.type_name in _CALIBRATION_TYPES)
    planned += [PlannedStream('calibration', 'calibration', each.topic) for each in calibration]
    return planned


def wanted_streams(recording: Recording, options: ConversionOptions) -> tuple[StreamName, ...]:
    """Return the streams that a bag gets."""
    if options.is_events_only and 'events' not in recording.streams:
        raise RecordingError(
            f'Expected events in {recording.path}, got {list(recording.streams)}.'
        )
    return ('events',) if options.is_events_only else tuple(recording.streams)


def packet_encoding(recording: Recording, options: ConversionOptions) -> str:
    """Return the encoding of the event packets to write."""
    stream = recording.streams.get('events')
    if options.encoding != 'keep':
        return options.encoding
    return (stream.encoding if stream is not None and _has_packets(recording) else '') or 'evt3'


def keeps_packets(recording: Recording, options: ConversionOptions) -> bool:
    """Return whether the words of the source's packets are written as they are."""
    stream = recording.streams.get('events')
    if stream is None or not _has_packets(recording) or options.shift_us != 0:
        return False
    return stream.encoding == packet_encoding(recording, options)


def _has_packets(recording: Recording) -> bool:
    return recording.kind in ('rosbag2', 'raw')


def _dsec_streams(
    recording: Recording, target: Path, options: ConversionOptions
) -> list[PlannedStream]:
    is_file = target.suffix.lower() in EVENT_FILE_SUFFIXES
    planned = []
    for name, stream in recording.streams.items():
        path, remark = '', ''
        if name == 'events':
            path = target.name if is_file else EVENTS_PATH
        elif is_file or options.is_events_only:
            remark = 'events only'
        elif name == 'image':
            path = f'{image_folder(recording)}/*.png, {IMAGE_STAMPS_PATH}'
        else:
            remark = f'the DSEC layout has no place for {name}'
        planned.append(PlannedStream(name, stream.topic, path, remark))
    if recording.rig is not None and not is_file:
        planned.append(PlannedStream('calibration', 'calibration', CALIBRATION_PATH))
    return planned


def image_folder(recording: Recording) -> str:
    """Return where images go: DSEC's own folder where they have no distortion."""
    rig = recording.rig
    camera = None if rig is None else rig.image or rig.event
    is_rectified = camera is not None and not camera.is_distorted
    return f'images/left/{"rectified" if is_rectified else "distorted"}'
