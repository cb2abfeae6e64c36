"""
MVSEC: the left DAVIS, its grey images, the LiDAR, poses and ground truth of one sequence.

Read are `SEQUENCE_data.hdf5`, `SEQUENCE_gt.hdf5` and the calibration beside them, which is the
archive `SCENE_calib.zip` or its unpacked `camchain-imucam-SCENE.yaml` (a fisheye lens, with the
rectification that the ground truth was made with).

Laws: events are never paired with depth of another view. With a rectification depth is
`depth_image_rect`, which lies in that view; with a camera but no rectification it is
`depth_image_raw`, brought to the undistorted view; without any camera it is `depth_image_raw` as
stored, which fits raw events pixel by pixel. Times in seconds are rounded to µs.

"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias
from zipfile import BadZipFile, ZipFile

from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.geometry import DepthRectifier
from eventdepth_core.recordings.calibration_node import (
    CalibrationNode,
    parsed_calibration,
    read_calibration,
)
from eventdepth_core.recordings.camera_files import pinhole_camera, rigid_matrix, rotation_matrix
from eventdepth_core.recordings.datasets.dataset_recording import DatasetRecording, depth_sample
from eventdepth_core.recordings.datasets.hdf5 import (
    BLOCK_EVENTS,
    dataset_of,
    H5,
    microseconds,
    open_hdf5,
    signed,
)
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import (
    Camera,
    DepthSample,
    EVENT_DTYPE,
    Events,
    Float64,
    ImageSample,
    PointsSample,
    PoseSample,
    Rectification,
    Rig,
    rigid_transform,
    Sample,
)
import numpy as np

DepthView: TypeAlias = Literal['rectified', 'undistorted', 'raw']

SIZE = (260, 346)
DATA_SUFFIX = '_data.hdf5'
EVENTS = 'davis/left/events'
IMAGES = 'davis/left/image_raw'
SCANS = 'velodyne/scans'
POSES = 'davis/left/pose'
RAW_DEPTH = 'davis/left/depth_image_raw'
RECTIFIED_DEPTH = 'davis/left/depth_image_rect'
FRAME_ID = 'davis_left'


def mvsec_file(path: Path) -> Path | None:
    """
    Return the data file that a path means: itself, or the only one of a folder.

    Raises
    ------
    RecordingError
        For a folder with several sequences.

    """
    if path.is_file():
        return path if path.name.endswith(DATA_SUFFIX) else None
    found = sorted(file for file in path.iterdir() if file.name.endswith(DATA_SUFFIX))
    if len(found) > 1:
        names = ', '.join(file.name for file in found[:8])
        raise RecordingError(f'Expected one sequence in {path}, got {names}: open one of them.')
    return found[0] if found else None


class MvsecRecording(DatasetRecording):
    """
    An opened sequence of MVSEC.

    `depth_view` says in whose view depth lies; None takes what fits the camera (see above).
    Raises RecordingError for a view that the files do not give.

    """

    kind = 'mvsec'
    size = SIZE

    def __init__(self, path: Path, depth_view: DepthView | None = None) -> None:
        super().__init__(path)
        place = mvsec_file(path)
        if place is None:
            raise RecordingError(f'Expected a file ..._data.hdf5 at {path}, got none.')
        self._file = open_hdf5(place)
        sequence = place.name.rpartition('_data.')[0]
        truth = place.with_name(f'{sequence}_gt{place.suffix}')
        self._truth: H5 | None = open_hdf5(truth) if truth.is_file() else None
        self._wanted_view = depth_view
        self._rectifier: tuple[Rig, DepthRectifier] | None = None
        calibration = _calibration(place.parent, sequence.rstrip('0123456789'))
        if calibration is not None:
            self.rig = _rig(calibration)
            self.camera_source = 'recording'
        self.streams = self._summaries()
        self._set_bounds(self._sensor_entries(), self._event_bounds())

    @property
    def depth_view(self) -> DepthView:
        """The view in which depth is given, which follows from the camera unless chosen."""
        if self._wanted_view is not None:
            return self._wanted_view
        if self.rig is None or self.rig.event is None:
            return 'raw'
        return 'undistorted' if self.rig.rectification is None else 'rectified'

    def check_rig(self) -> None:
        """Refuse depth whose view does not fit the camera, or that is not stored."""
        if self.rig is not None and self.rig.image is not None:
            raise CameraFileError(
                f'Expected one camera for events and images of {self.path}, which the left DAVIS '
                'takes through one lens, got two: cam1 of the calibration is the right DAVIS.'
            )
        if 'depth' not in self.streams:
            return
        has_rectification = self.rig is not None and self.rig.rectification is not None
        if self.depth_view == 'rectified' and not has_rectification:
            raise CameraFileError(
                f'Expected the rectification of {self.path} for {RECTIFIED_DEPTH}, got none: raw '
                'events pair with depth_image_raw. Put the calibration archive beside the data.'
            )
        if self.depth_view == 'raw' and self.rig is not None and self.rig.reference.is_distorted:
            raise CameraFileError(
                f'Expected no rig beside raw depth of {self.path}, got one: it lies in the '
                'distorted view, undistorted events do not. Leave depth_view out, or set rig to '
                'None.'
            )
        if self._stored_depth() is None:
            raise RecordingError(
                f'Expected {RAW_DEPTH} for {self.depth_view} depth in the ground truth of '
                f'{self.path}, got {RECTIFIED_DEPTH} only: it pairs with rectified events. Put '
                'the calibration archive beside the data.'
            )

    @property
    def depth_stamps_us(self) -> tuple[int, ...]:
        """The stamp of every depth in µs."""
        return tuple(entry.stamp_us for entry in self._depth_entries())

    def window(self, start_us: int, end_us: int) -> Events | None:
        """
        Return the events of [start, end), None where the recording does not cover it.

        Found by bisection: MVSEC has no table of times.

        """
        bounds = self._event_bounds()
        if bounds is None or start_us < bounds[0] or end_us > bounds[1] + 1:
            return None
        rows = self._file[EVENTS]
        first, last = (first_row(rows, stamp_us) for stamp_us in (start_us, end_us))
        return events_of_rows(np.asarray(rows[first:last], np.float64))

    def newest(self, name: StreamName, stamp_us: int) -> Sample | None:
        """Return the newest image, points or depth at or before a stamp, None without one."""
        listed = {
            'image': lambda: _stamped(self._file, IMAGES, self._picture),
            'points': lambda: _stamped(self._file, SCANS, self._points),
            'depth': self._depth_entries,
        }
        older = [entry for entry in listed[name]() if entry.stamp_us <= stamp_us]
        return older[-1].read() if older else None

    def close(self) -> None:
        """Release the files."""
        self._file.close()
        if self._truth is not None:
            self._truth.close()

    def _event_blocks(self) -> Iterable[Events]:
        return event_blocks(dataset_of(self._file, EVENTS)) if EVENTS in self._file else ()

    def _event_bounds(self) -> tuple[int, int] | None:
        if EVENTS not in self._file or len(self._file[EVENTS]) == 0:
            return None
        edges = microseconds([self._file[EVENTS][0, 2], self._file[EVENTS][-1, 2]])
        return int(edges[0]), int(edges[1])

    def _entries(self) -> Sequence[Entry]:
        return [*self._sensor_entries(), *self._depth_entries()]

    def _depth_entries(self) -> list[Entry]:
        name = self._stored_depth()
        if self._truth is None or name is None:
            return []
        return _stamped(self._truth, name, self._depth)

    def _sensor_entries(self) -> list[Entry]:
        entries = _stamped(self._file, SCANS, self._points)
        entries += _stamped(self._file, IMAGES, self._picture)
        if self._truth is not None:
            entries += _stamped(self._truth, POSES, self._pose)
        return entries

    def _stored_depth(self) -> str | None:
        """Return the dataset that gives depth in the view wanted, None if none does."""
        if self._truth is None:
            return None
        if self.depth_view == 'rectified' and RECTIFIED_DEPTH in self._truth:
            return RECTIFIED_DEPTH
        return RAW_DEPTH if RAW_DEPTH in self._truth else None

    def _depth(self, images: H5, i: int, stamp_us: int) -> DepthSample:
        sample = depth_sample(images[i], stamp_us, FRAME_ID)
        is_stored = self._stored_depth() == RECTIFIED_DEPTH or self.depth_view == 'raw'
        if is_stored or self.rig is None:
            return sample
        if self._rectifier is None or self._rectifier[0] is not self.rig:
            turned = DepthRectifier(self.rig.reference, self.rig.rectification)
            self._rectifier = (self.rig, turned)
        return DepthSample(self._rectifier[1].rectify(sample.depth_m), stamp_us, FRAME_ID)

    def _picture(self, images: H5, i: int, stamp_us: int) -> ImageSample:
        return ImageSample(np.asarray(images[i], np.uint8), stamp_us, FRAME_ID)

    def _points(self, scans: H5, i: int, stamp_us: int) -> PointsSample:
        """Return the points of a scan; rows that pad it are left out."""
        scan = np.asarray(scans[i], np.float32)
        points_m = scan.reshape(-1, scan.shape[-1])[:, :3]
        is_point = np.isfinite(points_m).all(axis=1) & (points_m != 0).any(axis=1)
        return PointsSample(np.ascontiguousarray(points_m[is_point]), stamp_us, 'velodyne')

    def _pose(self, poses: H5, i: int, stamp_us: int) -> PoseSample | None:
        try:
            pose = rigid_transform(poses[i], name=POSES, tolerance=1e-3)
        except ValueError:
            self._dropped['bad_pose'] += 1
            return None
        return PoseSample(pose, stamp_us, 'world')

    def _summaries(self) -> dict[StreamName, StreamSummary]:
        truth = self._truth or {}
        has_depth = RAW_DEPTH in truth or RECTIFIED_DEPTH in truth
        depth = RECTIFIED_DEPTH if RECTIFIED_DEPTH in truth else RAW_DEPTH
        places: list[tuple[StreamName, H5, str]] = [
            ('events', self._file, EVENTS),
            ('image', self._file, IMAGES),
            ('points', self._file, SCANS),
            ('depth', truth if has_depth else {}, depth),
            ('pose', truth, POSES),
        ]
        height, width = SIZE
        streams: dict[StreamName, StreamSummary] = {}
        for name, file, place in places:
            if place not in file:
                continue
            has_size = name in {'events', 'image', 'depth'}
            streams[name] = StreamSummary(
                name,
                'mvsec',
                place,
                None if name == 'events' else len(dataset_of(file, place)),
                'x y t p' if name == 'events' else '',
                width if has_size else None,
                height if has_size else None,
                'velodyne' if name == 'points' else FRAME_ID,
            )
        if not streams:
            raise RecordingError(f'Expected {EVENTS} or {IMAGES} in {self.path}, got neither.')
        return streams


def event_blocks(rows: H5, *, num_events: int = BLOCK_EVENTS) -> Iterator[Events]:
    """Yield events of rows float64 (n, 4) = x, y, t in seconds, p -1/+1, block after block."""
    for start in range(0, len(rows), num_events):
        yield events_of_rows(np.asarray(rows[start : start + num_events], np.float64))


def events_of_rows(rows: Float64) -> Events:
    """Return events of rows (n, 4) = x, y, t in seconds, p -1/+1."""
    events = np.empty(len(rows), EVENT_DTYPE)
    events['x'], events['y'] = rows[:, 0], rows[:, 1]
    events['t'] = microseconds(rows[:, 2])
    events['p'] = signed(rows[:, 3])
    return events


def first_row(rows: H5, stamp_us: int) -> int:
    """Return the index of the first event at or after a stamp, by bisection."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if microseconds(rows[middle, 2]) < stamp_us:
            low = middle + 1
        else:
            high = middle
    return low


def _stamped(file: H5, name: str, read: Callable[[H5, int, int], Sample | None]) -> list[Entry]:
    """Return an entry for each row of a dataset that has its stamps under the name `_ts`."""
    if name not in file:
        return []
    rows = dataset_of(file, name)
    stamps = microseconds(dataset_of(file, f'{name}_ts')[()])
    if len(stamps) != len(rows):
        raise RecordingError(
            f'Expected {len(rows)} stamps in {name}_ts of {file.filename}, got {len(stamps)}.'
        )
    return [
        Entry(int(stamp), partial(read, rows, i, int(stamp))) for i, stamp in enumerate(stamps)
    ]


def _calibration(folder: Path, scene: str) -> CalibrationNode | None:
    """Return the calibration of a scene, from the unpacked file or the archive."""
    name = f'camchain-imucam-{scene}.yaml'
    unpacked = sorted(folder.glob(f'**/{name}'))
    if unpacked:
        return read_calibration(unpacked[0])
    archive = folder / f'{scene}_calib.zip'
    if not archive.is_file():
        return None
    try:
        with ZipFile(archive) as opened:
            member = next(each for each in opened.namelist() if each.endswith(name))
            return parsed_calibration(opened.read(member).decode(), archive)
    except (BadZipFile, StopIteration, UnicodeDecodeError) as error:
        raise CameraFileError(f'Expected {name} in {archive}, got none.') from error


def _rig(root: CalibrationNode) -> Rig:
    """Return the left DAVIS with its rectification, and the LiDAR."""
    node = root.child('cam0')
    rectification = None
    if node.has('rectification_matrix') and node.has('projection_matrix'):
        projection = node.child('projection_matrix').matrix(3, 4)
        width, height = node.child('resolution').size()
        rectification = Rectification(
            rotation=rotation_matrix(node.child('rectification_matrix')),
            camera=Camera(
                width,
                height,
                float(projection[0, 0]),
                float(projection[1, 1]),
                float(projection[0, 2]),
                float(projection[1, 2]),
            ),
        )
    event_from_points = None
    if root.has('T_cam0_lidar'):
        event_from_points = rigid_matrix(root.child('T_cam0_lidar'))
    return Rig(
        event=pinhole_camera(node, 'intrinsics'),
        event_from_points=event_from_points,
        rectification=rectification,
    )
