"""
HDF5 files: opened with the compression filters that datasets use, read in slices.

Laws: a missing filter is an error that names it and the package that brings it; a slice that
cannot be read ends the stream and is counted as `truncated`; memory does not grow with the file.

"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from eventdepth_core.errors import needed_package, RecordingError
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from numpy.typing import NDArray

H5: TypeAlias = Any  # h5py has no types

BLOCK_EVENTS = 1 << 18


def open_hdf5(path: Path) -> H5:
    """
    Return the opened file, for reading.

    Raises
    ------
    RecordingError
        If it is no readable HDF5 file.

    """
    with needed_package('h5py'):
        import h5py
    _register_filters()
    try:
        return h5py.File(path, 'r')
    except OSError as error:
        raise RecordingError(f'Expected a readable HDF5 file at {path}, got: {error}.') from error


def dataset_of(file: H5, name: str) -> H5:
    """
    Return a dataset that can be read.

    Raises
    ------
    RecordingError
        If there is none of this name; lists what lies there.
        Also if it is compressed with a filter that is not installed, which it names.

    """
    found = file.get(name)
    if found is None or not hasattr(found, 'shape'):
        names = ', '.join(file) or 'none'
        raise RecordingError(f'Expected the dataset {name} in {file.file.filename}, got {names}.')
    check_filters(found)
    return found


def check_filters(dataset: H5) -> None:
    """Raise RecordingError if a filter of the dataset is not there."""
    import h5py

    properties = dataset.id.get_create_plist()
    for i in range(properties.get_nfilters()):
        number, _, _, name = properties.get_filter(i)
        if not h5py.h5z.filter_avail(number):
            title = name.decode(errors='replace') or 'without a name'
            raise RecordingError(
                f'Expected the HDF5 filter {number} ({title}) for {dataset.name} in '
                f'{dataset.file.filename}, got none: pip install hdf5plugin'
            )


def scalar_of(file: H5, name: str, default: int) -> int:
    """Return an integer dataset of one number, or the default where there is none."""
    return int(np.asarray(file[name][()]).reshape(-1)[0]) if name in file else default


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """
    Four datasets of one length: t, x, y, p.

    Times become t + `offset_us`; polarity 0/1, bool or -1/+1 becomes -1/+1.

    """

    t: H5
    x: H5
    y: H5
    p: H5
    offset_us: int = 0

    @classmethod
    def of(cls, group: H5, offset_us: int = 0) -> 'EventColumns':
        """Return the columns t, x, y, p of a group, checked to be of one length."""
        columns = {name: dataset_of(group, name) for name in ('t', 'x', 'y', 'p')}
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise RecordingError(
                f'Expected t, x, y, p of one length in {group.file.filename}, got {lengths}.'
            )
        return cls(**columns, offset_us=offset_us)

    def __len__(self) -> int:
        return len(self.t)

    def read(self, start: int, stop: int) -> Events:
        """Return the events [start, stop)."""
        events = np.empty(max(stop - start, 0), EVENT_DTYPE)
        if len(events) > 0:
            events['t'] = self.t[start:stop]
            events['t'] += self.offset_us
            events['x'] = self.x[start:stop]
            events['y'] = self.y[start:stop]
            events['p'] = signed(self.p[start:stop])
        return events

    def bounds_us(self) -> tuple[int, int] | None:
        """Return the times of the first and the last event, None without events."""
        if len(self) == 0:
            return None
        return int(self.t[0]) + self.offset_us, int(self.t[-1]) + self.offset_us

    def blocks(self, dropped: Counter[str], *, num_events: int = BLOCK_EVENTS) -> Iterator[Events]:
        """Yield all events, block after block."""
        for start in range(0, len(self), num_events):
            try:
                yield self.read(start, min(start + num_events, len(self)))
            except OSError:
                dropped['truncated'] += 1
                return


def signed(polarity: NDArray[Any]) -> NDArray[np.int8]:  # Any: bool, integer or float
    """Return polarity 0/1, bool or -1/+1 as int8 -1/+1."""
    signs = (np.asarray(polarity) > 0).view(np.int8)
    signs *= 2
    signs -= 1
    return signs


def microseconds(seconds: object) -> NDArray[np.int64]:
    """Return times in seconds as integers in µs, rounded to the nearest."""
    return np.rint(np.asarray(seconds, np.float64) * 1e6).astype(np.int64)


def _register_filters() -> None:
    """Let h5py find the filters of hdf5plugin where it is installed; files may not need them."""
    try:
        import hdf5plugin  # noqa: F401 (importing registers the filters)
    except ModuleNotFoundError:
        return
