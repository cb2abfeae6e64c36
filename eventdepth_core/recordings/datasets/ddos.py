"""
DDOS (Drone Depth and Obstacle Segmentation): one flight of pictures, depth and segmentation.

A flight is a folder with `image/`, `depth/` and `segmentation/`, files named by frame number.
Depth is 16-bit PNG; 65535 is the far plane, sky for us: no depth. What a unit is in metres is not
published with the pictures, so without `depth_scale_m` (metres of 65535) there is no depth
stream; `normalised_depth` in 0...1 is there in any case. Frames have no time: ten a second.

"""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.datasets.dataset_recording import (
    DatasetRecording,
    FRAME_PERIOD_US,
    picture_size,
)
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import DepthSample, Float32, UInt8
import numpy as np

IMAGES, DEPTHS, LABELS = 'image', 'depth', 'segmentation'
FAR = 65535
FRAME_ID = 'ddos'


def is_ddos_folder(path: Path) -> bool:
    """Return whether a folder is a flight."""
    return all((path / name).is_dir() for name in (IMAGES, DEPTHS))


class DdosRecording(DatasetRecording):
    """An opened flight. Raises RecordingError without pictures."""

    kind = 'ddos'

    def __init__(self, path: Path, depth_scale_m: float | None = None) -> None:
        super().__init__(path)
        self._scale_m = depth_scale_m
        self._images, self._depths = (_by_number(path / name) for name in (IMAGES, DEPTHS))
        if not self._images:
            raise RecordingError(f'Expected pictures in {path / IMAGES}, got none.')
        self.size = picture_size(list(self._images.values()), path)
        height, width = self.size
        files: dict[StreamName, dict[int, Path]] = {'image': self._images}
        if depth_scale_m is not None:
            files['depth'] = self._depths
        else:
            self.remarks = ('depth has no unit: give depth_scale_m, the metres of 65535',)
        self.streams = {
            name: StreamSummary(name, 'png', name, len(listed), '', width, height, FRAME_ID)
            for name, listed in files.items()
        }
        self._set_bounds(self._entries())

    @property
    def numbers(self) -> tuple[int, ...]:
        """The frames that have both a picture and depth."""
        return tuple(number for number in self._images if number in self._depths)

    def normalised_depth(self, number: int) -> Float32:
        """
        Return depth as a share of the far plane, float32 (H, W) in 0...1, NaN for sky.

        Raises
        ------
        RecordingError
            If there is none that can be read.

        """
        file = self._depths.get(number)
        raw = None if file is None else self._grey16(file)
        if raw is None:
            raise RecordingError(f'Expected 16-bit depth {number} in {self.path}, got none.')
        return np.where(raw < FAR, raw / np.float32(FAR), np.nan).astype(np.float32)

    def labels(self, number: int) -> UInt8:
        """
        Return the segmentation of a frame as it is stored, uint8 (H, W).

        Raises
        ------
        RecordingError
            If there is none that can be read.

        """
        labels = cv2.imread(str(self.path / LABELS / f'{number}.png'), cv2.IMREAD_UNCHANGED)
        if labels is None or labels.ndim != 2:
            raise RecordingError(f'Expected labels {number} in {self.path / LABELS}, got none.')
        return np.asarray(labels, np.uint8)

    def _entries(self) -> Sequence[Entry]:
        stamps = {number: i * FRAME_PERIOD_US for i, number in enumerate(self._images)}
        entries = [
            Entry(stamps[number], partial(self._image, file, stamps[number], FRAME_ID))
            for number, file in self._images.items()
        ]
        if self._scale_m is None:
            return entries
        depths: Iterable[int] = (number for number in self._depths if number in stamps)
        entries += [
            Entry(stamps[number], partial(self._depth, number, stamps[number], self._scale_m))
            for number in depths
        ]
        return entries

    def _depth(self, number: int, stamp_us: int, scale_m: float) -> DepthSample | None:
        raw = self._grey16(self._depths[number])
        if raw is None:
            return None
        is_depth = (raw > 0) & (raw < FAR)
        depth_m = np.where(is_depth, raw * np.float32(scale_m / FAR), np.nan)
        return DepthSample(depth_m.astype(np.float32), stamp_us, FRAME_ID)


def _by_number(folder: Path) -> dict[int, Path]:
    """Return the PNG files of a folder by number: 2 comes before 10."""
    files = {int(file.stem): file for file in folder.glob('*.png') if file.stem.isdigit()}
    return dict(sorted(files.items()))
