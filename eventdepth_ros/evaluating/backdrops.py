"""
Pictures of what went in, by stamp: events over the camera image, or either alone.

Law: a picture is shown with a frame only if it is no more than `MAX_AGE_US` older and no more
than `MAX_AHEAD_US` newer; memory is bounded by `CAPACITY` of each.

"""

from collections import deque
from collections.abc import Iterable
from typing import Final

from eventdepth_core.rendering import grey_background, picture_overlay
from eventdepth_core.types import ImageSample, UInt8

CAPACITY: Final = 32
MAX_AGE_US: Final = 200_000
MAX_AHEAD_US: Final = 20_000


class Backdrops:
    """Keeps the newest pictures of both kinds."""

    def __init__(self) -> None:
        self._events: deque[ImageSample] = deque(maxlen=CAPACITY)
        self._images: deque[ImageSample] = deque(maxlen=CAPACITY)

    def add_event_picture(self, sample: ImageSample) -> None:
        """Take in a picture of events."""
        self._events.append(sample)

    def add_image(self, sample: ImageSample) -> None:
        """Take in a camera image."""
        self._images.append(sample)

    def at(self, stamp_us: int) -> UInt8 | None:
        """Return the picture (H, W, 3) for a frame; None where nothing is near."""
        events, image = _nearest(self._events, stamp_us), _nearest(self._images, stamp_us)
        if events is None:
            return None if image is None else grey_background(image.image)
        if image is None or image.image.shape[:2] != events.image.shape[:2]:
            return events.image
        return picture_overlay(events.image, grey_background(image.image))


def _nearest(samples: Iterable[ImageSample], stamp_us: int) -> ImageSample | None:
    near = [each for each in samples if -MAX_AHEAD_US <= stamp_us - each.stamp_us <= MAX_AGE_US]
    return min(near, key=lambda each: abs(each.stamp_us - stamp_us), default=None)
