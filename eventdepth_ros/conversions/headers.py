"""
Stamps and headers: builtin_interfaces/Time is integer ns, the core counts integer µs.

Laws: `stamp_us(time_message(t)) == t` for every t a Time can hold; ns to µs rounds down, before
the epoch as after it; a stamp of 0 means "not stamped" and gives way to the receive time.

"""

from builtin_interfaces.msg import Time
from eventdepth_core.errors import InputError
from eventdepth_core.recordings.messages import Header
from std_msgs.msg import Header as HeaderMessage

NS_PER_S = 1_000_000_000
NS_PER_US = 1_000
_SECONDS = range(-(1 << 31), 1 << 31)


def stamp_ns(stamp: Time) -> int:
    """Return a stamp in ns."""
    return int(stamp.sec) * NS_PER_S + int(stamp.nanosec)


def stamp_us(stamp: Time) -> int:
    """Return a stamp in µs, rounded down."""
    return stamp_ns(stamp) // NS_PER_US


def time_message(time_us: int) -> Time:
    """
    Return the stamp of a time in µs.

    Raises
    ------
    InputError
        For a time whose seconds do not fit 32 bits.

    """
    return _time(time_us * NS_PER_US)


def header_message(time_us: int, frame_id: str) -> HeaderMessage:
    """Return a header stamped in µs; raises InputError as `time_message` does."""
    return HeaderMessage(stamp=time_message(time_us), frame_id=frame_id)


def raw_header(header: HeaderMessage, receive_ns: int = 0) -> Header:
    """Return the header for the core; a stamp of 0 gives way to `receive_ns`."""
    return Header(stamp_ns(header.stamp) or receive_ns, header.frame_id)


def message_header(header: Header) -> HeaderMessage:
    """Return the message of a header, exact to the ns."""
    return HeaderMessage(stamp=_time(header.stamp_ns), frame_id=header.frame_id)


def _time(time_ns: int) -> Time:
    seconds, nanoseconds = divmod(time_ns, NS_PER_S)
    if seconds not in _SECONDS:
        raise InputError(f'Expected a stamp whose seconds fit 32 bits, got {time_ns} ns.')
    return Time(sec=seconds, nanosec=nanoseconds)
