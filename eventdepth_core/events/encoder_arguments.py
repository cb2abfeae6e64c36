"""What packet encoders ask of the times that they are given, checked before any work."""

from typing import Final

from eventdepth_core.errors import InputError
import numpy as np
from numpy.typing import NDArray

MAX_SILENCE_US: Final = 1 << 42
_SPAN_NS: Final = 1 << 32


def checked_times_us(times_us: NDArray[np.int64], last_us: int | None) -> int:
    """
    Return the time before `times_us`, the first of them where `last_us` is None.

    Raises
    ------
    InputError
        For a time that goes back, a negative time or a silence of more than 2^42 µs.

    """
    if last_us is None:
        last_us = int(times_us[0])
    silences_us = np.diff(times_us, prepend=last_us)
    check_silences(last_us, int(silences_us.min()), int(silences_us.max()))
    return last_us


def check_silences(last_us: int, least_us: int, greatest_us: int) -> None:
    """
    Check the least and the greatest step of times that follow `last_us`.

    Raises
    ------
    InputError
        For a time that goes back, a negative time or a silence of more than 2^42 µs.

    """
    if last_us < 0 or least_us < 0 or greatest_us > MAX_SILENCE_US:
        raise InputError(
            'Expected ascending times from 0 on with steps of at most 2^42 µs, '
            f'got steps from {least_us} to {greatest_us} µs after {last_us}.'
        )


def checked_offsets_ns(times_us: NDArray[np.int64], time_base_ns: int) -> NDArray[np.int64]:
    """
    Return the times in ns since the time base.

    Raises
    ------
    InputError
        If a time lies before the time base or 2^32 ns or more behind it.

    """
    base_us, remainder_ns = divmod(time_base_ns, 1000)
    offsets_us = times_us - base_us
    limit_us = _SPAN_NS // 1000 + 2
    if times_us.size and -1 <= offsets_us.min() <= offsets_us.max() <= limit_us:
        offsets_ns: NDArray[np.int64] = offsets_us * 1000 - remainder_ns
        if 0 <= offsets_ns.min() <= offsets_ns.max() < _SPAN_NS:
            return offsets_ns
    if not times_us.size:
        return np.zeros(0, np.int64)
    raise InputError(
        f'Expected events within 2^32 ns from time_base_ns {time_base_ns} on, '
        f'got offsets of {offsets_us.min()} to {offsets_us.max()} µs.'
    )


def check_address_bits(width: int, height: int, limits: tuple[int, int]) -> None:
    """
    Check a sensor size against what the addresses of an encoding can tell.

    Raises
    ------
    InputError
        For a size beyond `limits`, the largest (width, height).

    """
    if width > limits[0] or height > limits[1]:
        raise InputError(f'Expected at most {limits[0]} x {limits[1]}, got {width} x {height}.')
