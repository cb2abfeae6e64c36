"""
A recording into DSEC's layout: events.h5, images with their stamps, calibration where known.

Everything is made in `<target>.partial` and gets its name when it is complete. Events are written
part by part; an interrupted conversion goes on after the last part. Law: a conversion that was
interrupted and resumed holds the events, index and images of one that was not.

"""

from collections import Counter
import shutil
import time
from typing import Any

import cv2
from eventdepth_core.conversion.dsec_calibration import write_calibration, write_rectify_map
from eventdepth_core.conversion.event_parts import EventParts
from eventdepth_core.conversion.event_slices import clock_offset_us, DecodedStream
from eventdepth_core.conversion.journal import Journal
from eventdepth_core.conversion.options import ConversionOptions
from eventdepth_core.conversion.plan import (
    CALIBRATION_PATH,
    ConversionPlan,
    EVENTS_PATH,
    image_folder,
    IMAGE_STAMPS_PATH,
    PARTIAL_SUFFIX,
)
from eventdepth_core.conversion.progress import ConversionSummary, OnProgress, Ticker
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.recording import Recording, StreamName
from eventdepth_core.types import Events, EventSlice, ImageSample, Sample


class DsecConversion:
    """One conversion into a DSEC folder or event file, planned before."""

    def __init__(
        self, recording: Recording, plan: ConversionPlan, options: ConversionOptions
    ) -> None:
        self._recording = recording
        self._options = options
        self._target = plan.target
        self._is_file = plan.is_single_file
        self._has_images = plan.converts('image')
        self._partial = plan.target.with_name(f'{plan.target.name}{PARTIAL_SUFFIX}')
        self._events_path = self._partial / ('events.h5' if self._is_file else EVENTS_PATH)
        self._image_folder = self._partial / image_folder(recording)
        self._journal = Journal(self._partial, recording.path, options)
        self._image_stamps_us: list[int] = []
        self._num_events_there = 0  # by an earlier run, and still to be passed over
        self._num_images_there = 0
        self._size = (0, 0)

    def run(self, on_progress: OnProgress | None) -> ConversionSummary:
        """Convert and return what was written."""
        started_s = time.monotonic()
        parts = self._opened()
        num_resumed = self._num_events_there
        offset_us = clock_offset_us(self._recording) if self._has_images else 0
        stream = DecodedStream(self._recording, self._options)
        ticker = Ticker(on_progress, self._recording)
        end_us: int | None = None
        for sample in self._recording.samples():
            for each in stream.add(sample):
                end_us = self._write(parts, each, end_us)
            ticker.tell(parts.num_events, end_us, is_skipping=self._num_events_there > 0)
        for each in stream.flush():
            end_us = self._write(parts, each, end_us)
        num_events, base_us = parts.num_events, parts.base_us
        self._complete(parts, offset_us)
        ticker.end(num_events)
        return ConversionSummary(
            target=self._target,
            counts=self._counts(num_events),
            dropped=dict(stream.dropped),
            start_us=None if base_us is None else base_us + offset_us,
            end_us=None if end_us is None else end_us + offset_us,
            num_resumed=num_resumed,
            clock_offset_us=offset_us,
            wall_s=time.monotonic() - started_s,
        )

    def _opened(self) -> EventParts:
        """Return the parts to go on with: those of an earlier run, or none."""
        state: Any = self._journal.read() if self._options.resume else None  # Any: JSON
        if state is None:
            if self._partial.exists():
                shutil.rmtree(self._partial)
            self._partial.mkdir(parents=True)
            return EventParts(self._partial)
        parts = EventParts(self._partial, state['num_parts'], state['base_us'])
        self._image_stamps_us = list(state['image_stamps_us'])
        self._num_events_there = parts.num_events
        self._num_images_there = len(self._image_stamps_us)
        return parts

    def _write(self, parts: EventParts, sample: Sample, end_us: int | None) -> int | None:
        """Write a sample and return the time of the newest event."""
        if isinstance(sample, EventSlice):
            self._size = (sample.height, sample.width)
            events = sample.events[self._num_events_there :]
            self._num_events_there -= sample.events.size - events.size
            self._write_events(parts, events)
            return int(sample.events['t'][-1])
        if isinstance(sample, ImageSample) and self._has_images:
            self._write_image(sample)
        return end_us

    def _write_events(self, parts: EventParts, events: Events) -> None:
        rest = events
        while rest.size > 0:
            num_parts = parts.num_parts
            rest = rest[parts.add(rest) :]
            if parts.num_parts > num_parts:
                self._journal.write(
                    {
                        'num_parts': parts.num_parts,
                        'base_us': parts.base_us,
                        'image_stamps_us': self._image_stamps_us,
                    }
                )

    def _write_image(self, sample: ImageSample) -> None:
        if self._num_images_there > 0:
            self._num_images_there -= 1
            return
        self._image_folder.mkdir(parents=True, exist_ok=True)
        path = self._image_folder / f'{len(self._image_stamps_us):06d}.png'
        picture = sample.image
        bgr = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        if not cv2.imwrite(str(path), bgr):
            raise RecordingError(f'Expected an image file that can be written at {path}.')
        self._image_stamps_us.append(sample.stamp_us + self._options.shift_us)

    def _complete(self, parts: EventParts, offset_us: int) -> None:
        """Make the files whole and give the target its name."""
        self._events_path.parent.mkdir(parents=True, exist_ok=True)
        parts.join(self._events_path, self._size, offset_us)
        self._journal.remove()
        if not self._is_file:
            self._write_beside()
        if self._target.is_dir():
            shutil.rmtree(self._target)
        if self._is_file:
            self._events_path.replace(self._target)
            shutil.rmtree(self._partial)
        else:
            self._target.unlink(missing_ok=True)
            self._partial.replace(self._target)

    def _write_beside(self) -> None:
        """Write the stamps of the images and the calibration."""
        if self._image_stamps_us:
            text = ''.join(f'{stamp_us}\n' for stamp_us in self._image_stamps_us)
            (self._partial / IMAGE_STAMPS_PATH).write_text(text)
        rig = self._recording.rig
        if rig is not None:
            folder = (self._partial / CALIBRATION_PATH).parent
            write_calibration(rig, folder, has_images=bool(self._image_stamps_us))
            write_rectify_map(rig, self._events_path.with_name('rectify_map.h5'))

    def _counts(self, num_events: int) -> Counter[StreamName]:
        counts: Counter[StreamName] = Counter({'events': num_events})
        if self._has_images:
            counts['image'] = len(self._image_stamps_us)
        return counts
