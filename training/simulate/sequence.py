"""
A sequence of images with times, and where they are known depth, poses and the camera.

Laws: stamps are integer µs, start at 0 and increase strictly; depth is metres along the optical
axis with +inf for the sky and NaN for unknown; poses are world_from_camera with x right, y down,
z forward in the camera.

"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.image_codec import picture_from_opencv
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.types import Camera, Float32, Float64, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.between import View
from training.simulate.between_depth import pose_between

LUMA = np.float32([0.299, 0.587, 0.114])
"""Rec. 601, as in CARLA's DVS and in OpenCV."""

ReadDepth: TypeAlias = Callable[[Path], Float32]


@dataclass(frozen=True, slots=True, eq=False)
class ImageSequence:
    """
    The files of a sequence; nothing is read before `view`.

    `stamps_us` int64 (N,) from 0 on, `start_us` the folder's own time of the first image;
    `depths` None or one file an image, read by `read_depth`; `poses` (N, 4, 4) or None, NaN where
    an image has none.

    """

    kind: str
    images: tuple[Path, ...]
    stamps_us: NDArray[np.int64]
    start_us: int = 0
    camera: Camera | None = None
    depths: tuple[Path, ...] | None = None
    read_depth: ReadDepth | None = None
    poses: Float64 | None = None

    def __post_init__(self) -> None:
        if len(self.images) < 2:
            raise RecordingError(f'Expected at least 2 images, got {len(self.images)}.')
        for name, parts in (('stamps', self.stamps_us), ('poses', self.poses)):
            if parts is not None and len(parts) != len(self.images):
                raise RecordingError(
                    f'Expected as many {name} as images ({len(self.images)}), got {len(parts)}.'
                )
        if self.depths is not None and len(self.depths) != len(self.images):
            raise RecordingError(
                f'Expected as many depth files as images ({len(self.images)}), '
                f'got {len(self.depths)}.'
            )
        steps_us = np.diff(self.stamps_us)
        if (steps_us <= 0).any():
            k = int(np.argmax(steps_us <= 0))
            raise RecordingError(
                f'Expected increasing times, got {self.stamps_us[k + 1]} µs after '
                f'{self.stamps_us[k]} µs at {self.images[k + 1].name}.'
            )

    def __len__(self) -> int:
        return len(self.images)

    def cut(self, start: int, stop: int) -> 'ImageSequence':
        """Return the images from `start` to before `stop` with their times."""
        if not 0 <= start < stop <= len(self):
            raise RecordingError(
                f'Expected 0 <= start < stop <= {len(self)} images, got {start} and {stop}.'
            )
        return ImageSequence(
            kind=self.kind,
            images=self.images[start:stop],
            stamps_us=self.stamps_us[start:stop] - self.stamps_us[start],
            start_us=self.start_us + int(self.stamps_us[start]),
            camera=self.camera,
            depths=None if self.depths is None else self.depths[start:stop],
            read_depth=self.read_depth,
            poses=None if self.poses is None else self.poses[start:stop],
        )

    def view(self, index: int, *, gamma: float) -> View:
        """Read one image; light is (value / 255) ^ gamma."""
        picture = read_picture(self.images[index])
        grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        pose = None if self.poses is None else self.poses[index]
        return View(
            stamp_us=int(self.stamps_us[index]),
            light=linear_light(picture, gamma),
            grey=np.asarray(grey, np.uint8),
            image=picture,
            depth_m=self._depth(index, picture.shape[:2]),
            world_from_camera=None if pose is None or np.isnan(pose).any() else pose,
        )

    def _depth(self, index: int, size: tuple[int, int]) -> Float32 | None:
        if self.depths is None or self.read_depth is None:
            return None
        depth_m = self.read_depth(self.depths[index])
        if depth_m.shape != size:
            raise RecordingError(
                f'Expected depth of the size {size} of its image in {self.depths[index]}, '
                f'got {depth_m.shape}.'
            )
        return depth_m


def read_picture(path: Path) -> UInt8:
    """Return a picture file as uint8 (H, W) or (H, W, 3) RGB."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise RecordingError(f'Expected a readable picture at {path}, got none.')
    return picture_from_opencv(picture)


def linear_light(picture: UInt8, gamma: float) -> Float32:
    """Return the light (H, W) in [0, 1] of a grey or RGB picture with that display gamma."""
    table = (np.arange(256) / 255.0) ** gamma
    light = table.astype(np.float32)[picture]
    return light if light.ndim == 2 else np.asarray(light @ LUMA, np.float32)


def poses_at(
    stamps_us: NDArray[np.int64], pose_stamps_us: NDArray[np.int64], poses: Float64
) -> Float64:
    """Return poses (N, 4, 4) at stamps, NaN outside of the time that the poses span."""
    found = np.full((len(stamps_us), 4, 4), np.nan)
    for i, stamp_us in enumerate(stamps_us):
        after = int(np.searchsorted(pose_stamps_us, stamp_us))
        if after < len(poses) and pose_stamps_us[after] == stamp_us:
            found[i] = poses[after]
        elif 0 < after < len(poses):
            before_us, after_us = pose_stamps_us[after - 1], pose_stamps_us[after]
            share = float(stamp_us - before_us) / float(after_us - before_us)
            found[i] = pose_between(poses[after - 1], poses[after], share)
    return found


def numbers_of(path: Path, columns: int) -> Float64:
    """Return a text file of numbers, `columns` a line, as (N, columns); # starts a comment."""
    rows = []
    for number, line in enumerate(path.read_text(errors='replace').splitlines(), start=1):
        fields = line.split('#')[0].replace(',', ' ').split()
        if not fields:
            continue
        try:
            row = [float(field) for field in fields]
        except ValueError as error:
            raise RecordingError(
                f'Expected {columns} numbers in {path}:{number}, got {line!r}.'
            ) from error
        if len(row) != columns:
            raise RecordingError(f'Expected {columns} numbers in {path}:{number}, got {len(row)}.')
        rows.append(row)
    return np.array(rows, np.float64).reshape(-1, columns)


def matrices_of(poses: Float64) -> Float64:
    """Return matrices (N, 4, 4) of lines x y z qx qy qz qw."""
    return np.array([matrix_from_pose(pose) for pose in poses]).reshape(-1, 4, 4)
