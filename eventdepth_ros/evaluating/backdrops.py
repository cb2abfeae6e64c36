"""
Pictures of what went in, by stamp: events over the camera image, or either alone.

Laws: a modality that did not enter a frame is not shown with it; a picture is shown only if it is
no more than `MAX_AGE_US` older and no more than `MAX_AHEAD_US` newer than the frame, and decoded
only then; memory is bounded by `CAPACITY` of each.

"""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import Final, TypeAlias

from eventdepth_core.errors import EventDepthError
from eventdepth_core.rendering import grey_background, picture_overlay
from eventdepth_core.types import ENTERED, Entered, ImageSample, UInt8

StampedPicture: TypeAlias = tuple[int, Callable[[], ImageSample]]
"""A stamp in µs, and what decodes its picture."""

CAPACITY: Final = 64
MAX_AGE_US: Final = 200_000
MAX_AHEAD_US: Final = 20_000


class Backdrops:
    """Keeps the newest pictures of both kinds."""

    def __init__(self) -> None:
        self._events: deque[StampedPicture] = deque(maxlen=CAPACITY)
        self._images: deque[StampedPicture] = deque(maxlen=CAPACITY)

    def add_event_picture(self, stamp_us: int, decode: Callable[[], ImageSample]) -> None:
        """Take in a picture of events."""
        self._events.append((stamp_us, decode))

    def add_image(self, stamp_us: int, decode: Callable[[], ImageSample]) -> None:
        """Take in a camera image."""
        self._images.append((stamp_us, decode))

    def at(self, stamp_us: int, entered: Collection[Entered] = ENTERED) -> UInt8 | None:
        """Return the picture (H, W, 3) of what entered a frame; None where nothing is near."""
        events = _nearest(self._events, stamp_us) if 'events' in entered else None
        image = _nearest(self._images, stamp_us) if 'image' in entered else None
        if events is None:
            return None if image is None else grey_background(image.image)
        if image is None or image.image.shape[:2] != events.image.shape[:2]:
            return events.image
        return picture_overlay(events.image, grey_background(image.image))


def _nearest(pictures: Iterable[StampedPicture], stamp_us: int) -> ImageSample | None:
    near = [each for each in pictures if -MAX_AHEAD_US <= stamp_us - each[0] <= MAX_AGE_US]
    nearest = min(near, key=lambda each: abs(each[0] - stamp_us), default=None)
    try:
        return None if nearest is None else nearest[1]()
    except EventDepthError:
        return None  # a picture that cannot be read is no picture
