"""
CDR of each message type, both directions.

`decode_message(type_name, raw)` and `encode_message(message)`; each type also stands alone, as a
pair of functions. Laws: decode(encode(m)) == m in both byte orders; bytes that are no such
message raise DecodeError and nothing else.

"""

from collections.abc import Callable
from typing import Any

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.cdr import ByteOrder, CdrReader, CdrWriter
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    EVENT_ARRAY,
    EVENT_PACKET,
    IMAGE,
    ODOMETRY,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.messages import (
    Header,
    Message,
    PointField,
    RawCameraInfo,
    RawCompressedImage,
    RawEventPacket,
    RawImage,
    RawOdometry,
    RawPointCloud,
    RawPose,
    RawTransform,
    RawTransforms,
)

MIN_POINT_FIELD_BYTES = 13
MIN_TRANSFORM_BYTES = 73


def decode_message(type_name: str, raw: bytes | memoryview) -> Message:
    """
    Return the message of type `type_name` in the CDR bytes `raw`.

    Raises
    ------
    DecodeError
        For a type without a codec and for bytes that are no such message.

    """
    if type_name not in _DECODERS:
        raise DecodeError(
            f'Expected a message type out of {", ".join(sorted(_DECODERS))}, got {type_name!r}.'
        )
    return _DECODERS[type_name](CdrReader(raw))


def encode_message(message: Message, byte_order: ByteOrder = '<') -> bytes:
    """Return the CDR bytes of a message, encapsulation included."""
    writer = CdrWriter(byte_order)
    _ENCODERS[type(message)](writer, message)
    return writer.message()


def has_codec(type_name: str) -> bool:
    """Return whether `decode_message` knows the type."""
    return type_name in _DECODERS


def _read_header(reader: CdrReader) -> Header:
    seconds, nanoseconds = reader.int32(), reader.uint32()
    return Header(stamp_ns=seconds * 1_000_000_000 + nanoseconds, frame_id=reader.string())


def _write_header(writer: CdrWriter, header: Header) -> None:
    seconds, nanoseconds = divmod(header.stamp_ns, 1_000_000_000)
    writer.int32(seconds)
    writer.uint32(nanoseconds)
    writer.string(header.frame_id)


def _read_event_packet(reader: CdrReader) -> RawEventPacket:
    return RawEventPacket(
        header=_read_header(reader),
        height=reader.uint32(),
        width=reader.uint32(),
        seq=reader.uint64(),
        time_base_ns=reader.uint64(),
        encoding=reader.string(),
        is_bigendian=bool(reader.uint8()),
        payload=reader.octets(),
    )


def _write_event_packet(writer: CdrWriter, packet: RawEventPacket) -> None:
    _write_header(writer, packet.header)
    writer.uint32(packet.height)
    writer.uint32(packet.width)
    writer.uint64(packet.seq)
    writer.uint64(packet.time_base_ns)
    writer.string(packet.encoding)
    writer.uint8(packet.is_bigendian)
    writer.octets(packet.payload)


def _read_image(reader: CdrReader) -> RawImage:
    return RawImage(
        header=_read_header(reader),
        height=reader.uint32(),
        width=reader.uint32(),
        encoding=reader.string(),
        is_bigendian=bool(reader.uint8()),
        step=reader.uint32(),
        pixels=reader.octets(),
    )


def _write_image(writer: CdrWriter, image: RawImage) -> None:
    _write_header(writer, image.header)
    writer.uint32(image.height)
    writer.uint32(image.width)
    writer.string(image.encoding)
    writer.uint8(image.is_bigendian)
    writer.uint32(image.step)
    writer.octets(image.pixels)


def _read_compressed_image(reader: CdrReader) -> RawCompressedImage:
    return RawCompressedImage(_read_header(reader), reader.string(), reader.octets())


def _write_compressed_image(writer: CdrWriter, image: RawCompressedImage) -> None:
    _write_header(writer, image.header)
    writer.string(image.format)
    writer.octets(image.file)


def _read_camera_info(reader: CdrReader) -> RawCameraInfo:
    return RawCameraInfo(
        header=_read_header(reader),
        height=reader.uint32(),
        width=reader.uint32(),
        distortion_model=reader.string(),
        d=reader.float64_array(reader.uint32()),
        k=reader.float64_array(9),
        r=reader.float64_array(9),
        p=reader.float64_array(12),
        binning=(reader.uint32(), reader.uint32()),
        roi=(reader.uint32(), reader.uint32(), reader.uint32(), reader.uint32()),
        roi_do_rectify=bool(reader.uint8()),
    )


def _write_camera_info(writer: CdrWriter, camera: RawCameraInfo) -> None:
    _write_header(writer, camera.header)
    writer.uint32(camera.height)
    writer.uint32(camera.width)
    writer.string(camera.distortion_model)
    writer.uint32(len(camera.d))
    for numbers in (camera.d, camera.k, camera.r, camera.p):
        writer.float64_array(numbers)
    for number in (*camera.binning, *camera.roi):
        writer.uint32(number)
    writer.uint8(camera.roi_do_rectify)


def _read_point_cloud(reader: CdrReader) -> RawPointCloud:
    header, height, width = _read_header(reader), reader.uint32(), reader.uint32()
    return RawPointCloud(
        header=header,
        height=height,
        width=width,
        fields=tuple(
            PointField(reader.string(), reader.uint32(), reader.uint8(), reader.uint32())
            for _ in range(reader.count(MIN_POINT_FIELD_BYTES))
        ),
        is_bigendian=bool(reader.uint8()),
        point_step=reader.uint32(),
        row_step=reader.uint32(),
        points=reader.octets(),
        is_dense=bool(reader.uint8()),
    )


def _write_point_cloud(writer: CdrWriter, cloud: RawPointCloud) -> None:
    _write_header(writer, cloud.header)
    writer.uint32(cloud.height)
    writer.uint32(cloud.width)
    writer.uint32(len(cloud.fields))
    for field in cloud.fields:
        writer.string(field.name)
        writer.uint32(field.offset)
        writer.uint8(field.datatype)
        writer.uint32(field.count)
    writer.uint8(cloud.is_bigendian)
    writer.uint32(cloud.point_step)
    writer.uint32(cloud.row_step)
    writer.octets(cloud.points)
    writer.uint8(cloud.is_dense)


def _read_pose(reader: CdrReader) -> RawPose:
    return RawPose(_read_header(reader), reader.float64_array(7))


def _write_pose(writer: CdrWriter, pose: RawPose) -> None:
    _write_header(writer, pose.header)
    writer.float64_array(pose.pose)


def _read_odometry(reader: CdrReader) -> RawOdometry:
    return RawOdometry(
        header=_read_header(reader),
        child_frame_id=reader.string(),
        pose=reader.float64_array(7),
        pose_covariance=reader.float64_array(36),
        twist=reader.float64_array(6),
        twist_covariance=reader.float64_array(36),
    )


def _write_odometry(writer: CdrWriter, odometry: RawOdometry) -> None:
    _write_header(writer, odometry.header)
    writer.string(odometry.child_frame_id)
    writer.float64_array(odometry.pose)
    writer.float64_array(odometry.pose_covariance)
    writer.float64_array(odometry.twist)
    writer.float64_array(odometry.twist_covariance)


def _read_transforms(reader: CdrReader) -> RawTransforms:
    count = reader.count(MIN_TRANSFORM_BYTES)
    return RawTransforms(
        tuple(
            RawTransform(_read_header(reader), reader.string(), reader.float64_array(7))
            for _ in range(count)
        )
    )


def _write_transforms(writer: CdrWriter, message: RawTransforms) -> None:
    writer.uint32(len(message.transforms))
    for transform in message.transforms:
        _write_header(writer, transform.header)
        writer.string(transform.child_frame_id)
        writer.float64_array(transform.pose)


_DECODERS: dict[str, Callable[[CdrReader], Message]] = {
    EVENT_PACKET: _read_event_packet,
    EVENT_ARRAY: _read_event_packet,
    IMAGE: _read_image,
    COMPRESSED_IMAGE: _read_compressed_image,
    CAMERA_INFO: _read_camera_info,
    POINT_CLOUD: _read_point_cloud,
    POSE_STAMPED: _read_pose,
    ODOMETRY: _read_odometry,
    TF_MESSAGE: _read_transforms,
}
# Any: each writer takes the one message class it stands beside.
_ENCODERS: dict[type[Message], Callable[[CdrWriter, Any], None]] = {
    RawEventPacket: _write_event_packet,
    RawImage: _write_image,
    RawCompressedImage: _write_compressed_image,
    RawCameraInfo: _write_camera_info,
    RawPointCloud: _write_point_cloud,
    RawPose: _write_pose,
    RawOdometry: _write_odometry,
    RawTransforms: _write_transforms,
}
