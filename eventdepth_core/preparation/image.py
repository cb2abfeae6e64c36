"""
8-bit image -> input of the image encoder and guide of the completion head.

Laws: a grey image equals its three-channel copy; a constant image gives zeros; brightness and
contrast of the whole frame do not matter (zero mean, unit spread).

"""

from eventdepth_core.errors import InputError
from eventdepth_core.preparation.grid import LayoutGrid
from eventdepth_core.types import Float32, UInt8
import numpy as np

SPREAD_FLOOR = 0.05


def image_guide(image: UInt8) -> Float32:
    """
    Return `image` uint8 (H, W) or (H, W, 3) as float32 (3, H, W) with zero mean and unit spread.

    Raises
    ------
    InputError
        For another shape or dtype.

    """
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise InputError(
            'Expected an image uint8 of shape (H, W) or (H, W, 3), '
            f'got {image.dtype} {image.shape}.'
        )
    intensity = image.astype(np.float32) / np.float32(255)
    standard = (intensity - intensity.mean()) / (intensity.std() + np.float32(SPREAD_FLOOR))
    if standard.ndim == 2:
        return np.repeat(standard[None], 3, axis=0)
    return np.ascontiguousarray(standard.transpose(2, 0, 1))


def grid_image(guide: Float32, grid: LayoutGrid) -> Float32:
    """Resample `guide` float32 (3, H, W) of `image_guide` to (1, 3, grid.height, grid.width)."""
    if guide.shape[1:] == (grid.height, grid.width):
        return guide[None]
    return np.stack([grid.fit(plane) for plane in guide])[None]
