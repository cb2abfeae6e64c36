"""The polarity picture."""

from eventdepth_core.events import event_image
from eventdepth_core.types import EVENT_DTYPE
import numpy as np


def test_the_prevailing_polarity_gives_the_colour():
    rows = [(0, 1, 0, 1), (1, 1, 0, 1), (2, 1, 0, -1), (3, 2, 1, -1), (4, 0, 1, 1), (5, 0, 1, -1)]

    image = event_image(np.array(rows, EVENT_DTYPE), (2, 3))

    assert image.shape == (2, 3, 3)
    assert image.dtype == np.uint8
    red, green, blue = image[0, 1].astype(int)
    assert blue > red + green // 2
    red, green, blue = image[1, 2].astype(int)
    assert red > blue + green // 2
    assert len(set(image[1, 0])) == 1
    assert image[1, 0, 0] < 255
    assert (image[0, 0] == 255).all()


def test_no_events_and_events_outside_give_white():
    outside = np.array([(0, 3, 0, 1), (0, 0, 2, 1)], EVENT_DTYPE)

    for events in (np.zeros(0, EVENT_DTYPE), outside):
        assert (event_image(events, (2, 3)) == 255).all()
