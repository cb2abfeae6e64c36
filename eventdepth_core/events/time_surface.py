"""
The time surface: how recently each pixel saw an event, and of which polarity.

s = p exp(-(end - t) / decay) with t, p the time and polarity of the pixel's newest event before
`end`. Laws: no event gives 0; |s| <= 1 and falls with age; of two events at one time the later in
the array counts; events at or after `end` or outside the sensor do not enter; doubling both age
and decay changes nothing.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.events.arguments import check_events
from eventdepth_core.events.time_surface_kernels import newest_events
from eventdepth_core.types import Events, Float32, UInt8
import numpy as np

_WHITE = (255.0, 255.0, 255.0)
_BLUE = (30.0, 70.0, 220.0)
_RED = (220.0, 40.0, 40.0)


def time_surface(
    events: Events, size: tuple[int, int], *, end_us: int, decay_us: float
) -> Float32:
    """
    Return the time surface of `events` at `end_us`: float32 (H, W) in [-1, 1].

    Parameters
    ----------
    events : EVENT_DTYPE[n]
        µs; in any order.
    size : (int, int)
        Height and width in pixels.
    end_us : int
        The time of the surface, µs.
    decay_us : float
        After this time an event counts 1/e, µs.

    Raises
    ------
    InputError
        For a size or a decay that is not positive, or events of another type.

    """
    if not (decay_us > 0 and min(size) > 0):
        raise InputError(f'Expected decay_us > 0 and a positive size, got {decay_us} and {size}.')
    check_events(events)
    newest_us = np.zeros(size, np.int64)
    polarity = np.zeros(size, np.int8)
    plain = np.require(events, requirements=['C', 'W'])  # the array type the kernel is for
    newest_events(plain, end_us, newest_us, polarity)
    age_us = np.where(polarity != 0, end_us - newest_us, 0)
    return (polarity * np.exp(-age_us / decay_us)).astype(np.float32)


def time_surface_image(surface: Float32) -> UInt8:
    """
    Return a time surface as a picture: white ground, blue for ON, red for OFF, paler with age.

    Parameters
    ----------
    surface : float32 (H, W)
        In [-1, 1].

    Returns
    -------
    uint8 (H, W, 3)
        RGB.

    """
    strength = np.minimum(np.abs(surface), 1.0)[..., None]  # (H, W, 1)
    colour = np.where((surface > 0)[..., None], np.array(_BLUE), np.array(_RED))
    picture = np.array(_WHITE) * (1 - strength) + colour * strength
    rounded: UInt8 = np.rint(picture).astype(np.uint8)
    return rounded
