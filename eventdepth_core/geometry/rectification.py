"""
Rectification of events (a lookup table from pixel to pixel) and of images (a sampling map).

Laws: the lookup sends a pixel to the nearest rectified pixel, or to -1 outside; without
distortion and rectification it is the identity and images come back as they are; the map is
computed once for each `ImageRectifier`.

"""

from eventdepth_core.geometry.cameras import (
    distort_points,
    pixel_grid,
    rectified_camera,
    undistort_points,
)
from eventdepth_core.geometry.distortion import is_pinhole
from eventdepth_core.geometry.resampling import nearest_index, sampling_map
from eventdepth_core.types import Bool, Camera, Rectification, UInt8
import numpy as np
from numpy.typing import NDArray


def rectification_lookup(
    camera: Camera, rectification: Rectification | None = None
) -> NDArray[np.int32]:
    """
    Return where each pixel of the given camera lies in the rectified one.

    Returns
    -------
    int32 (H * W,)
        At y * W + x of the given camera the row-major index of the nearest rectified pixel, or
        -1 where it lies outside.

    """
    target = rectified_camera(camera, rectification)
    return nearest_index(undistort_points(pixel_grid(camera), camera, rectification), target.size)


class ImageRectifier:
    """
    Resamples images of one camera onto its rectified grid; its map is computed once.

    `camera` is the rectified camera.

    """

    def __init__(self, camera: Camera, rectification: Rectification | None = None) -> None:
        self.camera = rectified_camera(camera, rectification)
        self._is_identity = rectification is None and is_pinhole(camera)
        points_px = distort_points(pixel_grid(self.camera), camera, rectification)
        self._map = sampling_map(points_px, self.camera.size, camera.size)

    @property
    def seen(self) -> Bool:
        """Whether the given camera sees a rectified pixel, bool (H, W)."""
        return self._map.seen

    def rectify(self, image: UInt8) -> UInt8:
        """
        Return the image on the rectified grid, 0 where the camera does not see.

        Parameters
        ----------
        image : uint8 (H, W) or (H, W, C)
            Of the given camera's size.

        Raises
        ------
        InputError
            If the size differs.

        """
        if self._is_identity and image.shape[:2] == self._map.image_size:
            return image
        return self._map.sample(image)


def rectify_image(
    image: UInt8, camera: Camera, rectification: Rectification | None = None
) -> UInt8:
    """Rectify a single image; for a stream keep an `ImageRectifier`."""
    return ImageRectifier(camera, rectification).rectify(image)
