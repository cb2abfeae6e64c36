"""
SLED: recordings of CARLA in .npz files of pickled arrays, read by explicit consent only.

`events`, `lidar_clouds`, `rgb_images`, `depth_images` are object arrays of pairs (array, CARLA
time in seconds): events as structured x, y, t (ns), pol; clouds float32 x, y, z, intensity (x
ahead, y right, z up, at the camera); colour BGRA; depth in CARLA's coding. The camera has 1280 x
720 pixels and a horizontal field of view of 90 deg.

Laws: nothing is unpickled but arrays (see `array_pickle`); points farther than 200 m and depth at
the far plane are none; CARLA's axes are left-handed, our points have y to the left. A pickle
cannot be read in slices: pictures, depth and clouds of a recording are in memory together.

"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.camera_files import assumed_camera
from eventdepth_core.recordings.datasets.array_pickle import stamped_arrays
from eventdepth_core.recordings.datasets.carla import carla_depth, carla_events
from eventdepth_core.recordings.datasets.dataset_recording import DatasetRecording
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import (
    Camera,
    DepthSample,
    Events,
    Float32,
    Float64,
    ImageSample,
    PointsSample,
    Rig,
    Sample,
)
import numpy as np
from numpy.typing import NDArray

SIZE = (720, 1280)
FOV_DEG = 90.0
RANGE_M = 200.0
FRAME_ID = 'sled'
MEMBERS: dict[StreamName, str] = {
    'events': 'events',
    'image': 'rgb_images',
    'points': 'lidar_clouds',
    'depth': 'depth_images',
}
CAMERA_FROM_LIDAR: Float64 = np.array(
    [[0.0, -1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
)


def is_sled_file(path: Path) -> bool:
    """Return whether a .npz file has the members of SLED."""
    if path.suffix != '.npz':
        return False
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError):
        return False
    return {'events.npy', 'lidar_clouds.npy'} <= names


class SledRecording(DatasetRecording):
    """
    An opened recording of SLED.

    Raises RecordingError unless `allow_pickled_arrays`, and for a pickle of anything but arrays.

    """

    kind = 'sled'
    size = SIZE

    def __init__(self, path: Path, *, allow_pickled_arrays: bool = False) -> None:
        super().__init__(path)
        if not allow_pickled_arrays:
            raise RecordingError(
                f'Expected consent to read pickled arrays in {path}, got none. SLED stores its '
                'arrays as pickles: nothing but arrays is built of them here, but read files only '
                'of whom you trust. Say --allow-pickled-arrays, or '
                'DatasetOptions(allow_pickled_arrays=True).'
            )
        with ZipFile(path) as archive:
            names = set(archive.namelist())
        present = [name for name in MEMBERS if f'{MEMBERS[name]}.npy' in names]
        self.rig = Rig(
            event=assumed_camera(SIZE[1], SIZE[0], FOV_DEG), event_from_points=CAMERA_FROM_LIDAR
        )
        self.camera_source = 'recording'
        self.streams = {name: _summary(name) for name in present}

    @property
    def camera(self) -> Camera:
        """The camera of events, colour and depth."""
        return assumed_camera(SIZE[1], SIZE[0], FOV_DEG)

    def _event_blocks(self) -> Iterable[Events]:
        return self._read_events()

    def _read_events(self) -> Iterator[Events]:
        for values, _ in stamped_arrays(self.path, MEMBERS['events']) or ():
            yield carla_events(values.reshape(-1))

    def _entries(self) -> Sequence[Entry]:
        readers = {'points': _points, 'image': _picture, 'depth': _depth}
        entries = []
        for name, read in readers.items():
            for values, stamp_s in stamped_arrays(self.path, MEMBERS[name]) or ():  # type: ignore[index]  # names of streams
                stamp_us = round(stamp_s * 1e6)
                entries.append(Entry(stamp_us, partial(read, values, stamp_us)))
        return entries


def _points(values: NDArray[Any], stamp_us: int) -> Sample:  # Any: float32 (n, 4)
    points_m = np.asarray(values, np.float32).reshape(-1, 4)[:, :3]
    is_near = np.isfinite(points_m).all(axis=1) & (np.linalg.norm(points_m, axis=1) <= RANGE_M)
    right_handed: Float32 = points_m[is_near] * np.array([1, -1, 1], np.float32)
    return PointsSample(right_handed, stamp_us, 'lidar')


def _picture(values: NDArray[Any], stamp_us: int) -> Sample:  # Any: uint8 BGRA
    picture = np.ascontiguousarray(np.asarray(values, np.uint8)[..., 2::-1])
    return ImageSample(picture, stamp_us, FRAME_ID)


def _depth(values: NDArray[Any], stamp_us: int) -> Sample:  # Any: uint8 BGR or BGRA
    return DepthSample(carla_depth(np.asarray(values, np.uint8)), stamp_us, FRAME_ID)


def _summary(name: StreamName) -> StreamSummary:
    height, width = SIZE
    has_size = name != 'points'
    return StreamSummary(
        name,
        'sled',
        MEMBERS[name],
        None,
        '',
        width if has_size else None,
        height if has_size else None,
        FRAME_ID if has_size else 'lidar',
    )
