"""
Depth of a distorted or unrectified camera on the grid of its rectified view.

A rectification turns the camera about its own centre, so nothing becomes hidden or visible: each
rectified pixel takes the nearest pixel that looks the same way, and z' = z / (R^T (u, v, 1))_z.

Laws: without distortion and rectification depth comes back as it is; a pixel that the given
camera does not see is NaN; depth is never averaged over an edge.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.cameras import distort_points, pixel_grid, rectified_camera
from eventdepth_core.geometry.resampling import nearest_index
from eventdepth_core.types import Camera, Float32, Rectification
import numpy as np


class DepthRectifier:
    """
    Brings depth of one camera to its rectified grid; the map is computed once.

    `camera` is the rectified camera.

    """

    def __init__(self, camera: Camera, rectification: Rectification | None = None) -> None:
        self.camera = rectified_camera(camera, rectification)
        grid = pixel_grid(self.camera)
        self._given_size = camera.size
        self._source = nearest_index(distort_points(grid, camera, rectification), camera.size)
        self._stretch = np.ones(len(grid), np.float32)
        if rectification is not None:
            u = (grid[:, 0] - self.camera.cx) / self.camera.fx
            v = (grid[:, 1] - self.camera.cy) / self.camera.fy
            third = np.asarray(rectification.rotation)[:, 2]  # third row of the transpose
            along = third[0] * u + third[1] * v + third[2]
            with np.errstate(divide='ignore'):
                self._stretch = np.where(along > 0, 1 / along, np.nan).astype(np.float32)

    def rectify(self, depth_m: Float32) -> Float32:
        """
        Return depth on the rectified grid, metres along the rectified axis, NaN = none.

        Parameters
        ----------
        depth_m : float32 (H, W)
            Metres along the given camera's axis, NaN = none.

        Raises
        ------
        InputError
            If the size differs.

        """
        if depth_m.shape != self._given_size:
            raise InputError(f'Expected depth of {self._given_size}, got {depth_m.shape}.')
        taken = depth_m.reshape(-1)[np.maximum(self._source, 0)].astype(np.float32)
        rectified = np.where(self._source >= 0, taken * self._stretch, np.float32(np.nan))
        return rectified.astype(np.float32).reshape(self.camera.size)
