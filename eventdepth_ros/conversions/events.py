"""
event_camera_msgs/EventPacket to the core's EventPacket and back.

Laws: there and back gives the same packet; the payload is copied once, into bytes that nobody can
change; `arrival_us` is the header's stamp, which drivers set to the host time of the first event,
or the receive time where the stamp is 0; big-endian payloads are refused.

"""

from typing import Any

from eventdepth_core.recordings import bag_samples
from eventdepth_core.recordings.messages import RawEventPacket
from eventdepth_core.types import EventPacket
from eventdepth_ros import msgs
from eventdepth_ros.conversions.headers import header_message, raw_header


def event_packet(message: Any, receive_ns: int = 0) -> EventPacket:  # noqa: ANN401 (made at run time)
    """
    Return the packet of a message; `receive_ns` stands in for a stamp of 0.

    Raises
    ------
    BigEndianEventsError
        For a payload in big-endian byte order.

    """
    header = raw_header(message.header, receive_ns)
    raw = RawEventPacket(
        header=header,
        height=message.height,
        width=message.width,
        seq=message.seq,
        time_base_ns=message.time_base,
        encoding=message.encoding,
        payload=memoryview(message.events),
        is_bigendian=message.is_bigendian,
    )
    return bag_samples.event_packet(raw, arrival_ns=header.stamp_ns)


def event_packet_message(packet: EventPacket, frame_id: str = '') -> Any:  # noqa: ANN401 (as above)
    """Return the message of a packet, stamped with its stamp, else its arrival, else 0."""
    known_us = packet.arrival_us if packet.stamp_us is None else packet.stamp_us
    message = msgs.require('event_camera_msgs').EventPacket(
        header=header_message(known_us or 0, frame_id),
        height=packet.height,
        width=packet.width,
        seq=packet.seq or 0,
        time_base=packet.time_base_ns,
        encoding=packet.encoding,
        is_bigendian=False,
    )
    message.events.frombytes(packet.payload)
    return message
