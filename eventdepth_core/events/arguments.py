"""
Arguments of the public calls, checked before any work.

Law: whatever a caller hands over comes out as the type that the code behind takes, or is one
`InputError` that names the argument.

"""

import operator
from typing import Final

from eventdepth_core.errors import InputError
from eventdepth_core.types import EVENT_DTYPE, UInt8
import numpy as np

TIME_LIMIT_US: Final = 1 << 62
"""Times of events lie nearer to 0 than this, so that sums of two fit an int64."""

_BYTE_FORMATS: Final = ('B', 'b', 'c')


def checked_integer(value: object, name: str, *, limit: int = 1 << 63) -> int:
    """
    Return `value` as an int; integers of numpy are fine.

    Raises
    ------
    InputError
        If it is no integer, or not within -limit and +limit, both excluded.

    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # this is the check
    except TypeError as error:
        raise InputError(
            f'Expected {name} as an integer, got {value!r} of type {type(value).__name__}.'
        ) from error
    if not -limit < number < limit:
        raise InputError(f'Expected {name} between -{limit} and {limit}, got {number}.')
    return number


def payload_octets(payload: object) -> UInt8:
    """
    Return the bytes of a payload, uint8 (n,): bytes, bytearray, memoryview or uint8 array.

    Raises
    ------
    InputError
        For anything that is not made of single bytes.

    """
    try:
        view = memoryview(payload)  # type: ignore[arg-type]  # this is the check
    except (TypeError, ValueError, BufferError) as error:
        raise InputError(
            f'Expected a payload of bytes, got one of type {type(payload).__name__}.'
        ) from error
    if view.format not in _BYTE_FORMATS:
        raise InputError(f'Expected a payload of single bytes, got elements {view.format!r}.')
    return np.frombuffer(view if view.c_contiguous else view.tobytes(), np.uint8)


def check_events(events: object) -> None:
    """
    Check decoded events: EVENT_DTYPE[n], µs.

    Raises
    ------
    InputError
        For another type, dtype or number of dimensions, a time beyond `TIME_LIMIT_US`, or a
        polarity other than -1 and +1.

    """
    if not isinstance(events, np.ndarray):
        raise InputError(
            f'Expected events of EVENT_DTYPE, got one of type {type(events).__name__}.'
        )
    if events.dtype != EVENT_DTYPE or events.ndim != 1:
        raise InputError(
            f'Expected events of EVENT_DTYPE and one dimension, '
            f'got {events.dtype} of shape {events.shape}.'
        )
    if events.size == 0:
        return
    first_us, last_us = int(events['t'].min()), int(events['t'].max())
    if not -TIME_LIMIT_US < first_us <= last_us < TIME_LIMIT_US:
        raise InputError(
            f'Expected events between -{TIME_LIMIT_US} and {TIME_LIMIT_US} µs, '
            f'got {first_us} to {last_us}.'
        )
    wrong = events['p'][np.abs(events['p']) != 1]
    if wrong.size:
        raise InputError(
            f'Expected polarities -1 and +1, got {int(wrong[0])} in {wrong.size} of '
            f'{events.size} events: turn 0 and 1 into -1 and +1 by 2 p - 1.'
        )
