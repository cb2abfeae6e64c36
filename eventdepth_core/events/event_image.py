"""
A picture of events: white ground, blue where ON prevails, red where OFF does.

Law: no events gives white; a pixel with as many ON as OFF events is grey.

"""

from eventdepth_core.types import Events, UInt8
import numpy as np

_WHITE = (255, 255, 255)
_GREY = (170, 170, 170)
_BLUE = (30, 70, 220)
_RED = (220, 40, 40)


def event_image(events: Events, size: tuple[int, int]) -> UInt8:
    """
    Return the polarity picture of `events`: uint8 (H, W, 3) in RGB order.

    Events outside `size` = (height, width) are left out.

    """
    height, width = size
    inside = (events['x'] < width) & (events['y'] < height)
    cells = events['y'][inside].astype(np.intp) * width + events['x'][inside]
    is_on = events['p'][inside] > 0
    num_on = np.bincount(cells[is_on], minlength=height * width)
    num_off = np.bincount(cells[~is_on], minlength=height * width)
    # 0 silent, 1 balanced, 2 ON prevails, 3 OFF prevails
    kinds = np.where(num_on > num_off, 2, np.where(num_on < num_off, 3, num_on > 0))
    palette = np.array([_WHITE, _GREY, _BLUE, _RED], np.uint8)
    return palette[kinds].reshape(height, width, 3)
