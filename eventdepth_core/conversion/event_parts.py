"""
Events as DSEC stores them, written part by part: p, t, x, y, ms_to_idx and t_offset in HDF5.

A part is one closed file of a whole number of HDF5 chunks, so a crash costs one part; joining the
parts copies the packed chunks as they are. `ms_to_idx[ms]` is the first event with t >= 1000 ms,
for each ms that has one; t counts from the first event, whose absolute time is `t_offset`.

"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TYPE_CHECKING

from eventdepth_core.errors import needed_package, RecordingError
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import h5py

EVENTS_PER_CHUNK = 1 << 16
EVENTS_PER_PART = 1 << 21
BLOSC_LEVEL = 1
MAX_T_US = (1 << 32) - 1
US_PER_MS = 1000
FIELDS = {'p': 'u1', 't': 'u4', 'x': 'u2', 'y': 'u2'}
INDEX = 'ms_to_idx'


class EventParts:
    """
    Collects ascending events into part files in `folder`.

    `num_parts` of them are complete already and begin at `base_us`; the events that follow them
    are to be added.

    """

    def __init__(self, folder: Path, num_parts: int = 0, base_us: int | None = None) -> None:
        _filters()  # told now, before a file is there
        self._folder = folder
        self.num_parts = num_parts
        self.base_us = base_us
        # Any: the element type is the field's
        self._block: dict[str, NDArray[Any]] = {
            name: np.empty(EVENTS_PER_PART, dtype) for name, dtype in FIELDS.items()
        }
        self._num_waiting = 0
        self._next_ms = self._resumed_ms()

    @property
    def num_events(self) -> int:
        """All events so far."""
        return self.num_parts * EVENTS_PER_PART + self._num_waiting

    def add(self, events: Events) -> int:
        """
        Take in events up to the end of the part and return how many; a full part is written.

        Raises
        ------
        RecordingError
            For an event later than the 32 bits of DSEC's times can tell.

        """
        taken = events[: EVENTS_PER_PART - self._num_waiting]
        if taken.size == 0:
            return 0
        if self.base_us is None:
            self.base_us = int(taken['t'][0])
        last_us = int(taken['t'][-1]) - self.base_us
        if last_us > MAX_T_US:
            raise RecordingError(
                f'Expected events within 2^32 µs (71.6 min) for the times of a DSEC file, got one '
                f'{last_us} µs after the first.'
            )
        place = slice(self._num_waiting, self._num_waiting + taken.size)
        self._block['t'][place] = taken['t'] - self.base_us
        self._block['x'][place] = taken['x']
        self._block['y'][place] = taken['y']
        self._block['p'][place] = taken['p'] > 0
        self._num_waiting += taken.size
        if self._num_waiting == EVENTS_PER_PART:
            self._write_part()
            self.num_parts += 1
        return int(taken.size)

    def join(self, path: Path, size: tuple[int, int], offset_us: int = 0) -> None:
        """
        Write the rest and make one file of all; `offset_us` is added to its t_offset.

        `size` is (height, width) of the sensor, told as attributes of the group of events.

        """
        num_events = self.num_events
        if self._num_waiting > 0:
            self._write_part()
        parts = [self._part(i) for i in range(-(-num_events // EVENTS_PER_PART))]
        _join(parts, path, num_events, (self.base_us or 0) + offset_us)
        with _opened(path, 'a') as joined:
            joined['events'].attrs.update(height=size[0], width=size[1])
        for part in parts:
            part.unlink()

    def _part(self, i: int) -> Path:
        return self._folder / f'part_{i:05d}.h5'

    def _write_part(self) -> None:
        """Write what waits as a part that is there as a whole or not at all."""
        num, path = self._num_waiting, self._part(self.num_parts)
        beside = path.with_suffix('.new')
        with _opened(beside, 'w') as file:
            for name in FIELDS:
                _dataset(file, name, num)[:] = self._block[name][:num]
            file[INDEX] = self._index(self._block['t'][:num])
        beside.replace(path)
        self._num_waiting = 0

    def _index(self, times_us: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return the entries of ms_to_idx whose events lie in this part."""
        end_ms = int(times_us[-1]) // US_PER_MS + 1
        borders_us = US_PER_MS * np.arange(self._next_ms, end_ms, dtype=np.int64)
        self._next_ms = end_ms
        first = self.num_parts * EVENTS_PER_PART
        found = np.searchsorted(times_us, borders_us.astype(np.uint32))
        return (found + first).astype(np.uint64)

    def _resumed_ms(self) -> int:
        """Return how many entries of ms_to_idx the complete parts have."""
        total = 0
        for i in range(self.num_parts):
            with _opened(self._part(i), 'r') as file:
                total += len(file[INDEX])
        return total


def _join(parts: Sequence[Path], path: Path, num_events: int, offset_us: int) -> None:
    with _opened(path, 'w') as joined:
        targets = {name: _dataset(joined, f'events/{name}', num_events) for name in FIELDS}
        index = [np.zeros(0 if parts else 1, np.uint64)]
        for i, part in enumerate(parts):
            with _opened(part, 'r') as file:
                index.append(file[INDEX][:])
                for name, target in targets.items():
                    _copy_chunks(file[name], target, i * EVENTS_PER_PART)
        joined[INDEX] = np.concatenate(index)
        joined['t_offset'] = np.int64(offset_us)


def _copy_chunks(source: 'h5py.Dataset', target: 'h5py.Dataset', start: int) -> None:
    """Copy the chunks as they are packed."""
    for first in range(0, len(source), EVENTS_PER_CHUNK):
        mask, packed = source.id.read_direct_chunk((first,))
        target.id.write_direct_chunk((start + first,), packed, mask)


def _dataset(file: 'h5py.File', name: str, num: int) -> 'h5py.Dataset':
    return file.create_dataset(
        name,
        shape=(num,),
        maxshape=(None,),
        dtype=FIELDS[name.rpartition('/')[2]],
        chunks=(EVENTS_PER_CHUNK,),
        **_filters(),
    )


def _opened(path: Path, mode: str) -> 'h5py.File':
    with needed_package('h5py'):
        import h5py
    return h5py.File(path, mode)


def _filters() -> Any:  # noqa: ANN401 (what create_dataset takes)
    with needed_package('hdf5plugin'):
        import hdf5plugin
    return hdf5plugin.Blosc(cname='zstd', clevel=BLOSC_LEVEL, shuffle=hdf5plugin.Blosc.SHUFFLE)
