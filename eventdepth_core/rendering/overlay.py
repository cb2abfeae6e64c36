"""
Inputs drawn over each other: events over an image, measured points over either.

Laws: no events gives the background; a point that is not measured (NaN) is not drawn; nearer
points are drawn last, on top.

"""

import cv2
from eventdepth_core.events import event_image
from eventdepth_core.rendering.colour import ColourScale
from eventdepth_core.types import EVENT_DTYPE, Events, Float32, UInt8
import numpy as np

BACKGROUND_DIM = 0.6
WHITE = 255


def grey_background(image: UInt8) -> UInt8:
    """
    Return an image as a dimmed grey picture on which colours stand out.

    Parameters
    ----------
    image : uint8 (H, W) or (H, W, 3)
        Grey or RGB.

    Returns
    -------
    uint8 (H, W, 3)

    """
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    dimmed = np.rint(np.asarray(grey, dtype=np.float32) * BACKGROUND_DIM).astype(np.uint8)
    return np.repeat(dimmed[..., None], 3, axis=-1)


def event_overlay(events: Events, background: UInt8, *, dot_px: int = 1) -> UInt8:
    """
    Return the background with the polarity picture of the events on it.

    Each event is a square of `dot_px`, for pictures that are shown smaller than they are.

    Parameters
    ----------
    events : EVENT_DTYPE[n]
        Inside the picture; any order.
    background : uint8 (H, W, 3)
        What shows where no event fell.

    """
    size = (background.shape[0], background.shape[1])
    painted = event_image(_grown(events, dot_px), size)
    blank = event_image(np.empty(0, EVENT_DTYPE), size)
    has_event = (painted != blank).any(axis=-1, keepdims=True)
    return np.where(has_event, painted, background).astype(np.uint8)


def picture_overlay(picture: UInt8, background: UInt8) -> UInt8:
    """
    Return the background with everything of a picture of events that is not its white ground.

    Parameters
    ----------
    picture, background : uint8 (H, W, 3)
        RGB of one size.

    """
    is_blank = (picture == WHITE).all(axis=-1, keepdims=True)
    return np.where(is_blank, background, picture).astype(np.uint8)


def points_overlay(
    background: UInt8,
    sparse_depth_m: Float32,
    scale: ColourScale,
    *,
    radius_px: int = 1,
) -> UInt8:
    """
    Return the background with each measured pixel as a dot in the colour of its depth.

    Parameters
    ----------
    background : uint8 (H, W, 3)
        Picture below the dots.
    sparse_depth_m : float32 (H, W)
        Metres, NaN where nothing was measured.
    scale : ColourScale
        Colours of the dots.
    radius_px : int
        0 draws single pixels.

    """
    spread_m = thickened(sparse_depth_m, radius_px=radius_px)
    return np.where(np.isfinite(spread_m)[..., None], scale.colours(spread_m), background)


def thickened(sparse_depth_m: Float32, *, radius_px: int = 1) -> Float32:
    """
    Return the smallest depth within a square of `radius_px` around each pixel, for the eye.

    Parameters
    ----------
    sparse_depth_m : float32 (H, W)
        Metres, NaN where nothing was measured.
    radius_px : int
        0 changes nothing.

    Returns
    -------
    float32 (H, W)
        NaN where nothing was measured near by.

    """
    none_m = np.finfo(np.float32).max  # what cv2 also assumes beyond the border
    far_m = np.where(np.isfinite(sparse_depth_m), sparse_depth_m, none_m).astype(np.float32)
    kernel = np.ones((2 * radius_px + 1, 2 * radius_px + 1), np.uint8)
    nearest_m = np.asarray(cv2.erode(far_m, kernel), dtype=np.float32)
    return np.where(nearest_m < none_m, nearest_m, np.nan).astype(np.float32)


def _grown(events: Events, dot_px: int) -> Events:
    """Return the events with copies to the right and below."""
    copies = []
    for right in range(dot_px):
        for down in range(dot_px):
            moved = events.copy()
            moved['x'] += right
            moved['y'] += down
            copies.append(moved)
    return np.concatenate(copies)
