"""Compiled looks at the times of events, without a copy of them."""

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.types import Events


@kernel
def is_ascending(events: Events) -> bool:
    """Return whether no event is older than the one before it."""
    i = 1
    while i < len(events) and events[i].t >= events[i - 1].t:
        i += 1
    return i >= len(events)


@kernel
def silences(
    events: Events, last_us: Integer, unit_bits: Integer
) -> tuple[Integer, Integer, Integer]:
    """Return least and greatest silence in µs, and the sum of them in whole 2^unit_bits µs."""
    first_us = events[0].t - last_us
    least_us, greatest_us, total = first_us, first_us, first_us >> unit_bits
    for i in range(1, len(events)):
        silence_us = events[i].t - events[i - 1].t
        least_us = min(least_us, silence_us)
        greatest_us = max(greatest_us, silence_us)
        total += silence_us >> unit_bits
    return least_us, greatest_us, total
