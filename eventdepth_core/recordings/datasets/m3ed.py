"""
M3ED: the left event camera, pictures, depth and poses of one sequence.

Read are `SEQUENCE_data.h5` (prophesee/left: x, y, t in µs, p, ms_map_idx, calib; ovc/rgb or
ovc/left), and beside it `SEQUENCE_depth_gt.h5` (depth at 10 Hz, infinite where there is none) or
`SEQUENCE_pose_gt.h5`.

Laws: ground truth is stored in the distorted view of the event camera and comes in the view that
the camera's rectification gives, as events do; world_from_camera is the inverse of Cn_T_C0.

"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.geometry import DepthRectifier
from eventdepth_core.recordings.datasets.dataset_recording import DatasetRecording, depth_sample
from eventdepth_core.recordings.datasets.hdf5 import dataset_of, EventColumns, H5, open_hdf5
from eventdepth_core.recordings.datasets.indexed_events import IndexedEvents
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.poses import inverse
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import (
    Camera,
    DepthSample,
    DistortionModel,
    Events,
    ImageSample,
    PoseSample,
    Rig,
    rigid_transform,
    Sample,
)
import numpy as np

EVENTS = 'prophesee/left'
PICTURES = ('ovc/rgb', 'ovc/left')
LIDAR = 'ouster/calib/T_to_prophesee_left'
DEPTH = 'depth/prophesee/left'
POSES = 'Cn_T_C0'
DATA_SUFFIX = '_data.h5'
TRUTH_SUFFIXES = ('_depth_gt.h5', '_pose_gt.h5')
FRAME_ID = 'prophesee_left'
_MODELS: dict[str, DistortionModel] = {
    'radtan': 'plumb_bob',
    'plumb_bob': 'plumb_bob',
    'equidistant': 'equidistant',
    'fisheye': 'equidistant',
}


def m3ed_file(path: Path) -> Path | None:
    """
    Return the data file that a path means: itself, or the only one of a folder.

    Raises
    ------
    RecordingError
        For a folder with several sequences.

    """
    found = [path] if path.is_file() else sorted(path.glob(f'*{DATA_SUFFIX}'))
    if len(found) > 1:
        names = ', '.join(file.name for file in found[:8])
        raise RecordingError(f'Expected one sequence in {path}, got {names}: open one of them.')
    if not found or not found[0].name.endswith('.h5'):
        return None
    with open_hdf5(found[0]) as file:
        return found[0] if EVENTS in file else None


class M3edRecording(DatasetRecording):
    """
    An opened sequence of M3ED.

    Raises RecordingError for files that lack what they must have.

    """

    kind = 'm3ed'

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        place = m3ed_file(path)
        if place is None:
            raise RecordingError(f'Expected a file ..._data.h5 with {EVENTS} at {path}, got none.')
        self._file = open_hdf5(place)
        group = self._file[EVENTS]
        self._columns = EventColumns.of(group)
        name = place.name.removesuffix(DATA_SUFFIX)
        truths = (place.with_name(name + suffix) for suffix in TRUTH_SUFFIXES)
        truth = next((each for each in truths if each.is_file()), None)
        self._truth: H5 | None = None if truth is None else open_hdf5(truth)
        self._pictures = next((name for name in PICTURES if f'{name}/data' in self._file), None)
        self._rectifier: tuple[Rig, DepthRectifier] | None = None
        camera = _camera(group, path)
        self.size = camera.size
        self.rig = self._own_rig(camera)
        self.camera_source = 'recording'
        self.streams = self._summaries()
        self._set_bounds(self._entries(), self._columns.bounds_us())

    @property
    def indexed_events(self) -> IndexedEvents:
        """The events of the left camera by time, through ms_map_idx."""
        table = np.asarray(dataset_of(self._file, f'{EVENTS}/ms_map_idx'), np.int64)
        return IndexedEvents(self._columns, table)

    def close(self) -> None:
        """Release the files."""
        self._file.close()
        if self._truth is not None:
            self._truth.close()

    def _own_rig(self, camera: Camera) -> Rig:
        image, event_from_image = None, None
        if self._pictures is not None:
            calibration = self._file[self._pictures]
            image = _camera(calibration, self.path)
            event_from_image = _rigid(calibration['calib/T_to_prophesee_left'])
        event_from_points = _rigid(self._file[LIDAR]) if LIDAR in self._file else None
        return Rig(camera, image, event_from_image, event_from_points)

    def _event_blocks(self) -> Iterable[Events]:
        return self._columns.blocks(self._dropped)

    def _entries(self) -> Sequence[Entry]:
        entries: list[Entry] = []
        if self._pictures is not None:
            stamps = dataset_of(self._file, 'ovc/ts')
            entries += _rows(self._file, f'{self._pictures}/data', stamps, self._picture)
        if self._truth is not None and 'ts' in self._truth:
            stamps = dataset_of(self._truth, 'ts')
            entries += _rows(self._truth, POSES, stamps, self._pose)
            entries += _rows(self._truth, DEPTH, stamps, self._depth)
        return entries

    def _picture(self, pictures: H5, i: int, stamp_us: int) -> ImageSample:
        picture = np.asarray(pictures[i], np.uint8)
        if picture.ndim == 3 and picture.shape[2] == 1:
            picture = picture[..., 0]
        return ImageSample(np.ascontiguousarray(picture), stamp_us, str(self._pictures))

    def _depth(self, images: H5, i: int, stamp_us: int) -> DepthSample:
        sample = depth_sample(images[i], stamp_us, FRAME_ID)
        if self.rig is None or self.rig.event is None:
            return sample
        if self._rectifier is None or self._rectifier[0] is not self.rig:
            turned = DepthRectifier(self.rig.event, self.rig.rectification)
            self._rectifier = (self.rig, turned)
        return DepthSample(self._rectifier[1].rectify(sample.depth_m), stamp_us, FRAME_ID)

    def _pose(self, poses: H5, i: int, stamp_us: int) -> PoseSample | None:
        try:
            camera_from_world = rigid_transform(poses[i], name=POSES, tolerance=1e-3)
        except InputError:
            self._dropped['bad_pose'] += 1
            return None
        return PoseSample(inverse(camera_from_world), stamp_us, 'world')

    def _summaries(self) -> dict[StreamName, StreamSummary]:
        height, width = self.size
        streams: dict[StreamName, StreamSummary] = {
            'events': StreamSummary(
                'events', 'm3ed', EVENTS, None, 't x y p', width, height, FRAME_ID
            )
        }
        if self._pictures is not None and self.rig is not None and self.rig.image is not None:
            place = f'{self._pictures}/data'
            rows, columns = self.rig.image.size
            streams['image'] = StreamSummary(
                'image', 'm3ed', place, len(self._file[place]), '', columns, rows, self._pictures
            )
        truth = self._truth or {}
        if DEPTH in truth:
            num_depths = len(dataset_of(truth, DEPTH))
            streams['depth'] = StreamSummary(
                'depth', 'm3ed', DEPTH, num_depths, '', width, height, FRAME_ID
            )
        if POSES in truth:
            streams['pose'] = StreamSummary('pose', 'm3ed', POSES, len(dataset_of(truth, POSES)))
        return streams


def _rows(
    file: H5, name: str, stamps: H5, read: Callable[[H5, int, int], Sample | None]
) -> list[Entry]:
    """Return an entry for each row of a dataset with these stamps, none where it is not there."""
    if name not in file:
        return []
    rows = dataset_of(file, name)
    if len(rows) != len(stamps):
        raise RecordingError(
            f'Expected {len(rows)} stamps for {name} in {file.filename}, got {len(stamps)}.'
        )
    listed = np.asarray(stamps[()], np.int64).tolist()
    return [Entry(stamp, partial(read, rows, i, stamp)) for i, stamp in enumerate(listed)]


def _camera(group: H5, path: Path) -> Camera:
    """Return the camera of a sensor's `calib`."""
    node = group.get('calib')
    if node is None:
        raise RecordingError(f'Expected {group.name}/calib in {path}, got none.')
    model = _text(dataset_of(node, 'distortion_model')[()])
    if model not in _MODELS:
        raise RecordingError(
            f'Expected a distortion_model out of {", ".join(_MODELS)} in {path}, got {model!r}.'
        )
    fx, fy, cx, cy = (float(number) for number in dataset_of(node, 'intrinsics')[()])
    width, height = (int(number) for number in dataset_of(node, 'resolution')[()])
    coefficients = tuple(float(number) for number in dataset_of(node, 'distortion_coeffs')[()])
    try:
        return Camera(width, height, fx, fy, cx, cy, coefficients, _MODELS[model])
    except InputError as error:
        raise RecordingError(f'Expected a camera in {path}: {error}') from error


def _rigid(matrix: H5) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return rigid_transform(matrix[()], name=matrix.name, tolerance=1e-3)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
