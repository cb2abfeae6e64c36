"""
Compiled parser of event text: one line `t x y p` per event, t in decimal seconds.

A number is read as an exact decimal and rounded once, so no float enters: 0.003820001 s is
3820 µs. Fields are separated by spaces, tabs, commas or semicolons; an exponent is understood;
empty lines and lines that start with # are passed over.

Laws: only whole lines are consumed; a line that is no event is counted; polarity 0 and -1 are
OFF, 1 is ON, anything else is a bad line.

"""

from eventdepth_core.compilation import kernel
from eventdepth_core.types import Events, UInt8

_MAX_DIGITS = 18
_MICROSECONDS = 6
_NEWLINE, _HASH, _MINUS, _PLUS, _DOT, _ZERO, _NINE = 10, 35, 45, 43, 46, 48, 57
_UPPER_E, _LOWER_E = 69, 101
_MAX_PIXEL = 65535
_MAX_PIXEL_DIGITS = 4  # none of these is beyond the greatest pixel
_MAX_SECONDS_DIGITS = 11  # with seven more no digit that matters is lost
_SPACE = 32


@kernel
def parse_events(text: UInt8, events: Events) -> tuple[int, int, int]:
    """
    Parse the whole lines at the front of `text` (bytes) into `events` EVENT_DTYPE[n].

    Stops when `events` is full or no whole line is left. Returns the number of events, the bytes
    consumed and the number of bad lines.

    """
    num_events, num_bad, line = 0, 0, 0
    while num_events < len(events):
        following = _plain_line(text, line, events[num_events : num_events + 1])
        if following > 0:
            num_events += 1
            line = following
            continue
        end = line
        while end < len(text) and text[end] != _NEWLINE:
            end += 1
        if end == len(text):
            break
        first = _skip_separators(text, line, end)
        if first < end and text[first] != _HASH:
            t, after_t, is_t = _decimal(text, first, end, _MICROSECONDS)
            x, after_x, is_x = _decimal(text, _skip_separators(text, after_t, end), end, 0)
            y, after_y, is_y = _decimal(text, _skip_separators(text, after_x, end), end, 0)
            p, after_p, is_p = _decimal(text, _skip_separators(text, after_y, end), end, 0)
            is_line = is_t and is_x and is_y and is_p
            is_event = is_line and 0 <= x <= _MAX_PIXEL and 0 <= y <= _MAX_PIXEL and -1 <= p <= 1
            if is_event and _skip_separators(text, after_p, end) == end:
                events[num_events].t = t
                events[num_events].x = x
                events[num_events].y = y
                events[num_events].p = 1 if p == 1 else -1
                num_events += 1
            else:
                num_bad += 1
        line = end + 1
    return num_events, line, num_bad


@kernel
def _plain_line(text: UInt8, line: int, event: Events) -> int:
    """
    Parse a line as nearly all are, `12.345678 90 12 1`, in one pass into `event[0]`.

    Returns where the next line begins, -1 for anything else, which is then read with more care.

    """
    seconds, i = _digits(text, line, _MAX_SECONDS_DIGITS)
    if i == line or i + 1 >= len(text) or text[i] != _DOT:
        return -1
    start = i + 1
    fraction, i = _digits(text, start, _MICROSECONDS)
    if i == start:
        return -1
    for _ in range(_MICROSECONDS - (i - start)):
        fraction *= 10
    if i < len(text) and _ZERO + 5 <= text[i] <= _NINE:
        fraction += 1
    while i < len(text) and _ZERO <= text[i] <= _NINE:
        i += 1
    if i >= len(text) or text[i] != _SPACE:
        return -1
    x, i = _plain_pixel(text, i + 1)
    y, i = _plain_pixel(text, i)
    is_on = 0 < i < len(text) and text[i] == _ZERO + 1
    is_event = i > 0 and i + 1 < len(text) and text[i + 1] == _NEWLINE
    if not is_event or (not is_on and text[i] != _ZERO):
        return -1
    event[0].t = seconds * 1_000_000 + fraction
    event[0].x = x
    event[0].y = y
    event[0].p = 1 if is_on else -1
    return i + 2


@kernel
def _plain_pixel(text: UInt8, start: int) -> tuple[int, int]:
    """Read an address and the space after it as (value, next index), -1 where it is none."""
    if start < 0:
        return 0, -1
    value, i = _digits(text, start, _MAX_PIXEL_DIGITS)
    is_plain = i > start and i < len(text) and text[i] == _SPACE
    return value, (i + 1 if is_plain else -1)


@kernel
def _digits(text: UInt8, start: int, max_digits: int) -> tuple[int, int]:
    """Read up to `max_digits` digits as (value, next index)."""
    value, i = 0, start
    while i < len(text) and i - start < max_digits and _ZERO <= text[i] <= _NINE:
        value = value * 10 + (text[i] - _ZERO)
        i += 1
    return value, i


@kernel
def _skip_separators(text: UInt8, start: int, end: int) -> int:
    """Return the index of the next byte that is no space, tab, comma, semicolon or CR."""
    i = start
    while i < end and (
        text[i] == 32 or text[i] == 9 or text[i] == 44 or text[i] == 59 or text[i] == 13
    ):
        i += 1
    return i


@kernel
def _decimal(text: UInt8, start: int, end: int, shift: int) -> tuple[int, int, bool]:
    """Read a decimal times 10 ** shift as (rounded value, next index, is a number)."""
    i = start
    is_negative = i < end and text[i] == _MINUS
    if i < end and (text[i] == _MINUS or text[i] == _PLUS):
        i += 1
    mantissa, exponent, num_kept, num_digits, is_fraction = 0, shift, 0, 0, False
    while i < end and (_ZERO <= text[i] <= _NINE or (text[i] == _DOT and not is_fraction)):
        if text[i] == _DOT:
            is_fraction = True
        else:
            num_digits += 1
            if num_kept < _MAX_DIGITS:
                mantissa = mantissa * 10 + (text[i] - _ZERO)
                num_kept += 1 if mantissa > 0 else 0
                exponent -= 1 if is_fraction else 0
            elif not is_fraction:
                exponent += 1
        i += 1
    if num_digits > 0 and i < end and (text[i] == _LOWER_E or text[i] == _UPPER_E):
        power, i, num_digits = _power(text, i + 1, end)
        exponent += power
    is_number = num_digits > 0 and (mantissa == 0 or num_kept + exponent <= _MAX_DIGITS)
    value = _scaled(mantissa, exponent) if is_number else 0
    return (-value if is_negative else value), i, is_number


@kernel
def _power(text: UInt8, start: int, end: int) -> tuple[int, int, int]:
    """Read the integer after an e as (value, next index, number of digits)."""
    i = start
    is_negative = i < end and text[i] == _MINUS
    if i < end and (text[i] == _MINUS or text[i] == _PLUS):
        i += 1
    value, num_digits = 0, 0
    while i < end and _ZERO <= text[i] <= _NINE:
        value = min(value * 10 + (text[i] - _ZERO), 1000)
        num_digits += 1
        i += 1
    return (-value if is_negative else value), i, num_digits


@kernel
def _scaled(mantissa: int, exponent: int) -> int:
    """Return mantissa * 10 ** exponent, rounded half up."""
    if mantissa == 0 or exponent < -_MAX_DIGITS:
        return 0
    if exponent >= 0:
        return int(mantissa * 10**exponent)
    divisor = 10 ** (-exponent)
    return int((mantissa + divisor // 2) // divisor)
