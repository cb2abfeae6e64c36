"""Cameras of odd sizes and the one KITTI frame."""

from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.geometry import transform_points
from eventdepth_core.types import Camera, Float64
import numpy as np
import pytest

BROWN = Camera(346, 260, 226.4, 226.1, 173.6, 133.7, (-0.27, 0.11, 2e-4, -3e-4, -0.02))
FISHEYE = Camera(
    346, 260, 226.4, 226.1, 173.6, 133.7, (-0.048, 0.0075, -0.0016, 0.0003), 'equidistant'
)


@dataclass(frozen=True, slots=True, eq=False)
class KittiFrame:
    """LiDAR points in the frame of the undistorted camera."""

    camera: Camera
    points_m: Float64


@pytest.fixture(params=[BROWN, FISHEYE], ids=['plumb_bob', 'equidistant'])
def distorted_camera(request: pytest.FixtureRequest) -> Camera:
    return request.param


@pytest.fixture(scope='session')
def kitti_frame(data_root: Path) -> KittiFrame:
    folder = data_root / 'kitti_frame'
    lines = (line.split(':') for line in (folder / 'calib.txt').read_text().splitlines() if line)
    numbers = {name: np.array(values.split(), np.float64) for name, values in lines}
    projection = numbers['P2'].reshape(3, 4)
    camera_from_velodyne = np.eye(4)
    camera_from_velodyne[:3] = numbers['Tr_velo_to_cam'].reshape(3, 4)
    rectified_from_camera = np.eye(4)
    rectified_from_camera[:3, :3] = numbers['R0_rect'].reshape(3, 3)
    colour_from_rectified = np.eye(4)
    colour_from_rectified[:3, 3] = np.linalg.solve(projection[:, :3], projection[:, 3])
    points = np.fromfile(folder / 'velodyne.bin', np.float32).reshape(-1, 4)
    transform = colour_from_rectified @ rectified_from_camera @ camera_from_velodyne
    camera = Camera(
        1224, 370, projection[0, 0], projection[1, 1], projection[0, 2], projection[1, 2]
    )
    return KittiFrame(camera, transform_points(transform, points[:, :3]))
