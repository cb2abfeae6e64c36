"""
From a decoded ROS message to the typed sample of a stream.

Stamps are the header's; a message without one (stamp 0) takes its record time. Poses end in the
camera's frame: odometry of another frame is carried there by the static transforms.

"""

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.bag_rig import BagFrames
from eventdepth_core.recordings.image_codec import (
    depth_from_raw,
    image_from_compressed,
    image_from_raw,
)
from eventdepth_core.recordings.messages import (
    Header,
    Message,
    RawCameraInfo,
    RawCompressedImage,
    RawEventPacket,
    RawImage,
    RawOdometry,
    RawPointCloud,
    RawPose,
    RawTransforms,
)
from eventdepth_core.recordings.point_codec import points_from_raw
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.types import (
    DepthSample,
    EventPacket,
    ImageSample,
    PointsSample,
    PoseSample,
    Sample,
    UInt8,
)


class UnconnectedPoseError(DecodeError):
    """Odometry of a frame that no static transform connects with the camera."""

    reason = 'unconnected_pose'


class BigEndianEventsError(DecodeError):
    """Events in the byte order of a big-endian machine."""

    reason = 'big_endian_events'


def sample_from_message(
    message: Message, stream: StreamName, record_ns: int, frames: BagFrames
) -> Sample:
    """
    Return the sample of a message.

    Raises
    ------
    DecodeError
        If its content is not what the stream carries.

    """
    if isinstance(message, (RawCameraInfo, RawTransforms)):
        raise DecodeError(f'Expected a sensor message, got {type(message).__name__}.')
    if isinstance(message, RawEventPacket):
        return event_packet(message, record_ns)
    stamp_us, frame_id = _stamp_us(message.header, record_ns), message.header.frame_id
    if isinstance(message, RawPointCloud):
        return PointsSample(points_from_raw(message), stamp_us, frame_id)
    if isinstance(message, RawPose):
        return PoseSample(matrix_from_pose(message.pose), stamp_us, frame_id)
    if isinstance(message, RawOdometry):
        return _camera_pose(message, stamp_us, frames)
    if isinstance(message, RawImage) and stream == 'depth':
        return DepthSample(depth_from_raw(message), stamp_us, frame_id)
    return ImageSample(_picture(message), stamp_us, frame_id)


def event_packet(message: RawEventPacket, arrival_ns: int | None = None) -> EventPacket:
    """
    Return the packet of a message, its payload copied.

    Raises
    ------
    BigEndianEventsError
        For a payload in big-endian byte order.

    """
    if message.is_bigendian:
        raise BigEndianEventsError('Expected little-endian events, got big-endian ones.')
    return EventPacket(
        encoding=message.encoding,
        width=message.width,
        height=message.height,
        time_base_ns=message.time_base_ns,
        payload=bytes(message.payload),
        seq=message.seq,
        stamp_us=message.header.stamp_ns // 1000,
        arrival_us=None if arrival_ns is None else arrival_ns // 1000,
    )


def _picture(message: RawImage | RawCompressedImage) -> UInt8:
    if isinstance(message, RawImage):
        return image_from_raw(message)
    return image_from_compressed(message)


def _camera_pose(message: RawOdometry, stamp_us: int, frames: BagFrames) -> PoseSample:
    """Return the camera's pose from that of the odometry's own frame."""
    world_from_child = matrix_from_pose(message.pose)
    if not message.child_frame_id or not frames.reference_frame:
        return PoseSample(world_from_child, stamp_us, message.header.frame_id)
    child_from_camera = frames.transforms.transform(message.child_frame_id, frames.reference_frame)
    if child_from_camera is None:
        raise UnconnectedPoseError(
            f'Expected a static transform between {message.child_frame_id!r} and '
            f'{frames.reference_frame!r}, got none.'
        )
    return PoseSample(world_from_child @ child_from_camera, stamp_us, message.header.frame_id)


def _stamp_us(header: Header, record_ns: int) -> int:
    return (header.stamp_ns or record_ns) // 1000
