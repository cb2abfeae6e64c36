"""
AEDAT4 files of the DV software: events, frames, and counts of what we do not use.

Packets come in the order of the file, which is the order of arrival; all stamps are µs of one
clock. A frame is stamped in the middle of its exposure. IMU samples and triggers are counted in
`num_imu_samples` and `num_triggers`.

"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2
from eventdepth_core.errors import needed_package, RecordingError
from eventdepth_core.recordings.recording import Recording, StreamName, StreamSummary
from eventdepth_core.types import EVENT_DTYPE, Events, EventSlice, ImageSample, Sample, UInt8
import numpy as np
from numpy.typing import NDArray

_CONVERSIONS = {'RGB': None, 'RGBA': cv2.COLOR_RGBA2RGB, 'L': None}


class Aedat4Recording(Recording):
    """
    An opened .aedat4 file; `topics` chooses a stream by its number, where the first is not meant.

    Raises RecordingError for a file without a readable header, without events and frames, or
    without a stream that was chosen.

    """

    kind = 'aedat4'

    def __init__(self, path: Path, topics: Mapping[StreamName, str] | None = None) -> None:
        super().__init__(path)
        self._described: dict[int, dict[str, Any]] = _open(path).id_to_stream()
        self.num_imu_samples = 0
        self.num_triggers = 0
        self.streams = self._summaries(topics or {})
        self._chosen = {each.topic for each in self.streams.values()}
        if not self.streams:
            raise RecordingError(
                f'Expected a stream of events or frames in {path}, got {self._described}.'
            )

    def samples(self) -> Iterator[Sample]:
        """Yield events and frames in the order of the file."""
        self._dropped = Counter()
        self.num_imu_samples = 0
        self.num_triggers = 0
        packets = _open(self.path)
        while True:
            try:
                packet = _guarded(partial(next, packets, None), self.path)
            except RecordingError:
                self._dropped['truncated'] += 1
                return
            if packet is None:
                return
            sample = self._sample(packet)
            if sample is not None:
                yield sample

    # Any: the aedat package yields plain dicts of arrays and numbers.
    def _sample(self, packet: dict[str, Any]) -> Sample | None:
        """Return the sample of a packet; None for the streams we count only."""
        is_chosen = str(packet['stream_id']) in self._chosen
        if 'events' in packet:
            return self._event_slice(packet) if is_chosen else None
        if 'frame' in packet:
            return self._image(packet['frame']) if is_chosen else None
        self.num_imu_samples += len(packet.get('imus', ()))
        self.num_triggers += len(packet.get('triggers', ()))
        return None

    def _event_slice(self, packet: dict[str, Any]) -> EventSlice:
        stream = self._described[packet['stream_id']]
        height, width = int(stream['height']), int(stream['width'])
        events = _native_events(packet['events'])
        is_inside = (events['x'] < width) & (events['y'] < height)
        if not is_inside.all():
            self._dropped['out_of_sensor'] += int((~is_inside).sum())
        return EventSlice(events[is_inside], width, height)

    def _image(self, frame: dict[str, Any]) -> ImageSample | None:
        picture = _picture(frame)
        if picture is None:
            self._dropped['unknown_encoding'] += 1
            return None
        return ImageSample(picture, int(frame['t']))

    def _summaries(self, topics: Mapping[StreamName, str]) -> dict[StreamName, StreamSummary]:
        """Return the chosen or first stream of events and of frames."""
        streams: dict[StreamName, StreamSummary] = {}
        names: tuple[tuple[StreamName, str], ...] = (('events', 'events'), ('image', 'frame'))
        for name, kind in names:
            keys = sorted(k for k, each in self._described.items() if each['type'] == kind)
            named, chosen = [str(key) for key in keys], topics.get(name)
            if chosen is not None and chosen not in named:
                raise RecordingError(
                    f'Expected {name} as stream {chosen!r} in {self.path}, got {keys}.'
                )
            if chosen is not None:
                keys.insert(0, keys.pop(named.index(chosen)))
            if keys:
                described = self._described[keys[0]]
                streams[name] = StreamSummary(
                    name=name,
                    type_name='aedat4',
                    topic=str(keys[0]),
                    width=int(described['width']),
                    height=int(described['height']),
                    alternatives=tuple(str(key) for key in keys[1:]),
                )
        return streams


def _open(path: Path) -> Any:  # noqa: ANN401 (the aedat package has no types)
    with needed_package('aedat'):
        import aedat
    return _guarded(partial(aedat.Decoder, str(path)), path)


def _guarded(call: Callable[[], Any], path: Path) -> Any:  # noqa: ANN401 (as _open)
    """Return what `call` returns; its errors and panics become RecordingError."""
    try:
        return call()
    except BaseException as error:
        # A panic of the package's compiled code is no Exception and has no importable type.
        if not isinstance(error, RuntimeError) and type(error).__module__ != 'pyo3_runtime':
            raise
        raise RecordingError(f'Expected readable AEDAT4 in {path}, got: {error}.') from error


def _native_events(packet: NDArray[np.void]) -> Events:
    """Return EVENT_DTYPE[n], ascending in time, from the package's own dtype."""
    events = np.empty(len(packet), EVENT_DTYPE)
    events['t'] = packet['t']
    events['x'] = packet['x']
    events['y'] = packet['y']
    events['p'] = packet['on'].astype(np.int8) * 2 - 1
    if (np.diff(events['t']) < 0).any():
        events = events[np.argsort(events['t'], kind='stable')]
    return events


def _picture(frame: dict[str, Any]) -> UInt8 | None:
    """Return a frame as uint8 grey or RGB, None for a format that we do not know."""
    if frame['format'] not in _CONVERSIONS:
        return None
    conversion = _CONVERSIONS[frame['format']]
    pixels = np.ascontiguousarray(frame['pixels'], np.uint8)
    return pixels if conversion is None else np.asarray(cv2.cvtColor(pixels, conversion), np.uint8)
