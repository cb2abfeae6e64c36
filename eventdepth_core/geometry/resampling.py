"""
Sampling maps: where each pixel of one grid lies in an image of another.

Laws: a pixel is seen where its point lies on the image, half a pixel around the outermost centres
included; pixels that are not seen, NaN among them, come out 0.

"""

from dataclasses import dataclass

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.types import Bool, Float32, Float64, UInt8
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SamplingMap:
    """
    Where to sample images of `image_size` = (H, W).

    `x_px` and `y_px` float32 (h, w), pixels of the image; `seen` bool (h, w).

    """

    x_px: Float32
    y_px: Float32
    seen: Bool
    image_size: tuple[int, int]

    def sample(self, image: UInt8) -> UInt8:
        """
        Sample an image bilinearly.

        Parameters
        ----------
        image : uint8 (H, W) or (H, W, C)

        Returns
        -------
        uint8 (h, w) or (h, w, C)
            0 where the pixel is not seen.

        Raises
        ------
        InputError
            If the image is not uint8 or not of the map's size.

        """
        is_image = image.dtype == np.uint8 and image.ndim in (2, 3)
        if not is_image or image.shape[:2] != self.image_size:
            raise InputError(
                f'Expected a uint8 image of size {self.image_size}, '
                f'got {image.dtype} {image.shape}.'
            )
        sampled = np.empty((*self.seen.shape, *image.shape[2:]), np.uint8)
        cv2.remap(image, self.x_px, self.y_px, cv2.INTER_LINEAR, sampled, cv2.BORDER_REPLICATE)
        sampled[~self.seen] = 0
        return sampled


def sampling_map(
    points_px: Float64, size: tuple[int, int], image_size: tuple[int, int]
) -> SamplingMap:
    """
    Return the map of a grid into an image.

    Parameters
    ----------
    points_px : float64 (h * w, 2)
        Point of each pixel in row-major order, columns x, y in pixels of the image; NaN for none.
    size, image_size : (int, int)
        (h, w) of the grid and (H, W) of the image.

    """
    seen = (nearest_index(points_px, image_size) >= 0).reshape(size)
    x_px, y_px = (np.where(seen, column.reshape(size), 0.0) for column in points_px.T)
    return SamplingMap(x_px.astype(np.float32), y_px.astype(np.float32), seen, image_size)


def nearest_index(points_px: Float64, size: tuple[int, int]) -> NDArray[np.int32]:
    """Return the row-major index of the pixel nearest to each point, int32 (N,), -1 outside."""
    height, width = size
    x, y = np.floor(points_px + 0.5).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)  # NaN: False
    index = np.where(inside, y * width + x, -1.0)
    return index.astype(np.int32)
