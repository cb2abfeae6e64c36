"""What the readers of datasets share: entries, events beside them, pictures from files."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.image_codec import picture_from_opencv
from eventdepth_core.recordings.merging import ascending, Entry, merged
from eventdepth_core.recordings.recording import Recording
from eventdepth_core.types import DepthSample, Events, Float32, ImageSample, Sample
import numpy as np
from numpy.typing import NDArray

FRAME_PERIOD_US = 100_000
"""The time between frames of datasets that have no time."""


class DatasetRecording(Recording):
    """A recording of events in blocks, and of entries that are read when their time comes."""

    size: tuple[int, int] = (0, 0)
    """(height, width) of the event camera, or of what is there."""

    def samples(self) -> Iterator[Sample]:
        """Yield every sample in time order."""
        self.check_rig()
        self._dropped = Counter()
        blocks = ascending(self._event_blocks(), self._dropped)
        entries = sorted(self._entries(), key=lambda entry: entry.stamp_us)
        yield from merged(blocks, entries, self.size, self._dropped)

    @abstractmethod
    def _entries(self) -> Sequence[Entry]:
        """Return what there is beside the events; at equal stamps in the order wanted."""

    def _event_blocks(self) -> Iterable[Events]:
        """Return the events in blocks; none by default."""
        return ()

    def _set_bounds(self, entries: Sequence[Entry], bounds: tuple[int, int] | None = None) -> None:
        """Set start and end from entries and the first and last event."""
        stamps = [entry.stamp_us for entry in entries]
        stamps.extend(bounds or ())
        self.start_us, self.end_us = min(stamps, default=None), max(stamps, default=None)

    def _image(self, file: Path, stamp_us: int, frame_id: str = '') -> ImageSample | None:
        """Return the picture of a file, None and counted if it is unreadable."""
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        if picture is None:
            self._dropped['unreadable_image'] += 1
            return None
        return ImageSample(picture_from_opencv(picture), stamp_us, frame_id)

    def _grey16(self, file: Path) -> NDArray[np.uint16] | None:
        """Return a 16-bit PNG (H, W), None and counted if it is none."""
        values = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        if values is None or values.dtype != np.uint16 or values.ndim != 2:
            self._dropped['unreadable_depth'] += 1
            return None
        return values.view(np.uint16)


def depth_sample(depth_m: object, stamp_us: int, frame_id: str = '') -> DepthSample:
    """Return depth with NaN where it is not finite and positive."""
    values: Float32 = np.array(depth_m, np.float32)
    with np.errstate(invalid='ignore'):
        values[~(np.isfinite(values) & (values > 0))] = np.nan
    return DepthSample(values, stamp_us, frame_id)


def paired(files: Sequence[Path], stamps_us: Sequence[int], what: str) -> list[tuple[int, Path]]:
    """
    Return (stamp, file) by sorted order: the names need not count without gaps.

    Raises
    ------
    RecordingError
        If there are not as many stamps as files, so that nobody knows which belong together.

    """
    if len(files) != len(stamps_us):
        place = files[0].parent if files else 'no folder'
        raise RecordingError(
            f'Expected one stamp for each of the {len(files)} {what} in {place}, '
            f'got {len(stamps_us)} stamps.'
        )
    return list(zip((int(stamp) for stamp in stamps_us), sorted(files), strict=True))


def picture_size(files: Sequence[Path], place: Path) -> tuple[int, int]:
    """
    Return (height, width) of the first readable picture.

    Raises
    ------
    RecordingError
        If none of them can be read.

    """
    for file in files:
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        if picture is not None:
            return int(picture.shape[0]), int(picture.shape[1])
    raise RecordingError(f'Expected a readable picture in {place}, got none.')


def read_stamps(path: Path, column: int = 0) -> list[float]:
    """
    Return one column of numbers of a text file; lines that begin with # are passed over.

    Raises
    ------
    RecordingError
        For a line without that number.

    """
    stamps = []
    for line in path.read_text(errors='replace').splitlines():
        fields = line.replace(',', ' ').split()
        if not fields or fields[0].startswith('#'):
            continue
        try:
            stamps.append(float(fields[column]))
        except (ValueError, IndexError) as error:
            raise RecordingError(
                f'Expected a number in column {column + 1} of each line of {path}, got {line!r}.'
            ) from error
    return stamps
