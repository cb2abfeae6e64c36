"""
The prepared samples of one sequence in one HDF5 file, one chunk a sample and array.

Datasets of n samples: `stamp_us` int64 (n,), `focal_px` float32 (n,), `has` bool (n, 3) (events,
image, points), `depth_m` float32 (n, H, W), and of sensors that gave anything `voxel` float32
(n, T, H, W), `image` uint8 (n, H, W, 3), `sparse_m` float32 (n, H, W). Laws: what is read equals
what was written, bit for bit; a file is either absent or complete; a store may be opened in
several processes at once.

"""

from collections.abc import Iterable, Iterator
import os
from pathlib import Path
from typing import Any

from eventdepth_core.errors import RecordingError
import h5py
import hdf5plugin
import numpy as np
from numpy.typing import NDArray
from training.sequences.extract import SequenceSample

_ARRAYS = ('voxel', 'image', 'sparse_m')


class SampleStore:
    """An open store; `len(store)` samples of one size, read by index. Pickles as its path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: h5py.File | None = None
        self._owner = os.getpid()
        opened = self._opened()
        self.stamps_us: NDArray[np.int64] = opened['stamp_us'][:]
        self.has: NDArray[np.bool_] = opened['has'][:]
        self._focal_px = opened['focal_px'][:]
        height, width = opened['depth_m'].shape[1:]
        self.size: tuple[int, int] = (height, width)

    def __len__(self) -> int:
        return len(self.stamps_us)

    def __reduce__(self) -> tuple[type['SampleStore'], tuple[Path]]:
        return SampleStore, (self.path,)

    def sample(self, index: int) -> SequenceSample:
        """Return sample `index`."""
        opened = self._opened()
        arrays: list[Any] = [
            opened[name][index] if has else None
            for name, has in zip(_ARRAYS, self.has[index], strict=True)
        ]
        return SequenceSample(
            stamp_us=int(self.stamps_us[index]),
            depth_m=opened['depth_m'][index],
            focal_px=float(self._focal_px[index]),
            voxel=arrays[0],
            image=arrays[1],
            sparse_m=arrays[2],
        )

    def _opened(self) -> h5py.File:
        """Return this process's own handle: HDF5 must not share one over a fork."""
        if self._file is None or self._owner != os.getpid():
            self._owner = os.getpid()
            try:
                self._file = h5py.File(self.path, 'r')
            except OSError as error:
                raise RecordingError(
                    f'Expected a store of prepared samples at {self.path}, got {error}.'
                ) from error
        return self._file


def write_store(samples: Iterable[SequenceSample], path: Path) -> int:
    """
    Write a store and return its number of samples.

    Raises
    ------
    RecordingError
        Without a single sample, or for samples of different sizes.

    """
    unfinished = path.with_name(f'{path.name}.{os.getpid()}.part')
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    try:
        with h5py.File(unfinished, 'w') as file:
            count = _write_all(file, iter(samples))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _write_all(file: h5py.File, samples: Iterator[SequenceSample]) -> int:
    count, size = 0, None
    for sample in samples:
        size = size or sample.depth_m.shape
        if sample.depth_m.shape != size:
            raise RecordingError(
                f'Expected samples of {size} throughout, got {sample.depth_m.shape} '
                f'at {sample.stamp_us} µs.'
            )
        parts = (sample.voxel, sample.image, sample.sparse_m)
        _append(file, 'stamp_us', count, np.int64(sample.stamp_us))
        _append(file, 'focal_px', count, np.float32(sample.focal_px))
        _append(file, 'has', count, np.array([part is not None for part in parts]))
        _append(file, 'depth_m', count, sample.depth_m)
        for name, part in zip(_ARRAYS, parts, strict=True):
            if part is not None:
                _append(file, name, count, part)
        count += 1
    if count == 0:
        raise RecordingError(
            'Expected a reference depth with a whole window of events before it, got none.'
        )
    return count


def _append(
    file: h5py.File, name: str, index: int, value: NDArray[np.generic] | np.generic
) -> None:
    if name not in file:
        is_large = value.ndim > 1
        filters = hdf5plugin.Blosc(cname='lz4', clevel=5) if is_large else {}
        file.create_dataset(
            name,
            shape=(0, *value.shape),
            maxshape=(None, *value.shape),
            chunks=(1, *value.shape) if is_large else (1024, *value.shape),
            dtype=value.dtype,
            **filters,
        )
    file[name].resize(index + 1, axis=0)
    file[name][index] = value
