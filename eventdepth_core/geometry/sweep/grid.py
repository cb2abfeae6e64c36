"""
The pixels of a volume: the rectified camera, halved until it is narrow enough.

Pixel (i, j) of a grid halved s times covers 2^s x 2^s pixels of the camera; centres are integers.

"""

from dataclasses import dataclass

from eventdepth_core.geometry.cameras import pixel_grid, rectified_camera, undistort_points
from eventdepth_core.types import Camera, Float64, Rectification
import numpy as np

BORDER = 1
_ROUND = 0.5
_PROBES = (5, 4)


@dataclass(frozen=True, slots=True, eq=False)
class SweepGrid:
    """
    A volume's camera and the ray of each sensor pixel.

    `target` is the rectified camera at full size, `camera` that of the volume, `rays` float64
    (sensor pixels, 2) x / z and y / z, NaN = no ray; `probes` float64 (n, 2) rays all over the
    volume.

    """

    target: Camera
    camera: Camera
    rays: Float64
    probes: Float64
    sensor_width: int
    sensor_height: int

    @property
    def scale(self) -> float:
        """Pixels of the volume for each of the camera's: limits are given in the latter."""
        return self.camera.fx / self.target.fx

    @property
    def stride(self) -> int:
        """Cells of one row of a volume, borders included."""
        return self.camera.width + 2 * BORDER

    @property
    def num_cells(self) -> int:
        """Cells of one plane of a volume, borders included."""
        return self.stride * (self.camera.height + 2 * BORDER)

    def lines(self, centres: Float64, inverse_depths: Float64) -> Float64:
        """
        Return a, b, c of `vote` for camera centres in the keyframe, float64 (N, planes, 3).

        Parameters
        ----------
        centres : float64 (N, 3)
            Metres.
        inverse_depths : float64 (planes,)
            1/m.

        """
        camera, offset = self.camera, BORDER + _ROUND
        lines = np.empty((len(centres), len(inverse_depths), 3))
        lines[:, :, 0] = 1.0 - centres[:, 2:] * inverse_depths
        lines[:, :, 1] = camera.cx + offset + camera.fx * centres[:, :1] * inverse_depths
        lines[:, :, 2] = camera.cy + offset + camera.fy * centres[:, 1:2] * inverse_depths
        return lines

    def turns(self, rotations: Float64) -> Float64:
        """Return keyframe_from_camera rotations with the focal lengths in their first two rows."""
        return np.asarray(rotations * np.array([[self.camera.fx], [self.camera.fy], [1.0]]))


def sweep_grid(
    camera: Camera, rectification: Rectification | None, max_width_px: int
) -> SweepGrid:
    """Return the grid of a sensor, halved until it is at most `max_width_px` wide."""
    target = rectified_camera(camera, rectification)
    points_px = undistort_points(pixel_grid(camera), camera, rectification)
    rays = (points_px - (target.cx, target.cy)) / (target.fx, target.fy)
    volume = target
    while volume.width > max_width_px:
        volume = _halved(volume)
    columns, rows = np.meshgrid(
        np.linspace(0, volume.width - 1, _PROBES[0]), np.linspace(0, volume.height - 1, _PROBES[1])
    )
    probes = np.stack([columns.ravel(), rows.ravel()], axis=1)
    probes = (probes - (volume.cx, volume.cy)) / (volume.fx, volume.fy)
    return SweepGrid(
        target, volume, np.ascontiguousarray(rays), probes, camera.width, camera.height
    )


def _halved(camera: Camera) -> Camera:
    return Camera(
        width=(camera.width + 1) // 2,
        height=(camera.height + 1) // 2,
        fx=camera.fx / 2,
        fy=camera.fy / 2,
        cx=(camera.cx + 0.5) / 2 - 0.5,
        cy=(camera.cy + 0.5) / 2 - 0.5,
    )
