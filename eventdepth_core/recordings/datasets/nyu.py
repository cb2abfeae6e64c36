"""
NYU Depth v2: files of FastDepth and sparse-to-dense (.h5), and the labelled set (.mat, v7.3).

A .h5 holds one frame: `rgb` uint8 (3, H, W), `depth` float (H, W) in metres; a folder of them is
a recording. The labelled .mat is HDF5 whose axes are turned: `images` (n, 3, W, H), `depths`
(n, W, H) in metres. Frames have no time: they come ten a second from 0, in the order of names.

Laws: depth 0 is none; the camera of frames of 640 x 480 is the one that the set publishes.

"""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.datasets.dataset_recording import (
    DatasetRecording,
    depth_sample,
    FRAME_PERIOD_US,
)
from eventdepth_core.recordings.datasets.hdf5 import dataset_of, H5, open_hdf5
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import Camera, DepthSample, Float32, ImageSample, Rig, UInt8
import numpy as np

SIZE = (480, 640)
# The toolbox counts pixels from 1.
CAMERA = Camera(640, 480, 518.85790117, 519.46961112, 324.58244941, 252.73616634)
LABELLED = ('images', 'depths')
FRAME_ID = 'nyu'


def nyu_files(path: Path) -> list[Path]:
    """Return the frames of a folder, of one file; none where the first is no frame of NYU."""
    files = [path] if path.is_file() else sorted(path.glob('*.h5'))
    if not files:
        return []
    with open_hdf5(files[0]) as file:
        return files if {'rgb', 'depth'} <= set(file) else []


def is_labelled_file(path: Path) -> bool:
    """Return whether a file is the labelled set."""
    if path.suffix != '.mat':
        return False
    with open_hdf5(path) as file:
        return set(LABELLED) <= set(file)


class NyuRecording(DatasetRecording):
    """Frames of NYU: pictures and depth. Raises RecordingError if there are none."""

    kind = 'nyu'

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._labelled: H5 | None = None
        self._files: list[Path] = []
        if is_labelled_file(path):
            self._labelled = open_hdf5(path)
            images = dataset_of(self._labelled, LABELLED[0])
            self._count, self.size = len(images), (images.shape[3], images.shape[2])
        else:
            self._files = nyu_files(path)
            if not self._files:
                raise RecordingError(f'Expected .h5 files with rgb and depth in {path}, got none.')
            self._count, self.size = len(self._files), read_frame(self._files[0])[1].shape
        if self.size == SIZE:
            self.rig = Rig(image=CAMERA)
            self.camera_source = 'recording'
        height, width = self.size
        names: Iterable[StreamName] = ('image', 'depth')
        self.streams = {
            name: StreamSummary(name, 'nyu', path.name, self._count, '', width, height, FRAME_ID)
            for name in names
        }
        self._set_bounds(self._entries())

    def frame(self, i: int) -> tuple[UInt8, Float32]:
        """
        Return frame i: picture uint8 (H, W, 3), depth float32 (H, W) in metres, NaN = none.

        Raises
        ------
        RecordingError
            For a file that is no frame.

        """
        if self._labelled is None:
            return read_frame(self._files[i])
        picture = np.transpose(self._labelled[LABELLED[0]][i], (2, 1, 0))
        depth_m = np.transpose(self._labelled[LABELLED[1]][i])
        return np.ascontiguousarray(picture, np.uint8), depth_sample(depth_m, 0).depth_m

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Release the file."""
        if self._labelled is not None:
            self._labelled.close()

    def _entries(self) -> Sequence[Entry]:
        entries = []
        for i in range(self._count):
            stamp_us = i * FRAME_PERIOD_US
            entries.append(Entry(stamp_us, partial(self._image_of, i, stamp_us)))
            entries.append(Entry(stamp_us, partial(self._depth_of, i, stamp_us)))
        return entries

    def _image_of(self, i: int, stamp_us: int) -> ImageSample | None:
        frame = self._counted(i)
        return None if frame is None else ImageSample(frame[0], stamp_us, FRAME_ID)

    def _depth_of(self, i: int, stamp_us: int) -> DepthSample | None:
        frame = self._counted(i)
        return None if frame is None else DepthSample(frame[1], stamp_us, FRAME_ID)

    def _counted(self, i: int) -> tuple[UInt8, Float32] | None:
        try:
            return self.frame(i)
        except (RecordingError, OSError):
            self._dropped['unreadable_frame'] += 1
            return None


def read_frame(path: Path) -> tuple[UInt8, Float32]:
    """
    Return picture uint8 (H, W, 3) and depth float32 (H, W) in metres of a .h5 file.

    Raises
    ------
    RecordingError
        For a file that is no frame.

    """
    with open_hdf5(path) as file:
        rgb, depth = dataset_of(file, 'rgb')[()], dataset_of(file, 'depth')[()]
    if rgb.ndim != 3 or rgb.shape[0] != 3 or rgb.shape[1:] != depth.shape:
        raise RecordingError(
            f'Expected rgb (3, H, W) and depth (H, W) in {path}, got {rgb.shape}, {depth.shape}.'
        )
    picture = np.ascontiguousarray(np.moveaxis(rgb, 0, -1), np.uint8)
    return picture, depth_sample(depth, 0).depth_m
