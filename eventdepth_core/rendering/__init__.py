"""
Pictures of depth, standard deviation and events as uint8 RGB arrays; no files, no figures.

Laws: a pixel that is not a positive finite number is `INVALID_GREY` and never part of a scale;
a map without any valid pixel still gives a picture; arguments are never edited.

"""

from eventdepth_core.rendering.colour import (
    ColourScale,
    INVALID_GREY,
    robust_scale,
    RunningScale,
)
from eventdepth_core.rendering.overlay import (
    event_overlay,
    grey_background,
    picture_overlay,
    points_overlay,
    thickened,
)

__all__ = [
    'INVALID_GREY',
    'ColourScale',
    'RunningScale',
    'event_overlay',
    'grey_background',
    'picture_overlay',
    'points_overlay',
    'robust_scale',
    'thickened',
]
