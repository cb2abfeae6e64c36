"""
CARLA's simulator: folders as its sensors save them, and SLED's recordings.

An export is a folder with `rgb/`, `depth/`, `dvs/` (each as far as it is there), files named by
frame number: colour PNG; depth PNG in CARLA's coding, metres = 1000 (R + 256 G + 65536 B) /
(2^24 - 1); events as .npy or .npz structured arrays x, y, t (ns), pol, one file a frame.
`timestamps.txt` has lines "frame seconds"; `metadata.json` the `fov` in degrees of the camera,
and without stamps `fixed_delta_seconds`.

Laws: depth at the far plane (1000 m) is none; all sensors share one view, as they do where they
are spawned with one transform and one size.

"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
import json
from pathlib import Path
from typing import Any

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.camera_files import assumed_camera
from eventdepth_core.recordings.datasets.dataset_recording import (
    DatasetRecording,
    depth_sample,
    read_stamps,
)
from eventdepth_core.recordings.datasets.hdf5 import signed
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import (
    Camera,
    DepthSample,
    EVENT_DTYPE,
    Events,
    Float32,
    Rig,
    Sample,
    UInt8,
)
import numpy as np
from numpy.typing import NDArray

FOLDERS: dict[StreamName, str] = {'events': 'dvs', 'image': 'rgb', 'depth': 'depth'}
SUFFIXES: dict[StreamName, tuple[str, ...]] = {
    'events': ('.npy', '.npz'),
    'image': ('.png', '.jpg'),
    'depth': ('.png',),
}
STAMPS = 'timestamps.txt'
METADATA = 'metadata.json'
FAR_M = 1000.0
NS_PER_US = 1000


def is_carla_folder(path: Path) -> bool:
    """Return whether a folder is an export: coded depth or events beside stamps or metadata."""
    has_frames = any((path / FOLDERS[name]).is_dir() for name in ('events', 'depth'))
    return has_frames and any((path / name).is_file() for name in (STAMPS, METADATA))


def carla_depth(picture: UInt8) -> Float32:
    """
    Return depth float32 (H, W) in metres of CARLA's coding, NaN at the far plane.

    `picture` is uint8 (H, W, 3 or more), channels blue, green, red.

    """
    blue, green, red = (picture[..., i].astype(np.uint32) for i in range(3))
    code = red + (green << 8) + (blue << 16)
    depth_m = FAR_M * code.astype(np.float64) / (2**24 - 1)
    return np.where((code > 0) & (depth_m < FAR_M), depth_m, np.nan).astype(np.float32)


def carla_events(values: NDArray[Any]) -> Events:  # Any: structured, x, y, t, pol
    """
    Return CARLA's events as EVENT_DTYPE[n]: ns become µs, rounded down.

    Raises
    ------
    RecordingError
        For an array without the fields x, y, t, pol.

    """
    names = values.dtype.names or ()
    if not {'x', 'y', 't', 'pol'} <= set(names):
        raise RecordingError(f'Expected events with x, y, t, pol, got {names or values.dtype}.')
    events = np.empty(values.shape[0], EVENT_DTYPE)
    events['t'] = values['t'] // NS_PER_US
    events['x'], events['y'], events['p'] = values['x'], values['y'], signed(values['pol'])
    return events


class CarlaRecording(DatasetRecording):
    """
    An opened export of CARLA.

    Raises RecordingError for frames without a stamp or metadata that cannot be read.

    """

    kind = 'carla'

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._files = {name: _by_frame(path / FOLDERS[name], SUFFIXES[name]) for name in FOLDERS}
        metadata = _read_metadata(path / METADATA)
        self._stamps_us = self._read_stamps_us(metadata)
        self.size = self._view_size(metadata)
        self.streams = self._summaries()
        fov_deg = metadata.get('fov')
        if fov_deg is not None:
            self.rig = self._rig(assumed_camera(self.size[1], self.size[0], float(fov_deg)))
            self.camera_source = 'recording'
        self._set_bounds(self._entries())

    def _rig(self, camera: Camera) -> Rig:
        return Rig(event=camera) if self._files['events'] else Rig(image=camera)

    def _event_blocks(self) -> Iterable[Events]:
        return self._read_events()

    def _read_events(self) -> Iterator[Events]:
        for file in self._files['events'].values():
            values = _structured(file)
            if values is None:
                self._dropped['unreadable_events'] += 1
            else:
                yield carla_events(values)

    def _entries(self) -> Sequence[Entry]:
        return [
            *self._listed('image', partial(self._image, frame_id='carla')),
            *self._listed('depth', self._depth),
        ]

    def _listed(self, name: StreamName, read: Callable[[Path, int], Sample | None]) -> list[Entry]:
        return [
            Entry(self._stamp_us(frame), partial(read, file, self._stamp_us(frame)))
            for frame, file in self._files[name].items()
        ]

    def _depth(self, file: Path, stamp_us: int) -> DepthSample | None:
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        if picture is None or picture.dtype != np.uint8 or picture.ndim != 3:
            self._dropped['unreadable_depth'] += 1
            return None
        coded: UInt8 = picture[..., 2::-1].view(np.uint8)
        return depth_sample(carla_depth(coded[..., ::-1]), stamp_us, 'carla')

    def _stamp_us(self, frame: int) -> int:
        if frame not in self._stamps_us:
            raise RecordingError(
                f'Expected a stamp of frame {frame} in {self.path / STAMPS}, got none.'
            )
        return self._stamps_us[frame]

    def _read_stamps_us(self, metadata: Mapping[str, Any]) -> dict[int, int]:
        place = self.path / STAMPS
        if place.is_file():
            frames, stamps_s = read_stamps(place), read_stamps(place, 1)
            pairs = zip(frames, stamps_s, strict=True)
            return {int(frame): round(stamp_s * 1e6) for frame, stamp_s in pairs}
        step_s = metadata.get('fixed_delta_seconds')
        if step_s is None:
            raise RecordingError(
                f'Expected {STAMPS} or fixed_delta_seconds of {METADATA} in {self.path}, got none.'
            )
        frames_of_all = {frame for files in self._files.values() for frame in files}
        return {frame: round(frame * float(step_s) * 1e6) for frame in frames_of_all}

    def _view_size(self, metadata: Mapping[str, Any]) -> tuple[int, int]:
        for name in ('depth', 'image'):
            for file in self._files[name].values():
                picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
                if picture is not None:
                    return int(picture.shape[0]), int(picture.shape[1])
        if {'width', 'height'} <= set(metadata):
            return int(metadata['height']), int(metadata['width'])
        raise RecordingError(
            f'Expected a picture, or width and height of {METADATA}, in {self.path}, got none.'
        )

    def _summaries(self) -> dict[StreamName, StreamSummary]:
        height, width = self.size
        return {
            name: StreamSummary(
                name, 'carla', FOLDERS[name], len(files), '', width, height, 'carla'
            )
            for name, files in self._files.items()
            if files
        }


def _by_frame(folder: Path, suffixes: tuple[str, ...]) -> dict[int, Path]:
    """Return the files of a folder by their frame numbers, ascending."""
    if not folder.is_dir():
        return {}
    files = [file for file in folder.iterdir() if file.suffix in suffixes and file.stem.isdigit()]
    return {int(file.stem): file for file in sorted(files, key=lambda file: int(file.stem))}


def _read_metadata(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise RecordingError(f'Expected JSON in {path}, got: {error}.') from error
    if not isinstance(content, dict):
        raise RecordingError(f'Expected a JSON object in {path}, got {type(content).__name__}.')
    return content


def _structured(file: Path) -> NDArray[Any] | None:
    """Return the structured array of a file, without unpickling; None if it cannot be read."""
    try:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded if loaded.ndim == 1 else None
        with loaded:
            return np.asarray(loaded[loaded.files[0]])
    except (OSError, ValueError, EOFError, IndexError):
        return None
