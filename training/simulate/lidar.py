"""
A spinning LiDAR: rings of rays through a scene, with range noise and drop-outs.

Points lie in the LiDAR's own frame: x forward, y left, z up. Laws: a point lies on a surface up
to the range noise; a ray without a return gives no point; equal generators give equal points.

"""

from dataclasses import dataclass

from eventdepth_core.types import Camera, Float32, Float64
import numpy as np
from training.simulate.scene import Scene
from training.simulate.solids import Pose
from training.simulate.stage import stage_scene
from training.simulate.tracing import cast_directions

CAMERA_FROM_LIDAR_AXES = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
# any camera will do: the rays of a LiDAR try every solid
_NO_CAMERA = Camera(width=1, height=1, fx=1.0, fy=1.0, cx=0.0, cy=0.0)


@dataclass(frozen=True, slots=True)
class LidarModel:
    """Rings between two elevations, azimuth steps within +-`half_sector_deg`, noise, reach."""

    num_rings: int = 32
    min_elevation_deg: float = -25.0
    max_elevation_deg: float = 15.0
    azimuth_step_deg: float = 0.4
    half_sector_deg: float = 180.0
    range_sigma_m: float = 0.01
    dropout: float = 0.02
    min_range_m: float = 0.3
    max_range_m: float = 100.0
    height_m: float = 0.1

    @property
    def camera_from_lidar(self) -> Float64:
        """Where the LiDAR stands: `height_m` above the camera, rigid 4x4."""
        matrix = np.eye(4)
        matrix[:3, :3] = CAMERA_FROM_LIDAR_AXES
        matrix[1, 3] = -self.height_m
        return matrix

    def directions(self) -> Float64:
        """Return the unit directions of all rays in the LiDAR's frame, float64 (N, 3)."""
        elevation, azimuth = np.meshgrid(
            np.deg2rad(
                np.linspace(self.min_elevation_deg, self.max_elevation_deg, self.num_rings)
            ),
            np.deg2rad(
                np.arange(-self.half_sector_deg, self.half_sector_deg, self.azimuth_step_deg)
            ),
            indexing='ij',
        )
        flat = np.cos(elevation)
        rays = (flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation))
        return np.stack([axis.ravel() for axis in rays], axis=-1)


def lidar_points(
    rng: np.random.Generator,
    model: LidarModel,
    scene: Scene,
    world_from_camera: Pose,
    *,
    time_s: float = 0.0,
) -> Float32:
    """Return one turn's points, float32 (N, 3) metres, as if taken at one moment `time_s`."""
    matrix = world_from_camera.matrix @ model.camera_from_lidar
    pose = Pose(matrix[:3, :3], matrix[:3, 3])
    stage = stage_scene(scene, (pose,), _NO_CAMERA, use_tiles=False, times_s=np.array([time_s]))
    directions = model.directions()
    range_m = np.empty(len(directions))
    cast_directions(stage, 0, directions, range_m)
    returned = (range_m >= model.min_range_m) & (range_m <= model.max_range_m)
    returned &= rng.random(len(range_m)) >= model.dropout
    noisy_m = range_m + model.range_sigma_m * rng.standard_normal(len(range_m))
    points_m: Float32 = (directions * noisy_m[:, None])[returned].astype(np.float32)
    return points_m
