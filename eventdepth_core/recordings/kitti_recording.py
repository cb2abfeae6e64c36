"""
KITTI folders: one frame (`image_2.png`, `velodyne.bin`, `calib.txt`) or a raw drive.

A frame's calib.txt holds P0-P3, R0_rect and Tr_velo_to_cam. P2 = K [I | t]: the image camera is
K without distortion, and image_from_points = [I | t] R0_rect Tr_velo_to_cam. A drive
(`image_02/data`, `velodyne_points/data`) has the same in calib_cam_to_cam.txt (P_rect_02,
R_rect_00) and calib_velo_to_cam.txt (R, T), in the drive or in the folder above. The depth of
KITTI's depth completion is read where it lies in the drive as
`proj_depth/groundtruth/image_02`: 16-bit PNG, 256 a metre, 0 = none, at the image of its name.

Law: at equal stamps points come before the image that looks at them, and depth after it.

"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import cv2
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings.image_codec import picture_from_opencv
from eventdepth_core.recordings.recording import Recording, StreamName, StreamSummary
from eventdepth_core.types import (
    Camera,
    DepthSample,
    Float32,
    Float64,
    ImageSample,
    PointsSample,
    Rig,
    Sample,
)
import numpy as np

FRAME_FILES = ('image_2.png', 'velodyne.bin', 'calib.txt')
DRIVE_FOLDERS = ('image_02', 'velodyne_points')
POINT_BYTES = 16
FRAME_PERIOD_US = 100_000
DEPTH_FOLDER = Path('proj_depth', 'groundtruth', 'image_02')
DEPTH_UNITS_PER_M = 256.0


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file and its stamp; `order` puts points (0) before images (1) before depth (2)."""

    stamp_us: int
    order: int
    file: Path


def is_kitti_folder(path: Path) -> bool:
    """Return whether a folder is a KITTI frame or drive."""
    is_frame = all((path / name).is_file() for name in FRAME_FILES[:2])
    return is_frame or all((path / name / 'data').is_dir() for name in DRIVE_FOLDERS)


class KittiRecording(Recording):
    """
    An opened KITTI frame or drive: images and points.

    Raises RecordingError for a missing or incomplete calibration.

    """

    kind = 'folder'

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        is_frame = (path / FRAME_FILES[0]).is_file()
        images = [path / FRAME_FILES[0]] if is_frame else _files(path / DRIVE_FOLDERS[0])
        clouds = [path / FRAME_FILES[1]] if is_frame else _files(path / DRIVE_FOLDERS[1])
        stamped_images = _stamped(images)
        depths = _depth_files(path, stamped_images)
        self._entries = sorted(
            [_Entry(stamp, 0, file) for stamp, file in _stamped(clouds)]
            + [_Entry(stamp, 1, file) for stamp, file in stamped_images]
            + [_Entry(stamp, 2, file) for stamp, file in depths],
            key=lambda entry: (entry.stamp_us, entry.order),
        )
        height, width = _first_size(images, path)
        self.rig = (_frame_rig if is_frame else _drive_rig)(path, (height, width))
        self.camera_source = 'recording'
        self.streams = _summaries(images, clouds, depths, (height, width))
        self.start_us = self._entries[0].stamp_us
        self.end_us = self._entries[-1].stamp_us

    def samples(self) -> Iterator[Sample]:
        """Yield points and images in time order."""
        self._dropped = Counter()
        for entry in self._entries:
            sample = (self._points, self._image, self._depth)[entry.order](entry)
            if sample is not None:
                yield sample

    def _points(self, entry: _Entry) -> PointsSample:
        """Return the finite points of a velodyne file: float32 x y z reflectance."""
        raw = entry.file.read_bytes()
        if len(raw) % POINT_BYTES:
            self._dropped['truncated'] += 1
        whole = raw[: len(raw) // POINT_BYTES * POINT_BYTES]
        points_m = np.frombuffer(whole, '<f4').reshape(-1, 4)[:, :3]
        is_finite = np.isfinite(points_m).all(axis=1)
        return PointsSample(
            np.ascontiguousarray(points_m[is_finite], np.float32), entry.stamp_us, 'velodyne'
        )

    def _image(self, entry: _Entry) -> ImageSample | None:
        picture = cv2.imread(str(entry.file), cv2.IMREAD_UNCHANGED)
        if picture is None:
            self._dropped['unreadable_image'] += 1
            return None
        return ImageSample(picture_from_opencv(picture), entry.stamp_us, 'image_02')

    def _depth(self, entry: _Entry) -> DepthSample | None:
        depth_m = read_kitti_depth(entry.file)
        if depth_m is None:
            self._dropped['unreadable_depth'] += 1
            return None
        return DepthSample(depth_m, entry.stamp_us, 'image_02')


def read_kitti_depth(file: Path) -> Float32 | None:
    """Return depth float32 (H, W) in metres of KITTI's 16-bit PNG, NaN where 0; None if bad."""
    raw = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if raw is None or raw.dtype != np.uint16 or raw.ndim != 2:
        return None
    return np.where(raw > 0, raw / np.float32(DEPTH_UNITS_PER_M), np.nan).astype(np.float32)


def _depth_files(path: Path, stamped: list[tuple[int, Path]]) -> list[tuple[int, Path]]:
    """Return (stamp, file) of depth maps that bear the name of an image."""
    folder = path / DEPTH_FOLDER
    stamps = {file.stem: stamp for stamp, file in stamped}
    files = sorted(folder.glob('*.png')) if folder.is_dir() else []
    return [(stamps[file.stem], file) for file in files if file.stem in stamps]


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in (folder / 'data').iterdir() if file.is_file())


def _first_size(images: list[Path], path: Path) -> tuple[int, int]:
    """Return (height, width) of the first readable image."""
    for file in images:
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        if picture is not None:
            return int(picture.shape[0]), int(picture.shape[1])
    raise RecordingError(f'Expected a readable image in {path}, got none.')


def _stamped(files: list[Path]) -> list[tuple[int, Path]]:
    """Return (stamp in µs, file) from timestamps.txt, else ten frames a second from 0."""
    times = files[0].parent.parent / 'timestamps.txt' if files else None
    stamps: list[int] = []
    if times is not None and times.is_file():
        stamps = [_utc_us(line) for line in times.read_text().splitlines() if line.strip()]
    if len(stamps) != len(files):
        stamps = [i * FRAME_PERIOD_US for i in range(len(files))]
    return list(zip(stamps, files, strict=True))


def _utc_us(line: str) -> int:
    """Return µs since the epoch of `2011-09-26 13:02:25.964389445`."""
    whole, _, fraction = line.strip().partition('.')
    try:
        moment = datetime.strptime(whole, '%Y-%m-%d %H:%M:%S').replace(tzinfo=timezone.utc)
        return int(moment.timestamp()) * 1_000_000 + int(fraction.ljust(6, '0')[:6])
    except ValueError as error:
        raise RecordingError(
            f'Expected a time like 2011-09-26 13:02:25.9, got {line!r}.'
        ) from error


def _frame_rig(path: Path, size: tuple[int, int]) -> Rig:
    table = _read_table(path / 'calib.txt')
    camera_from_points = _affine(_entry(table, 'Tr_velo_to_cam', (3, 4), path))
    rotation = _affine(_entry(table, 'R0_rect', (3, 3), path))
    return _rig(_entry(table, 'P2', (3, 4), path), rotation @ camera_from_points, size)


def _drive_rig(path: Path, size: tuple[int, int]) -> Rig:
    folder = path if (path / 'calib_cam_to_cam.txt').is_file() else path.parent
    cameras = _read_table(folder / 'calib_cam_to_cam.txt')
    lidar = _read_table(folder / 'calib_velo_to_cam.txt')
    camera_from_points = np.eye(4)
    camera_from_points[:3, :3] = _entry(lidar, 'R', (3, 3), folder)
    camera_from_points[:3, 3] = _entry(lidar, 'T', (3,), folder)
    rotation = _affine(_entry(cameras, 'R_rect_00', (3, 3), folder))
    return _rig(_entry(cameras, 'P_rect_02', (3, 4), folder), rotation @ camera_from_points, size)


def _rig(projection: Float64, rectified_from_points: Float64, size: tuple[int, int]) -> Rig:
    """Return the rig of P = K [I | t] and the LiDAR in the rectified reference frame."""
    k = projection[:, :3]
    offset = np.eye(4)
    offset[:3, 3] = np.linalg.solve(k, projection[:, 3])
    try:
        camera = Camera(
            width=size[1],
            height=size[0],
            fx=float(k[0, 0]),
            fy=float(k[1, 1]),
            cx=float(k[0, 2]),
            cy=float(k[1, 2]),
        )
        return Rig(image=camera, event_from_points=offset @ rectified_from_points)
    except InputError as error:
        raise RecordingError(f'Expected a KITTI calibration: {error}') from error


def _read_table(path: Path) -> dict[str, Float64]:
    """Return the lines `name: numbers` of a KITTI text file."""
    if not path.is_file():
        raise RecordingError(f'Expected the calibration {path}, got none.')
    table = {}
    for line in path.read_text(errors='replace').splitlines():
        name, _, numbers = line.partition(':')
        try:
            table[name.strip()] = np.array([float(field) for field in numbers.split()])
        except ValueError:
            continue  # dates and the like
    return table


def _entry(table: dict[str, Float64], name: str, shape: tuple[int, ...], path: Path) -> Float64:
    """Return one entry of a table, checked."""
    numbers = table.get(name)
    if numbers is None or numbers.size != np.prod(shape) or not np.isfinite(numbers).all():
        got = 'none' if numbers is None else f'{numbers.size}'
        raise RecordingError(
            f'Expected {int(np.prod(shape))} numbers for {name} in the calibration of {path}, '
            f'got {got}.'
        )
    return numbers.reshape(shape)


def _affine(matrix: Float64) -> Float64:
    """Return a 3x3 or 3x4 matrix as 4x4."""
    affine = np.eye(4)
    affine[: matrix.shape[0], : matrix.shape[1]] = matrix
    return affine


def _summaries(
    images: list[Path],
    clouds: list[Path],
    depths: list[tuple[int, Path]],
    size: tuple[int, int],
) -> dict[StreamName, StreamSummary]:
    height, width = size
    streams: dict[StreamName, StreamSummary] = {
        'image': StreamSummary(
            'image', 'png', images[0].parent.name, len(images), '', width, height, 'image_02'
        )
    }
    if clouds:
        streams['points'] = StreamSummary(
            'points', 'velodyne', clouds[0].parent.name, len(clouds), frame_id='velodyne'
        )
    if depths:
        streams['depth'] = StreamSummary(
            'depth', 'png', str(DEPTH_FOLDER), len(depths), '', width, height, 'image_02'
        )
    return streams
