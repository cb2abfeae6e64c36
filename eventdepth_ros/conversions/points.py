"""
sensor_msgs/PointCloud2 to points and back, and the organised cloud of a DepthFrame.

Laws: any fields, steps and both byte orders read alike; an organised cloud has the frame's height
and width, NaN where there is no depth, and says that it is not dense.

"""

from eventdepth_core.geometry import organised_points
from eventdepth_core.recordings import point_codec
from eventdepth_core.recordings.messages import PointField, RawPointCloud
from eventdepth_core.types import DepthFrame, Float32, PointsSample
from eventdepth_ros.conversions.headers import message_header, raw_header
from sensor_msgs.msg import PointCloud2
from sensor_msgs.msg import PointField as PointFieldMessage
from std_msgs.msg import Header as HeaderMessage


def raw_point_cloud(message: PointCloud2, receive_ns: int = 0) -> RawPointCloud:
    """Return a message as the core's raw cloud; its points are a view of the message."""
    return RawPointCloud(
        header=raw_header(message.header, receive_ns),
        height=message.height,
        width=message.width,
        fields=tuple(
            PointField(field.name, field.offset, field.datatype, field.count)
            for field in message.fields
        ),
        point_step=message.point_step,
        row_step=message.row_step,
        points=memoryview(message.data),
        is_dense=message.is_dense,
        is_bigendian=message.is_bigendian,
    )


def points_sample(message: PointCloud2, receive_ns: int = 0) -> PointsSample:
    """
    Return the finite points of a message, metres in the sensor's own frame.

    Raises
    ------
    DecodeError
        Without fields x, y, z, or with fewer bytes than the steps ask for.

    """
    raw = raw_point_cloud(message, receive_ns)
    points_m = point_codec.points_from_raw(raw)
    return PointsSample(points_m, raw.header.stamp_ns // 1000, raw.header.frame_id)


def points_message(points_m: Float32, header: HeaderMessage) -> PointCloud2:
    """Return the message of points (N, 3), or organised points (H, W, 3), in metres."""
    return _message(point_codec.raw_points(points_m, raw_header(header)))


def points_of_depth_message(frame: DepthFrame, header: HeaderMessage) -> PointCloud2:
    """Return the organised cloud of a frame: one point a pixel, `is_dense` False, NaN = none."""
    message = points_message(organised_points(frame.depth_m, frame.camera), header)
    message.is_dense = False
    return message


def _message(raw: RawPointCloud) -> PointCloud2:
    message = PointCloud2(
        header=message_header(raw.header),
        height=raw.height,
        width=raw.width,
        fields=[
            PointFieldMessage(
                name=field.name, offset=field.offset, datatype=field.datatype, count=field.count
            )
            for field in raw.fields
        ],
        is_bigendian=raw.is_bigendian,
        point_step=raw.point_step,
        row_step=raw.row_step,
        is_dense=raw.is_dense,
    )
    message.data.frombytes(raw.points)
    return message
