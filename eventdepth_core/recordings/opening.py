"""
One door for every kind of recording: `open_recording(path)`.

The kind is told by what lies there: a .raw, .aedat4, .mcap or .db3 file, a bag folder, a folder
of event text, a KITTI-like folder, or one of the datasets. The camera is the recording's own, or
the one given by the user (which wins), or one assumed from a field of view.

"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.recordings.aedat4_recording import Aedat4Recording
from eventdepth_core.recordings.bag import BAG_SUFFIXES
from eventdepth_core.recordings.bag_recording import BagRecording
from eventdepth_core.recordings.camera_files import assumed_camera, read_camera
from eventdepth_core.recordings.datasets.detection import dataset_at
from eventdepth_core.recordings.datasets.detection import EXPECTED as DATASETS
from eventdepth_core.recordings.datasets.options import DatasetOptions, DEFAULT_OPTIONS
from eventdepth_core.recordings.kitti_recording import is_kitti_folder, KittiRecording
from eventdepth_core.recordings.poses import inverse
from eventdepth_core.recordings.raw_recording import RawRecording
from eventdepth_core.recordings.recording import Recording, StreamName
from eventdepth_core.recordings.text_recording import TextRecording
from eventdepth_core.types import Camera, Rig

EXPECTED = (
    'a ROS 2 bag (folder, .mcap or .db3), an EVT2 or EVT3 .raw file, an .aedat4 file, a folder '
    'with events*.txt or images.txt, a KITTI folder with image_2.png and velodyne.bin, '
    f'or {DATASETS}'
)


def open_recording(
    path: str | Path,
    *,
    topics: Mapping[StreamName, str] | None = None,
    camera: Camera | Rig | str | Path | None = None,
    fov_deg: float | None = None,
    dataset: DatasetOptions = DEFAULT_OPTIONS,
) -> Recording:
    """
    Open a recording of any kind for reading.

    Parameters
    ----------
    path : str or Path
        A file or a folder.
    topics : mapping, optional
        Which topic of a bag, or stream of an .aedat4 file, is meant, where the first is not.
    camera : Camera, Rig, str or Path, optional
        A camera, or a calibration file, that replaces the recording's own.
    fov_deg : float, optional
        Horizontal field of view of an assumed camera, where no camera is known otherwise.
    dataset : DatasetOptions, optional
        What some datasets cannot say about themselves.

    Returns
    -------
    Recording
        A context manager; `with open_recording(path) as recording: recording.samples()`.

    Raises
    ------
    RecordingError
        If there is nothing readable; the text says what was expected.
    CameraFileError
        For a calibration that is unreadable or of another sensor size.

    """
    given = read_camera(camera) if isinstance(camera, (str, Path)) else camera
    place = Path(path)
    if not place.exists():
        raise RecordingError(f'Expected {EXPECTED}, got nothing at {place}.')
    recording = dataset_at(place, dataset) or _opened(place, topics, given)
    try:
        _settle_camera(recording, given, fov_deg)
        recording.check_rig()
    except (CameraFileError, RecordingError):
        recording.close()
        raise
    return recording


def _opened(
    path: Path, topics: Mapping[StreamName, str] | None, given: Camera | Rig | None
) -> Recording:
    """Return the recording that lies at `path`."""
    size = None if given is None else _reference(given).size
    if path.is_dir():
        return _opened_folder(path, topics, size)
    suffix = path.suffix.lower()
    if suffix == '.raw':
        return RawRecording(path, size)
    if suffix == '.txt':
        return TextRecording(path, size)
    if suffix == '.aedat4':
        return Aedat4Recording(path, topics)
    if suffix in BAG_SUFFIXES:
        return BagRecording(path, topics)
    raise RecordingError(f'Expected {EXPECTED}, got the file {path}.')


def _opened_folder(
    path: Path, topics: Mapping[StreamName, str] | None, size: tuple[int, int] | None
) -> Recording:
    names = {file.name for file in path.iterdir()}
    if not names:
        raise RecordingError(f'Expected {EXPECTED}, got the empty folder {path}.')
    if 'metadata.yaml' in names or any(Path(name).suffix in BAG_SUFFIXES for name in names):
        return BagRecording(path, topics)
    if is_kitti_folder(path):
        return KittiRecording(path)
    if 'images.txt' in names or any(path.glob('events*.txt')):
        return TextRecording(path, size)
    raise RecordingError(f'Expected {EXPECTED}, got a folder {path} with {sorted(names)[:8]}.')


def _settle_camera(
    recording: Recording, given: Camera | Rig | None, fov_deg: float | None
) -> None:
    """Give the recording the camera of the user, its own, or an assumed one."""
    if given is not None:
        recording.rig = _joined_rig(recording, given)
        recording.camera_source = 'file'
    elif recording.rig is None and fov_deg is not None:
        height, width = _stream_size(recording)
        recording.rig = _single_rig(recording, assumed_camera(width, height, fov_deg))
        recording.camera_source = 'assumed'


def _joined_rig(recording: Recording, given: Camera | Rig) -> Rig:
    """Return the given rig, or the recording's with the given reference camera."""
    if isinstance(given, Rig):
        rig = given if 'events' in recording.streams else _image_rig(given)
        _check_size(recording, ('events',), rig.event)
        _check_size(recording, ('image', 'depth'), rig.image)
        return rig
    has_events = 'events' in recording.streams
    _check_size(recording, ('events',) if has_events else ('image', 'depth'), given)
    if recording.rig is None:
        return _single_rig(recording, given)
    if recording.rig.event is not None:
        return replace(recording.rig, event=given, rectification=None)
    return replace(recording.rig, image=given)


def _image_rig(rig: Rig) -> Rig:
    """Return the rig of a recording without events: its image camera is the reference."""
    if rig.image is None or rig.event is None:
        return rig
    image_from_points = rig.event_from_points
    if rig.event_from_image is not None and rig.event_from_points is not None:
        image_from_points = inverse(rig.event_from_image) @ rig.event_from_points
    return Rig(image=rig.image, event_from_points=image_from_points)


def _check_size(recording: Recording, names: Sequence[StreamName], camera: Camera | None) -> None:
    """Raise if a camera has another size than the first of these streams that is there."""
    for stream in (recording.streams[name] for name in names if name in recording.streams):
        size = (stream.height, stream.width)
        if camera is not None and None not in size and camera.size != size:
            raise CameraFileError(
                f'Expected a camera of {stream.width} x {stream.height} for {stream.name} in '
                f'{recording.path}, got {camera.width} x {camera.height}.'
            )
        return


def _single_rig(recording: Recording, camera: Camera) -> Rig:
    return Rig(event=camera) if 'events' in recording.streams else Rig(image=camera)


def _reference(given: Camera | Rig) -> Camera:
    return given.reference if isinstance(given, Rig) else given


def _stream_size(recording: Recording) -> tuple[int, int]:
    """Return (height, width) of the reference stream: events, else images, else depth."""
    names: tuple[StreamName, ...] = ('events', 'image', 'depth')
    for name in names:
        stream = recording.streams.get(name)
        if stream is not None and stream.height is not None and stream.width is not None:
            return stream.height, stream.width
    raise RecordingError(
        f'Expected a stream of known size in {recording.path} for the assumed camera, got '
        f'{list(recording.streams)}.'
    )
