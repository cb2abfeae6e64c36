"""
A folder of text files, as the UZH event-camera recordings have it.

`events.txt` (any name that starts with `events` and ends with `.txt`): `t x y p`; `images.txt`:
`t path`; `calib.txt`: fx fy cx cy k1 k2 p1 p2 k3; `groundtruth.txt`: `t px py pz qx qy qz qw`.
Everything is of one camera and one clock, t in seconds.

Laws: a sample with stamp t comes after every event before t and before every event from t on;
sorting and cutting lose no event.

"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
from eventdepth_core.errors import DecodeError, InputError, RecordingError
from eventdepth_core.recordings.image_codec import picture_from_opencv
from eventdepth_core.recordings.merging import Entry, merged
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.recordings.recording import Recording, StreamName, StreamSummary
from eventdepth_core.recordings.text_events import (
    read_text_events,
    text_event_bounds,
    text_event_extent,
    text_event_size,
)
from eventdepth_core.types import (
    Camera,
    Float64,
    ImageSample,
    PoseSample,
    Rig,
    Sample,
)
import numpy as np

NUM_CALIBRATION_NUMBERS = (4, 8, 9)


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A line of images.txt or groundtruth.txt."""

    stamp_us: int
    image: Path | None
    pose: Float64 | None


class TextRecording(Recording):
    """
    An opened text folder, or the folder of one event file.

    `size` is (height, width) where neither a first line nor an image says it; without it the
    events' own extent is taken. Raises RecordingError without events and images, or with a
    calib.txt that is none.

    """

    kind = 'text'

    def __init__(self, path: Path, size: tuple[int, int] | None = None) -> None:
        super().__init__(path)
        folder = path if path.is_dir() else path.parent
        found = sorted(path.glob('events*.txt')) if path.is_dir() else [path]
        self._events = next(iter(found), None)
        self._others = tuple(each.name for each in found[1:])
        self._bad_lines: Counter[str] = Counter()
        images = _read_entries(folder / 'images.txt', self._bad_lines)
        poses = _read_entries(folder / 'groundtruth.txt', self._bad_lines)
        if self._events is None and not images:
            raise RecordingError(f'Expected events.txt or images.txt in {path}, got neither.')
        self._entries = sorted(images + poses, key=lambda entry: entry.stamp_us)
        self._size = self._sensor_size(images, size)
        self.streams = self._summaries(len(images), len(poses))
        self.rig = _calibrated_rig(
            folder / 'calib.txt', self._size, has_events='events' in self.streams
        )
        self.camera_source = 'none' if self.rig is None else 'recording'
        self.start_us, self.end_us = self._bounds()
        self._dropped.update(self._bad_lines)

    def samples(self) -> Iterator[Sample]:
        """Yield events, images and poses merged in time order."""
        self._dropped = Counter(self._bad_lines)
        blocks = [] if self._events is None else read_text_events(self._events, self._dropped)
        entries = [Entry(entry.stamp_us, partial(self._sample, entry)) for entry in self._entries]
        yield from merged(blocks, entries, self._size, self._dropped)

    def _sample(self, entry: _Entry) -> Sample | None:
        """Return the sample of an entry, None and counted if it is unreadable."""
        if entry.pose is not None:
            try:
                return PoseSample(matrix_from_pose(entry.pose), entry.stamp_us)
            except DecodeError as error:
                self._dropped[error.reason] += 1
                return None
        picture = cv2.imread(str(entry.image), cv2.IMREAD_UNCHANGED)
        if picture is None:
            self._dropped['unreadable_image'] += 1
            return None
        return ImageSample(picture_from_opencv(picture), entry.stamp_us)

    def _bounds(self) -> tuple[int | None, int | None]:
        """Return the first and last time in µs of all that the folder holds."""
        stamps = [entry.stamp_us for entry in self._entries]
        if self._events is not None:
            stamps.extend(text_event_bounds(self._events) or ())
        return min(stamps, default=None), max(stamps, default=None)

    def _sensor_size(
        self, images: Sequence[_Entry], size: tuple[int, int] | None
    ) -> tuple[int, int]:
        """Return (height, width) from the first line, an image, the user, or the events."""
        named = None if self._events is None else text_event_size(self._events)
        if named is not None:
            return named
        for entry in images:
            picture = cv2.imread(str(entry.image), cv2.IMREAD_UNCHANGED)
            if picture is not None:
                return int(picture.shape[0]), int(picture.shape[1])
        if self._events is None:
            raise RecordingError(f'Expected readable images in {self.path}, got none.')
        extent = size or text_event_extent(self._events)
        if min(extent) == 0:
            raise RecordingError(f'Expected lines "t x y p" in {self._events}, got none.')
        return extent

    def _summaries(self, num_images: int, num_poses: int) -> dict[StreamName, StreamSummary]:
        height, width = self._size
        streams: dict[StreamName, StreamSummary] = {}
        if self._events is not None:
            streams['events'] = StreamSummary(
                'events',
                'text',
                self._events.name,
                None,
                't x y p',
                width,
                height,
                alternatives=self._others,
            )
        if num_images > 0:
            streams['image'] = StreamSummary(
                'image', 'text', 'images.txt', num_images, '', width, height
            )
        if num_poses > 0:
            streams['pose'] = StreamSummary('pose', 'text', 'groundtruth.txt', num_poses)
        return streams


def _read_entries(path: Path, bad_lines: Counter[str]) -> list[_Entry]:
    """Return the lines of images.txt or groundtruth.txt; bad ones are counted."""
    if not path.is_file():
        return []
    entries = []
    for line in path.read_text(errors='replace').splitlines():
        fields = line.replace(',', ' ').split()
        if not fields or fields[0].startswith('#'):
            continue
        entry = _entry(fields, path.parent)
        if entry is None:
            bad_lines['bad_line'] += 1
        else:
            entries.append(entry)
    return entries


def _entry(fields: list[str], folder: Path) -> _Entry | None:
    try:
        stamp_us = round(float(fields[0]) * 1e6)
        if len(fields) == 2:
            return _Entry(stamp_us, folder / fields[1], None)
        pose = np.array([float(field) for field in fields[1:]])
    except (ValueError, OverflowError):
        return None
    return _Entry(stamp_us, None, pose) if len(pose) == 7 else None


def _calibrated_rig(path: Path, size: tuple[int, int], *, has_events: bool) -> Rig | None:
    """Return the rig of calib.txt: one camera for events and images."""
    if not path.is_file():
        return None
    try:
        numbers = [float(field) for field in path.read_text(errors='replace').split()]
        if len(numbers) not in NUM_CALIBRATION_NUMBERS:
            raise RecordingError(
                f'Expected fx fy cx cy k1 k2 p1 p2 k3 in {path}, got {len(numbers)} numbers.'
            )
        fx, fy, cx, cy = numbers[:4]
        camera = Camera(size[1], size[0], fx, fy, cx, cy, tuple(numbers[4:]))
    except (ValueError, InputError) as error:
        raise RecordingError(f'Expected fx fy cx cy k1 k2 p1 p2 k3 in {path}: {error}') from error
    return Rig(event=camera) if has_events else Rig(image=camera)
