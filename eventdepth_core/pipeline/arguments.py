"""What the calls of a pipeline check first: parts, stamps, packets and arrays of numbers."""

from dataclasses import replace
from typing import Any, Final

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import InputError
from eventdepth_core.events.arguments import checked_integer, payload_octets
from eventdepth_core.pipeline.options import PipelineOptions
from eventdepth_core.types import EventPacket, Rig
import numpy as np
from numpy.typing import NDArray

STAMP_LIMIT_US: Final = 1 << 60
"""Stamps lie nearer to 0 than this: mapped between two clocks they still fit an int64."""

_NUMBER_KINDS: Final = 'biuf'


def checked_stamp(stamp_us: object, name: str = 'stamp_us') -> int:
    """
    Return a pipeline time as an int, µs.

    Raises
    ------
    InputError
        If it is no integer or beyond `STAMP_LIMIT_US`.

    """
    return checked_integer(stamp_us, name, limit=STAMP_LIMIT_US)


def checked_arrival(arrival_us: object) -> int | None:
    """Return an arrival time as `checked_stamp` does; None stays None."""
    return None if arrival_us is None else checked_stamp(arrival_us, 'arrival_us')


def checked_payload(payload: object) -> bytes:
    """Return the bytes of a payload of one of the kinds that `payload_octets` takes."""
    return payload if isinstance(payload, bytes) else payload_octets(payload).tobytes()


def checked_packet(packet: EventPacket) -> EventPacket:
    """
    Return `packet` with its numbers as ints, so that counting on from them cannot wrap.

    Raises
    ------
    InputError
        If one is no integer or beyond what a driver's message holds.

    """
    seq = packet.seq
    return replace(
        packet,
        width=checked_integer(packet.width, 'width'),
        height=checked_integer(packet.height, 'height'),
        time_base_ns=checked_integer(packet.time_base_ns, 'time_base_ns', limit=1 << 64),
        seq=None if seq is None else checked_integer(seq, 'seq', limit=1 << 64),
        arrival_us=checked_arrival(packet.arrival_us),
    )


# any element type comes out: what follows checks or converts it
def checked_array(values: object, name: str) -> NDArray[Any]:
    """
    Return `values` as an array of real numbers, without a copy where it is one.

    Raises
    ------
    InputError
        For strings, objects and lists of different lengths.

    """
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise InputError(f'Expected {name} as an array of numbers, got: {error}') from error
    if array.dtype.kind not in _NUMBER_KINDS:
        raise InputError(
            f'Expected {name} as an array of numbers, got {array.dtype} of shape {array.shape}.'
        )
    return array


def checked_depth(depth_m: object, size: tuple[int, int]) -> NDArray[Any]:
    """
    Return sparse depth as an array of `size` = (height, width).

    Raises
    ------
    InputError
        For another shape or anything but numbers.

    """
    array = checked_array(depth_m, 'sparse depth')
    if array.shape != size:
        raise InputError(f'Expected sparse depth of shape {size}, got {array.shape}.')
    return array


def check_parts(bundle: object, rig: object, engine: object, options: object) -> None:
    """
    Check what a pipeline is made of by its types.

    Raises
    ------
    InputError
        Naming the first that is of another type.

    """
    for name, part, kind in (
        ('bundle', bundle, Bundle),
        ('rig', rig, Rig),
        ('options', options, PipelineOptions),
    ):
        if not isinstance(part, kind):
            raise InputError(
                f'Expected {name} of type {kind.__name__}, got {type(part).__name__}.'
            )
    if not isinstance(engine, str) and not callable(getattr(engine, 'run', None)):
        raise InputError(
            f'Expected engine to be a name or an engine, got {type(engine).__name__}.'
        )
