"""
Folders in the layout of E2Depth, DENSE and EventScape: depth, pictures, events by frame.

`depth/data/*.npy` in metres with `timestamps.txt` of lines "index seconds", `rgb/data/*.png` (or
`rgb/frames`), raw windows of events `events/data/*.npz` (x, y, t, p), and voxel tensors
`events/voxels/*.npy` (C, H, W). File names carry the index: `depth_%010d.npy` or
`..._%04d_depth.npy`.

Laws: the same index has the same stamp in every stream, else the folder is refused; depth of
1000 m, the simulator's far plane, and beyond is none; the unit of the times of raw events is the
only one that fits the stamps, else they are refused. Voxel tensors are no events: they never
enter as a stream, `event_tensor` gives them to who says which convention made them.

"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
import re
from typing import Any
from zipfile import BadZipFile

from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings.datasets.dataset_recording import (
    DatasetRecording,
    depth_sample,
    picture_size,
    read_stamps,
)
from eventdepth_core.recordings.datasets.hdf5 import signed
from eventdepth_core.recordings.merging import Entry
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import DepthSample, EVENT_DTYPE, Events, Float32, Sample
import numpy as np
from numpy.typing import NDArray

DEPTH = Path('depth', 'data')
PICTURES = (Path('rgb', 'data'), Path('rgb', 'frames'))
RAW_EVENTS = Path('events', 'data')
VOXELS = Path('events', 'voxels')
STAMPS = 'timestamps.txt'
FAR_PLANE_M = 1000.0
STAMP_TOLERANCE_S = 1e-6
UNITS_PER_S = {'s': 1.0, 'ms': 1e3, 'µs': 1e6, 'ns': 1e9}
CONVENTIONS = ('e2vid', 'dsec', 'zhu')


def is_frame_folder(path: Path) -> bool:
    """Return whether a folder has depth, raw events or voxel tensors in this layout."""
    return any((path / name).is_dir() for name in (DEPTH, RAW_EVENTS, VOXELS))


class FrameFolderRecording(DatasetRecording):
    """
    An opened folder. It names no camera: EventScape's has a horizontal field of view of 90 deg.

    Raises RecordingError where stamps contradict each other or nothing can be read.

    """

    kind = 'frames'

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        pictures = next((name for name in PICTURES if (path / name).is_dir()), PICTURES[0])
        self._depths = _indexed(path / DEPTH, '.npy')
        self._pictures = _indexed(path / pictures, '.png')
        self._windows = _indexed(path / RAW_EVENTS, '.npz')
        self._voxels = _indexed(path / VOXELS, '.npy')
        self._stamps_s = _joined_stamps(
            [path / name for name in (DEPTH, pictures, RAW_EVENTS, VOXELS)]
        )
        self.size = self._frame_size()
        self._unit = self._time_unit() if self._windows else 's'
        self.streams = self._summaries(str(pictures))
        if self._voxels and not self._windows:
            self.remarks = (
                f'{VOXELS} holds voxel tensors, which are no events any more: their convention is '
                'that of the network they were made for',
            )
        if not self.streams and not self._voxels:
            raise RecordingError(f'Expected depth, pictures or events in {path}, got none.')
        self._set_bounds(self._entries())

    @property
    def tensor_indices(self) -> tuple[int, ...]:
        """The indices for which there is a voxel tensor."""
        return tuple(self._voxels)

    def stamp_us(self, index: int) -> int:
        """Return the stamp of a frame in µs."""
        return self._stamp_us(index)

    def event_tensor(self, index: int, *, convention: str) -> Float32:
        """
        Return a stored voxel tensor, float32 (C, H, W), as it is.

        `convention` is how its bins were made (`e2vid`, `dsec` or `zhu`): the file does not say
        so, and a network fed with another one gives depth that is wrong without looking so.

        Raises
        ------
        InputError
            For a convention that we do not know.
        RecordingError
            If there is no such tensor or it cannot be read.

        """
        if convention not in CONVENTIONS:
            raise InputError(
                f'Expected a convention out of {", ".join(CONVENTIONS)}, got {convention!r}.'
            )
        if index not in self._voxels:
            raise RecordingError(f'Expected a tensor {index} in {self.path / VOXELS}, got none.')
        tensor = _array(self._voxels[index])
        if tensor is None or tensor.ndim != 3 or tensor.dtype.kind != 'f':
            raise RecordingError(
                f'Expected floats (C, H, W) in {self._voxels[index]}, got others.'
            )
        return np.asarray(tensor, np.float32)

    def _event_blocks(self) -> Iterable[Events]:
        return self._read_windows()

    def _read_windows(self) -> Iterator[Events]:
        for file in self._windows.values():
            events = _events(file, 1e6 / UNITS_PER_S[self._unit])
            if events is None:
                self._dropped['unreadable_events'] += 1
            else:
                yield events

    def _entries(self) -> Sequence[Entry]:
        return [
            *self._listed(self._pictures, self._image),
            *self._listed(self._depths, self._depth),
        ]

    def _listed(
        self, files: dict[int, Path], read: Callable[[Path, int], Sample | None]
    ) -> list[Entry]:
        stamps = {index: self._stamp_us(index) for index in files}
        return [Entry(stamps[i], partial(read, file, stamps[i])) for i, file in files.items()]

    def _depth(self, file: Path, stamp_us: int) -> DepthSample | None:
        depth_m = _array(file)
        if depth_m is None or depth_m.ndim != 2:
            self._dropped['unreadable_depth'] += 1
            return None
        return depth_sample(np.where(depth_m < FAR_PLANE_M, depth_m, np.nan), stamp_us)

    def _stamp_us(self, index: int) -> int:
        if index not in self._stamps_s:
            raise RecordingError(f'Expected a stamp for frame {index} in {self.path}, got none.')
        return round(self._stamps_s[index] * 1e6)

    def _frame_size(self) -> tuple[int, int]:
        if self._pictures:
            return picture_size(list(self._pictures.values()), self.path)
        for file in (*self._depths.values(), *self._voxels.values()):
            array = _array(file)
            if array is not None and array.ndim in {2, 3}:
                return int(array.shape[-2]), int(array.shape[-1])
        raise RecordingError(
            f'Expected a picture, depth or tensor in {self.path}, which says the size of the '
            'sensor, got none.'
        )

    def _time_unit(self) -> str:
        """Return the only unit in which raw events lie at the stamps of their windows."""
        stamps = sorted(self._stamps_s.values())
        period_s = max(np.diff(stamps), default=0.1) if len(stamps) > 1 else 0.1
        for index, file in self._windows.items():
            times = _times(file)
            if times is None or len(times) == 0:
                continue
            stamp_s = self._stamps_s.get(index, stamps[0] if stamps else 0.0)
            fitting = [
                name
                for name, per_s in UNITS_PER_S.items()
                if abs(float(times[-1]) / per_s - stamp_s) <= 2 * period_s
            ]
            # the first instants of a clip are near zero in every unit
            if len(fitting) == 1:
                return fitting[0]
            if not fitting:
                break
        raise RecordingError(
            f'Expected times of the events in {self.path / RAW_EVENTS} that fit the stamps in one '
            f'unit out of {", ".join(UNITS_PER_S)}, got times that fit none, or several.'
        )

    def _summaries(self, pictures: str) -> dict[StreamName, StreamSummary]:
        height, width = self.size
        listed: list[tuple[StreamName, str, str, dict[int, Path]]] = [
            ('events', 'npz', str(RAW_EVENTS), self._windows),
            ('image', 'png', pictures, self._pictures),
            ('depth', 'npy', str(DEPTH), self._depths),
        ]
        return {
            name: StreamSummary(name, kind, place, len(files), '', width, height)
            for name, kind, place, files in listed
            if files
        }


def _indexed(folder: Path, suffix: str) -> dict[int, Path]:
    """Return the files of a folder by the last number in their names, ascending."""
    if not folder.is_dir():
        return {}
    numbers = {}
    for file in sorted(folder.glob(f'*{suffix}')):
        found = re.findall(r'\d+', file.stem)
        if found:
            numbers[int(found[-1])] = file
    return dict(sorted(numbers.items()))


def _joined_stamps(folders: Sequence[Path]) -> dict[int, float]:
    """Return the stamp of each index in seconds; the streams must agree."""
    joined: dict[int, float] = {}
    for folder in folders:
        place = folder / STAMPS
        if not place.is_file():
            continue
        own = zip(read_stamps(place), read_stamps(place, 1), strict=True)
        for index, stamp_s in own:
            known_s = joined.setdefault(int(index), stamp_s)
            if abs(known_s - stamp_s) > STAMP_TOLERANCE_S:
                raise RecordingError(
                    f'Expected frame {int(index)} at {known_s} s in {place}, as in the other '
                    f'streams, got {stamp_s} s.'
                )
    return joined


def _array(file: Path) -> NDArray[Any] | None:  # Any: as it is stored
    """Return what a .npy file holds, without unpickling; None if it cannot be read."""
    try:
        loaded = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return loaded if isinstance(loaded, np.ndarray) else None


def _columns(file: Path, *names: str) -> list[NDArray[Any]] | None:  # Any: as it is stored
    try:
        with np.load(file, allow_pickle=False) as opened:
            return [np.asarray(opened[name]).reshape(-1) for name in names]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, AttributeError):
        return None


def _times(file: Path) -> NDArray[Any] | None:  # Any: seconds as floats, or integers
    columns = _columns(file, 't')
    return None if columns is None else columns[0]


def _events(file: Path, us_per_unit: float) -> Events | None:
    columns = _columns(file, 't', 'x', 'y', 'p')
    if columns is None or len({len(column) for column in columns}) > 1:
        return None
    t, x, y, p = columns
    events = np.empty(len(t), EVENT_DTYPE)
    events['t'] = np.rint(t * us_per_unit) if t.dtype.kind == 'f' else _scaled(t, us_per_unit)
    events['x'], events['y'], events['p'] = x, y, signed(p)
    return events


def _scaled(t: NDArray[Any], us_per_unit: float) -> NDArray[np.int64]:  # Any: an integer type
    """Return integer times in µs; ns are rounded down, as the sensor clock does."""
    whole = t.astype(np.int64)
    return whole * round(us_per_unit) if us_per_unit >= 1 else whole // round(1 / us_per_unit)
