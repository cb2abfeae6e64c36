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

    `points_px` float32 (h, w, 2), columns x, y; `seen` bool (h, w).

    """

    points_px: Float32
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
            If the image is not of the map's size.

        """
        if image.shape[:2] != self.image_size or image.ndim not in (2, 3):
            raise InputError(f'Expected an image of size {self.image_size}, got {image.shape}.')
        sampled = np.empty((*self.seen.shape, *image.shape[2:]), image.dtype)
        cv2.remap(
            image,
            self.points_px,
            np.empty(0, np.float32),
            cv2.INTER_LINEAR,
            sampled,
            cv2.BORDER_REPLICATE,
        )
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
    where_px = np.where(seen.reshape(-1, 1), points_px, 0.0).astype(np.float32)
    return SamplingMap(where_px.reshape(*size, 2), seen, image_size)


def nearest_index(points_px: Float64, size: tuple[int, int]) -> NDArray[np.int32]:
    """Return the row-major index of the pixel nearest to each point, int32 (N,), -1 outside."""
    height, width = size
    x, y = np.floor(points_px + 0.5).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)  # NaN: False
    index = np.where(inside, y * width + x, -1.0)
    return index.astype(np.int32)
