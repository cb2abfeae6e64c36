"""
The ROS messages we read and write, as plain typed values, without ROS.

Stamps are int ns, sizes pixels, lengths metres, quaternions (x, y, z, w). Bytes of a decoded
message are views of what was read. Field names are those of the .msg files where that says
enough.

"""

from dataclasses import dataclass, field
from typing import TypeAlias

from eventdepth_core.types import Float64
import numpy as np

Octets: TypeAlias = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Header:
    """Stamp in ns since the epoch of the sender's clock, and the name of the frame."""

    stamp_ns: int = 0
    frame_id: str = ''


@dataclass(frozen=True, slots=True, eq=False)
class RawEventPacket:
    """event_camera_msgs/EventPacket: still encoded events and the driver's time base in ns."""

    header: Header
    height: int
    width: int
    seq: int
    time_base_ns: int
    encoding: str
    payload: Octets
    is_bigendian: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RawImage:
    """sensor_msgs/Image: `height` rows of `step` bytes."""

    header: Header
    height: int
    width: int
    encoding: str
    step: int
    pixels: Octets
    is_bigendian: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RawCompressedImage:
    """sensor_msgs/CompressedImage: a PNG or JPEG file in memory."""

    header: Header
    format: str
    file: Octets


@dataclass(frozen=True, slots=True, eq=False)
class RawCameraInfo:
    """sensor_msgs/CameraInfo: `k` and `r` have 9 numbers, `p` has 12, row by row."""

    header: Header
    height: int
    width: int
    distortion_model: str
    d: Float64
    k: Float64
    r: Float64
    p: Float64
    binning: tuple[int, int] = (0, 0)
    roi: tuple[int, int, int, int] = (0, 0, 0, 0)  # x_offset, y_offset, height, width
    roi_do_rectify: bool = False


@dataclass(frozen=True, slots=True)
class PointField:
    """One field of a point: `offset` in bytes, `datatype` 1 (int8) to 8 (float64)."""

    name: str
    offset: int
    datatype: int
    count: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class RawPointCloud:
    """sensor_msgs/PointCloud2: `height` rows of `width` points, `point_step` bytes each."""

    header: Header
    height: int
    width: int
    fields: tuple[PointField, ...]
    point_step: int
    row_step: int
    points: Octets
    is_dense: bool = True
    is_bigendian: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RawPose:
    """geometry_msgs/PoseStamped: seven numbers x y z, qx qy qz qw in the header's frame."""

    header: Header
    pose: Float64


@dataclass(frozen=True, slots=True, eq=False)
class RawOdometry:
    """nav_msgs/Odometry: pose of `child_frame_id` in the header's frame, twist in the child's."""

    header: Header
    child_frame_id: str
    pose: Float64
    pose_covariance: Float64 = field(default_factory=lambda: np.zeros(36))
    twist: Float64 = field(default_factory=lambda: np.zeros(6))
    twist_covariance: Float64 = field(default_factory=lambda: np.zeros(36))


@dataclass(frozen=True, slots=True, eq=False)
class RawTwist:
    """Linear (3,) m/s and angular (3,) rad/s velocity of the header's frame, in that frame."""

    header: Header
    linear: Float64
    angular: Float64


@dataclass(frozen=True, slots=True, eq=False)
class RawRotationRate:
    """sensor_msgs/Imu: angular velocity (3,) rad/s in the header's frame, NaN = not measured."""

    header: Header
    angular: Float64


@dataclass(frozen=True, slots=True, eq=False)
class RawTransform:
    """geometry_msgs/TransformStamped: pose of `child_frame_id` in the header's frame."""

    header: Header
    child_frame_id: str
    pose: Float64


@dataclass(frozen=True, slots=True, eq=False)
class RawTransforms:
    """tf2_msgs/TFMessage."""

    transforms: tuple[RawTransform, ...]


Message: TypeAlias = (
    RawEventPacket
    | RawImage
    | RawCompressedImage
    | RawCameraInfo
    | RawPointCloud
    | RawPose
    | RawOdometry
    | RawTransforms
)
