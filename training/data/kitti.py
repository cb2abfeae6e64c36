"""
Splits of KITTI raw from a user's file: lines "date/drive frame side", side l or r.

The files (Eigen's among them) belong to their authors and are not shipped. Depth is the improved
ground truth where it lies in the drive (`proj_depth/groundtruth/image_02|03`), which not every
frame has. K for pictures of any size is the usual normalised one: [.58 0 .5; 0 1.92 .5].

"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.image_codec import picture_from_opencv
from eventdepth_core.recordings.kitti_recording import read_kitti_depth
from eventdepth_core.types import Camera
import numpy as np
from training.data.pictures import DepthPicture

SIDES = {'l': 'image_02', 'r': 'image_03'}
SUFFIXES = ('.png', '.jpg')
NORMALISED = (0.58, 1.92, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class SplitLine:
    """One picture of KITTI raw: folder `date/drive`, frame number, camera."""

    folder: str
    frame: int
    side: str


def read_split(path: Path | str) -> tuple[SplitLine, ...]:
    """
    Return the lines of a split file.

    Raises
    ------
    RecordingError
        For a line that is not "folder frame l|r".

    """
    lines = []
    for number, text in enumerate(Path(path).read_text(encoding='utf-8').splitlines(), start=1):
        fields = text.split()
        if not fields:
            continue
        is_line = len(fields) == 3 and fields[1].isdigit() and fields[2] in SIDES
        if not is_line:
            raise RecordingError(
                f'Expected "folder frame l" or "... r" in line {number} of {path}, got {text!r}.'
            )
        lines.append(SplitLine(fields[0], int(fields[1]), fields[2]))
    return tuple(lines)


class KittiSplit:
    """
    The pictures of a split by index; a map-style dataset for a `DataLoader`.

    With `needs_depth` the lines without ground truth are left out (`num_without_depth` of them).

    """

    def __init__(
        self, root: Path | str, lines: Sequence[SplitLine], *, needs_depth: bool = True
    ) -> None:
        self._root = Path(root)
        has_depth = [self._depth_file(line).is_file() for line in lines]
        self.num_without_depth = has_depth.count(False)
        pairs = zip(lines, has_depth, strict=True)
        self._lines = [line for line, has_one in pairs if has_one or not needs_depth]

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> DepthPicture:
        """
        Return picture and depth `index`; depth is NaN everywhere where there is none.

        Raises
        ------
        RecordingError
            If the picture is not there or cannot be read.

        """
        line = self._lines[index]
        picture = self._picture(line)
        depth_m = read_kitti_depth(self._depth_file(line))
        if depth_m is None or depth_m.shape != picture.shape[:2]:
            depth_m = np.full(picture.shape[:2], np.nan, np.float32)
        return DepthPicture(picture, depth_m)

    def _picture(self, line: SplitLine) -> np.ndarray:
        folder = self._root / line.folder / SIDES[line.side] / 'data'
        for suffix in SUFFIXES:
            read = cv2.imread(str(folder / f'{line.frame:010d}{suffix}'), cv2.IMREAD_UNCHANGED)
            if read is not None:
                return picture_from_opencv(read)
        raise RecordingError(
            f'Expected picture {line.frame:010d}.png or .jpg in {folder}, got none.'
        )

    def _depth_file(self, line: SplitLine) -> Path:
        folder = self._root / line.folder / 'proj_depth' / 'groundtruth' / SIDES[line.side]
        return folder / f'{line.frame:010d}.png'


def normalised_camera(width: int, height: int) -> Camera:
    """Return the camera of a picture of any size by KITTI's normalised K."""
    fx, fy, cx, cy = NORMALISED
    return Camera(width, height, fx * width, fy * height, cx * width, cy * height)
