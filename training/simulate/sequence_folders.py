"""
The kinds of folders that hold image sequences, told apart by what lies in them.

tartanair  image_left/ (or image_lcam_front/, image_right/), depth_*/ (.npy in metres, or the
           float32 of V2 in the bytes of a .png), pose_*.txt (x y z qx qy qz qw of the camera in
           north-east-down axes); no times: `fps`; focal length 320 px at 640 px width
carla      rgb/ and depth/ of `save_to_disk` (raw depth: R + 256 G + 65536 B of 1 km / (2^24 - 1)),
           transforms.csv with the columns frame, timestamp_s, x, y, z, pitch, yaw, roll (metres,
           degrees, as carla.Transform has them); 90 degrees unless told otherwise
plain      images in images/, rgb/ or the folder itself; images.txt (`time path`) or timestamps.txt
           (one time a line), seconds, else `fps`; depth/ (.npy in metres, 16-bit .png in mm);
           groundtruth.txt (time x y z qx qy qz qw); calib.txt (fx fy cx cy k1 k2 p1 p2 k3)

"""

from collections.abc import Iterator
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.camera_files import assumed_camera, read_camera
from eventdepth_core.types import Camera, Float32, Float64, Rig
import numpy as np
from numpy.typing import NDArray
from training.simulate.sequence import (
    ImageSequence,
    matrices_of,
    numbers_of,
    poses_at,
    read_picture,
)

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp')
DEPTH_SUFFIXES = ('.npy', '.png')
CARLA_COLUMNS = ('frame', 'timestamp_s', 'x', 'y', 'z', 'pitch', 'yaw', 'roll')
TARTANAIR_FPS, TARTANAIR_FOV_DEG, CARLA_FOV_DEG = 10.0, 90.0, 90.0
_TARTANAIR_SIDES = ('left', 'lcam_front', 'right', 'rcam_front')
_SKY_M = 900.0
_CARLA_DEPTH_M = 1000.0 / (256**3 - 1)
# x forward, y right, z down (TartanAir) or up (CARLA) to x right, y down, z forward.
_OPTICAL_FROM_NED = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float64)
_OPTICAL_FROM_UNREAL = np.array([[0, 1, 0], [0, 0, -1], [1, 0, 0]], np.float64)


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """What a folder does not say itself; None = as the kind of folder has it."""

    fps: float | None = None
    camera_file: Path | None = None
    fov_deg: float | None = None


def open_sequence(folder: Path, options: FolderOptions | None = None) -> ImageSequence:
    """
    Return the sequence of a folder.

    Raises
    ------
    RecordingError
        For a folder that is none of the known kinds, or whose files do not fit together.

    """
    options = options or FolderOptions()
    if not folder.is_dir():
        raise RecordingError(f'Expected a folder of images, got nothing at {folder}.')
    side = next((s for s in _TARTANAIR_SIDES if (folder / f'image_{s}').is_dir()), None)
    if side is not None:
        return _tartanair(folder, side, options)
    if (folder / 'transforms.csv').is_file():
        return _carla(folder, options)
    return _plain(folder, options)


def _tartanair(folder: Path, side: str, options: FolderOptions) -> ImageSequence:
    images = _files(folder / f'image_{side}', IMAGE_SUFFIXES)
    depths = _optional_files(folder / f'depth_{side}')
    pose_file, poses = folder / f'pose_{side}.txt', None
    if pose_file.is_file():
        world_from_body = matrices_of(numbers_of(pose_file, 7))
        poses = _with_optical_axes(world_from_body, _OPTICAL_FROM_NED)
    fov_deg = options.fov_deg or TARTANAIR_FOV_DEG
    return ImageSequence(
        kind='tartanair',
        images=images,
        stamps_us=_even_stamps(len(images), options.fps or TARTANAIR_FPS),
        camera=_camera(images[0], options, fov_deg=fov_deg),
        depths=depths,
        read_depth=read_metric_depth,
        poses=poses,
    )


def _carla(folder: Path, options: FolderOptions) -> ImageSequence:
    images = _files(folder / 'rgb', IMAGE_SUFFIXES)
    rows = {int(row['frame']): row for row in _carla_rows(folder / 'transforms.csv')}
    chosen = []
    for path in images:
        digits = ''.join(c for c in path.stem if c.isdigit())
        if not digits or int(digits) not in rows:
            raise RecordingError(
                f'Expected a line for the frame of {path.name} in {folder / "transforms.csv"}, '
                'got none.'
            )
        chosen.append(rows[int(digits)])
    times_s = np.array([row['timestamp_s'] for row in chosen])
    stamps_us = np.round((times_s - times_s[0]) * 1e6).astype(np.int64)
    return ImageSequence(
        kind='carla',
        images=images,
        stamps_us=stamps_us,
        start_us=round(times_s[0] * 1e6),
        camera=_camera(images[0], options, fov_deg=options.fov_deg or CARLA_FOV_DEG),
        depths=_optional_files(folder / 'depth'),
        read_depth=read_carla_depth,
        poses=np.array([pose_from_unreal(row) for row in chosen]),
    )


def _plain(folder: Path, options: FolderOptions) -> ImageSequence:
    images, times_s = _plain_images(folder)
    if times_s is None:
        if options.fps is None:
            raise RecordingError(
                f'Expected images.txt or timestamps.txt in {folder}, or --fps, got none of them.'
            )
        times_s = np.arange(len(images)) / options.fps
    if len(times_s) != len(images):
        raise RecordingError(
            f'Expected as many times as images in {folder} ({len(images)}), got {len(times_s)}.'
        )
    own_us = np.round(times_s * 1e6).astype(np.int64)
    poses = None
    if (folder / 'groundtruth.txt').is_file():
        lines = numbers_of(folder / 'groundtruth.txt', 8)
        pose_us = np.round(lines[:, 0] * 1e6).astype(np.int64)
        poses = poses_at(own_us, pose_us, matrices_of(lines[:, 1:]))
    return ImageSequence(
        kind='plain',
        images=images,
        stamps_us=own_us - own_us[:1],
        start_us=int(own_us[0]) if len(own_us) else 0,
        camera=_plain_camera(folder, images, options),
        depths=_optional_files(folder / 'depth'),
        read_depth=read_metric_depth,
        poses=poses,
    )


def _plain_images(folder: Path) -> tuple[tuple[Path, ...], Float64 | None]:
    if (folder / 'images.txt').is_file():
        return _listed_images(folder / 'images.txt')
    places = [folder / name for name in ('images', 'rgb', 'image')]
    place = next((place for place in places if place.is_dir()), folder)
    images = _files(place, IMAGE_SUFFIXES)
    listed = folder / 'timestamps.txt'
    return images, numbers_of(listed, 1)[:, 0] if listed.is_file() else None


def _listed_images(path: Path) -> tuple[tuple[Path, ...], Float64]:
    images, times_s = [], []
    for number, line in enumerate(path.read_text(errors='replace').splitlines(), start=1):
        fields = line.split('#')[0].split()
        if not fields:
            continue
        try:
            time_s, name = fields
            times_s.append(float(time_s))
        except ValueError as error:
            raise RecordingError(
                f'Expected a time and a path in {path}:{number}, got {line!r}.'
            ) from error
        images.append(path.parent / name)
    return tuple(images), np.array(times_s)


def _plain_camera(folder: Path, images: tuple[Path, ...], options: FolderOptions) -> Camera | None:
    listed = folder / 'calib.txt'
    if options.camera_file is None and options.fov_deg is None and listed.is_file():
        text = listed.read_text(errors='replace')
        try:
            numbers = [float(field) for field in text.split()]
        except ValueError:
            numbers = []
        if len(numbers) not in {4, 8, 9}:
            raise RecordingError(f'Expected fx fy cx cy k1 k2 p1 p2 k3 in {listed}, got {text!r}.')
        height, width = read_picture(images[0]).shape[:2]
        fx, fy, cx, cy = numbers[:4]
        return Camera(width, height, fx, fy, cx, cy, tuple(numbers[4:]))
    return _camera(images[0], options, fov_deg=options.fov_deg)


def _camera(image: Path, options: FolderOptions, *, fov_deg: float | None) -> Camera | None:
    height, width = read_picture(image).shape[:2]
    if options.camera_file is not None:
        found = read_camera(options.camera_file)
        camera = found.event or found.image if isinstance(found, Rig) else found
        if camera is None or camera.size != (height, width):
            raise RecordingError(
                f'Expected a camera of {width}x{height} pixels in {options.camera_file}, '
                f'got {camera}.'
            )
        return camera
    return None if fov_deg is None else assumed_camera(width, height, fov_deg)


def _files(folder: Path, suffixes: tuple[str, ...]) -> tuple[Path, ...]:
    listed = sorted(folder.iterdir()) if folder.is_dir() else []
    found = tuple(path for path in listed if path.suffix.lower() in suffixes)
    if not found:
        raise RecordingError(f'Expected files {", ".join(suffixes)} in {folder}, got none.')
    return found


def _optional_files(folder: Path) -> tuple[Path, ...] | None:
    return _files(folder, DEPTH_SUFFIXES) if folder.is_dir() else None


def _even_stamps(count: int, fps: float) -> NDArray[np.int64]:
    return np.round(np.arange(count) * 1e6 / fps).astype(np.int64)


def read_metric_depth(path: Path) -> Float32:
    """Return depth (H, W) of .npy (metres), 16-bit .png (mm), or float32 in a 4-channel .png."""
    if path.suffix == '.npy':
        return _with_sky(np.load(path, allow_pickle=False).astype(np.float32))
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if stored is not None and stored.dtype == np.uint16 and stored.ndim == 2:
        return _with_sky(stored.astype(np.float32) * np.float32(1e-3))
    if stored is not None and stored.dtype == np.uint8 and stored.shape[2:] == (4,):
        return _with_sky(np.ascontiguousarray(stored).view('<f4')[..., 0])
    raise RecordingError(
        f'Expected depth as .npy, 16-bit grey .png or 4-channel .png in {path}, got another file.'
    )


def read_carla_depth(path: Path) -> Float32:
    """Return depth (H, W) of CARLA's raw depth image or of a .npy in metres."""
    if path.suffix == '.npy':
        return read_metric_depth(path)
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.dtype != np.uint8 or stored.ndim != 3:
        raise RecordingError(f'Expected the raw depth image of CARLA in {path}, got another file.')
    blue, green, red = (stored[..., i].astype(np.float64) for i in range(3))
    depth_m = (red + 256.0 * green + 65536.0 * blue) * _CARLA_DEPTH_M
    return _with_sky(depth_m.astype(np.float32))


def pose_from_unreal(row: dict[str, float]) -> Float64:
    """
    Return world_from_camera (4, 4) of a carla.Transform: x y z in metres, angles in degrees.

    The world gets the axes of a camera that looks along CARLA's x: right, down, forward.

    """
    pitch, yaw, roll = (np.deg2rad(row[name]) for name in ('pitch', 'yaw', 'roll'))
    (cp, sp), (cy, sy), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (pitch, yaw, roll))
    rotation = np.array(
        [
            [cp * cy, cy * sp * sr - sy * cr, -cy * sp * cr - sy * sr],
            [cp * sy, sy * sp * sr + cy * cr, -sy * sp * cr + cy * sr],
            [sp, -cp * sr, cp * cr],
        ]
    )
    pose = np.eye(4)
    pose[:3, :3] = _OPTICAL_FROM_UNREAL @ rotation @ _OPTICAL_FROM_UNREAL.T
    pose[:3, 3] = _OPTICAL_FROM_UNREAL @ (row['x'], row['y'], row['z'])
    return pose


def _with_optical_axes(world_from_body: Float64, optical_from_body: Float64) -> Float64:
    turned = world_from_body.copy()
    turned[:, :3, :3] = optical_from_body @ world_from_body[:, :3, :3] @ optical_from_body.T
    turned[:, :3, 3] = world_from_body[:, :3, 3] @ optical_from_body.T
    return turned


def _with_sky(depth_m: Float32) -> Float32:
    known = np.where(depth_m > 0, depth_m, np.float32(np.nan))
    return np.where(known >= _SKY_M, np.float32(np.inf), known)


def _carla_rows(path: Path) -> Iterator[dict[str, float]]:
    with path.open(newline='') as file:
        reader = DictReader(file)
        missing = set(CARLA_COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise RecordingError(
                f'Expected the columns {", ".join(CARLA_COLUMNS)} in {path}, '
                f'missing {", ".join(sorted(missing))}.'
            )
        for row in reader:
            try:
                yield {name: float(row[name]) for name in CARLA_COLUMNS}
            except (TypeError, ValueError) as error:
                raise RecordingError(
                    f'Expected numbers in {path}:{reader.line_num}, got {row}.'
                ) from error
