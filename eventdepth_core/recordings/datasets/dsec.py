"""
DSEC: one sequence of the left event camera, its frame camera and disparity ground truth.

Read are `events/left/events.h5` (absolute µs = t + t_offset), `images/left/rectified/*.png` with
`images/timestamps.txt`, `disparity/event/*.png` with `disparity/timestamps.txt` and
`calibration/`. The archives of the download may stay apart: `train_events/SEQUENCE` finds
`train_images/SEQUENCE` and the like beside it.

Laws: images and disparities are paired with their stamps by sorted order, because names count
frames of 20 Hz and disparity comes at 10 Hz; disparity is 16-bit PNG / 256 px with 0 = none, and
depth = Q [x, y, d, 1] with Q = disparity_to_depth.cams_03, in the view of camRect0.

"""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.geometry import depth_from_disparity
from eventdepth_core.recordings.calibration_node import read_calibration
from eventdepth_core.recordings.camera_files import read_camera
from eventdepth_core.recordings.datasets.dataset_recording import (
    DatasetRecording,
    paired,
    picture_size,
    read_stamps,
)
from eventdepth_core.recordings.datasets.hdf5 import (
    dataset_of,
    EventColumns,
    H5,
    open_hdf5,
    scalar_of,
)
from eventdepth_core.recordings.datasets.indexed_events import IndexedEvents
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import (
    Bool,
    DepthSample,
    Events,
    Float32,
    Float64,
    Rig,
    Sample,
)
import numpy as np
from numpy.typing import NDArray

SIZE = (480, 640)
DISPARITY_UNIT = 256.0
EVENTS = Path('events', 'left', 'events.h5')
RECTIFY_MAP = Path('events', 'left', 'rectify_map.h5')
IMAGES = Path('images', 'left', 'rectified')
DISPARITY = Path('disparity', 'event')
CALIBRATION = Path('calibration', 'cam_to_cam.yaml')
IMAGE_STAMPS = (
    Path('images', 'timestamps.txt'),
    Path('images', 'left', 'timestamps.txt'),
    Path('image_timestamps.txt'),
)
EXPOSURES = (Path('images', 'left', 'exposure_timestamps.txt'),)
ARCHIVES = ('events', 'images', 'disparity', 'calibration')


def is_dsec_folder(path: Path) -> bool:
    """Return whether a folder is a sequence of DSEC, or the part of one from one archive."""
    roots = _roots(path)
    return _found(roots, EVENTS) is not None or _found(roots, DISPARITY) is not None


class DsecRecording(DatasetRecording):
    """
    An opened sequence of DSEC: events, images and depth, as far as they are there.

    Raises RecordingError where stamps and files do not fit together, and for unreadable events.

    """

    kind = 'dsec'
    size = SIZE

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._roots = () if path.is_file() else _roots(path)
        self._file: H5 | None = None
        self._columns: EventColumns | None = None
        events = path if path.is_file() else _found(self._roots, EVENTS)
        if events is not None:
            self._file = open_hdf5(events)
            self._columns = EventColumns.of(
                self._file['events'], scalar_of(self._file, 't_offset', 0)
            )
            self.size = _event_size(self._file['events'])
        self._own_rig: Rig | None = None
        self._reprojection: Float64 | None = None
        calibration = _found(self._roots, CALIBRATION)
        if calibration is not None:
            self._calibrate(calibration)
        self._images = self._stamped_images()
        self._disparities = self._stamped_disparities()
        self.streams = self._summaries()
        self._set_bounds(
            self._entries(), None if self._columns is None else self._columns.bounds_us()
        )

    @property
    def indexed_events(self) -> IndexedEvents:
        """
        The events of the left camera by time, through ms_to_idx.

        Raises
        ------
        RecordingError
            Without events.

        """
        if self._columns is None or self._file is None:
            raise RecordingError(f'Expected {EVENTS} in {self.path}, got none.')
        table = np.asarray(dataset_of(self._file, 'ms_to_idx'), np.int64)
        return IndexedEvents(self._columns, table)

    @property
    def depth_stamps_us(self) -> tuple[int, ...]:
        """The stamp of every depth in µs."""
        return tuple(stamp for stamp, _ in self._disparities)

    def window(self, start_us: int, end_us: int) -> Events | None:
        """Return the events of [start, end), None where the table does not cover it."""
        if self._columns is None or self._columns.bounds_us() is None:
            return None
        return self.indexed_events.window(start_us, end_us)

    def newest(self, name: StreamName, stamp_us: int) -> Sample | None:
        """Return the newest image or depth at or before a stamp, None without a readable one."""
        pairs = {'image': self._images, 'depth': self._disparities}.get(name, [])
        older = [pair for pair in pairs if pair[0] <= stamp_us]
        if not older:
            return None
        stamp, file = older[-1]
        return (
            self._image(file, stamp, 'camRect1') if name == 'image' else self._depth(file, stamp)
        )

    def rectify_map(self) -> Float32:
        """
        Return where each pixel of the event camera lies in camRect0: float32 (480, 640, 2), x, y.

        A forward map: what falls between pixels is to be shared among them, what falls outside
        dropped (`BilinearSplat` does both). It is no map to sample images with.

        Raises
        ------
        RecordingError
            Without the file, or for a map of another shape.

        """
        place = _found(self._roots, RECTIFY_MAP)
        if place is None:
            raise RecordingError(f'Expected {RECTIFY_MAP} in {self.path}, got none.')
        with open_hdf5(place) as file:
            positions = np.asarray(dataset_of(file, 'rectify_map'), np.float32)
        if positions.shape != (*self.size, 2):
            raise RecordingError(
                f'Expected rectify_map of shape {(*self.size, 2)} in {place}, got '
                f'{positions.shape}.'
            )
        return positions

    def check_rig(self) -> None:
        """Refuse a rig in whose view the ground truth does not lie."""
        own = None if self._own_rig is None else self._own_rig.rectification
        given = None if self.rig is None else self.rig.rectification
        is_same = own is not None and given is not None and own.camera == given.camera
        if 'depth' in self.streams and not is_same:
            raise CameraFileError(
                f'Expected the rectification camRect0 of {self.path}, in whose view its disparity '
                'lies, got a camera without it: leave --camera out, or move the disparity away.'
            )

    def close(self) -> None:
        """Release the file of events."""
        if self._file is not None:
            self._file.close()

    def _calibrate(self, place: Path) -> None:
        rig = read_camera(place)
        root = read_calibration(place)
        self._own_rig = self.rig = rig if isinstance(rig, Rig) else Rig(event=rig)
        self.camera_source = 'recording'
        if root.has('disparity_to_depth') and root.child('disparity_to_depth').has('cams_03'):
            self._reprojection = root.child('disparity_to_depth').child('cams_03').matrix(4, 4)

    def _event_blocks(self) -> Iterable[Events]:
        return () if self._columns is None else self._columns.blocks(self._dropped)

    def _entries(self) -> Sequence[Entry]:
        images = [
            Entry(stamp, partial(self._image, file, stamp, 'camRect1'))
            for stamp, file in self._images
        ]
        depths = [
            Entry(stamp, partial(self._depth, file, stamp)) for stamp, file in self._disparities
        ]
        return [*images, *depths]

    def _depth(self, file: Path, stamp_us: int) -> DepthSample | None:
        raw = self._grey16(file)
        if raw is None or self._reprojection is None:
            return None
        return DepthSample(depth_from_raw_disparity(raw, self._reprojection), stamp_us, 'camRect0')

    def _stamped_images(self) -> list[tuple[int, Path]]:
        folder = _found(self._roots, IMAGES)
        files = [] if folder is None else sorted(folder.glob('*.png'))
        return paired(files, self._image_stamps(), 'images') if files else []

    def _image_stamps(self) -> list[int]:
        """Return the stamps of the images, else the middles of their exposures."""
        own_name = Path(f'{self.path.name}_image_timestamps.txt')
        for name in (*IMAGE_STAMPS, own_name):
            file = _found(self._roots, name)
            if file is not None:
                return [int(stamp) for stamp in read_stamps(file)]
        for name in EXPOSURES:
            file = _found(self._roots, name)
            if file is not None:
                edges = zip(read_stamps(file), read_stamps(file, 1), strict=True)
                return [int(begin + end) // 2 for begin, end in edges]
        raise RecordingError(
            f'Expected {IMAGE_STAMPS[0]} or {EXPOSURES[0]} beside the images of {self.path}, '
            'got neither.'
        )

    def _stamped_disparities(self) -> list[tuple[int, Path]]:
        folder = _found(self._roots, DISPARITY)
        files = [] if folder is None else sorted(folder.glob('*.png'))
        if folder is None or not files:
            return []
        if self._reprojection is None:
            self.remarks += (
                f'disparity is no depth without disparity_to_depth.cams_03 of {CALIBRATION}',
            )
            return []
        stamps = folder.parent / 'timestamps.txt'
        if not stamps.is_file():
            raise RecordingError(f'Expected the stamps of the disparity at {stamps}, got none.')
        return paired(files, [int(stamp) for stamp in read_stamps(stamps)], 'disparity maps')

    def _summaries(self) -> dict[StreamName, StreamSummary]:
        height, width = self.size
        streams: dict[StreamName, StreamSummary] = {}
        if self._columns is not None:
            streams['events'] = StreamSummary(
                'events', 'dsec', str(EVENTS), None, 't x y p', width, height, 'cam0'
            )
        if self._images:
            rows, columns = picture_size([file for _, file in self._images], self.path)
            streams['image'] = StreamSummary(
                'image', 'png', str(IMAGES), len(self._images), '', columns, rows, 'camRect1'
            )
        if self._disparities:
            streams['depth'] = StreamSummary(
                'depth',
                'png',
                str(DISPARITY),
                len(self._disparities),
                'disparity',
                width,
                height,
                'camRect0',
            )
        if not streams:
            raise RecordingError(
                f'Expected events, images or disparity with its calibration in {self.path}, '
                f'got none{"".join(f": {remark}" for remark in self.remarks)}.'
            )
        return streams


def depth_from_raw_disparity(raw: NDArray[np.uint16], reprojection: Float64) -> Float32:
    """
    Return depth float32 (H, W) in metres of DSEC's 16-bit disparity, NaN where it is 0.

    `reprojection` is Q (4, 4): depth = Q[2, 3] / (Q[3, 2] d + Q[3, 3]).

    """
    depth_m = depth_from_disparity(
        raw.astype(np.float64) / DISPARITY_UNIT,
        focal_px=float(reprojection[2, 3]),
        baseline_m=1 / float(reprojection[3, 2]),
        offset_px=float(reprojection[3, 3] / reprojection[3, 2]),
    )
    is_measured: Bool = raw > 0
    return np.where(is_measured, depth_m, np.float32(np.nan))


def _event_size(events: H5) -> tuple[int, int]:
    """Return (height, width) of the sensor: DSEC's, unless a converted file names another."""
    height, width = SIZE
    return int(events.attrs.get('height', height)), int(events.attrs.get('width', width))


def _roots(path: Path) -> tuple[Path, ...]:
    """Return the folder, and those of the same sequence from the other archives beside it."""
    split, _, archive = path.parent.name.partition('_')
    if archive not in ARCHIVES:
        return (path,)
    beside = (path.parent.with_name(f'{split}_{name}') / path.name for name in ARCHIVES)
    return (path, *(folder for folder in beside if folder != path and folder.is_dir()))


def _found(roots: Sequence[Path], name: Path) -> Path | None:
    """Return the first of `root / name` that exists."""
    return next((root / name for root in roots if (root / name).exists()), None)
