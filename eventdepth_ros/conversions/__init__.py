"""
ROS messages to the types of the core and back, and nothing else.

Message -> raw message of `eventdepth_core.recordings.messages` -> codec of the core -> sample, and
the same way back. No pixel is computed here. Laws: there and back gives the same; what cannot be
converted raises DecodeError or InputError, never anything else; bytes are appended to the
`array.array` that a message has, because its setter copies once more and an ndarray byte by byte.

"""

from eventdepth_ros.conversions.camera import (
    camera_from_message,
    camera_info_message,
    raw_camera_info,
)
from eventdepth_ros.conversions.depth import (
    depth_message,
    preview_message,
    std_message,
    valid_mask_message,
)
from eventdepth_ros.conversions.events import event_packet, event_packet_message
from eventdepth_ros.conversions.headers import (
    header_message,
    raw_header,
    stamp_ns,
    stamp_us,
    time_message,
)
from eventdepth_ros.conversions.images import (
    compressed_image_message,
    depth_sample,
    image_message,
    image_sample,
    raw_compressed_image,
    raw_image,
)
from eventdepth_ros.conversions.points import (
    points_message,
    points_of_depth_message,
    points_sample,
    raw_point_cloud,
)
from eventdepth_ros.conversions.poses import (
    pose_message,
    pose_sample,
    raw_odometry,
    raw_pose,
    raw_transforms,
    transforms_message,
)
from eventdepth_ros.conversions.twists import raw_rotation_rate, raw_twist

__all__ = [
    'camera_from_message',
    'camera_info_message',
    'compressed_image_message',
    'depth_message',
    'depth_sample',
    'event_packet',
    'event_packet_message',
    'header_message',
    'image_message',
    'image_sample',
    'points_message',
    'points_of_depth_message',
    'points_sample',
    'pose_message',
    'pose_sample',
    'preview_message',
    'raw_camera_info',
    'raw_compressed_image',
    'raw_header',
    'raw_image',
    'raw_odometry',
    'raw_point_cloud',
    'raw_pose',
    'raw_rotation_rate',
    'raw_transforms',
    'raw_twist',
    'stamp_ns',
    'stamp_us',
    'std_message',
    'time_message',
    'transforms_message',
    'valid_mask_message',
]
