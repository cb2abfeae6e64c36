"""
Whole turns of a sensor's clock, which an encoding of relative time leaves open.

EVT3, EVT2 and EVT2.1 tell time modulo a turn (2^24 and 2^34 µs); a packet decoder counts on from
the first turn it sees. What bags say of `time_base` with these encodings is undefined, so packets
that we write carry there the turns before their first event, in ns; everybody else ignores it.

Law: for packets written with `turns_ns` of their first event, decoded from the first one on,
decoded time + `turns_before_us` of the first packet is the absolute time.

"""

from collections.abc import Mapping

TURN_US: Mapping[str, int] = {'evt3': 1 << 24, 'evt2': 1 << 34, 'evt21': 1 << 34}


def turns_ns(encoding: str, first_us: int) -> int:
    """Return the time base of a packet whose first event is at absolute `first_us`."""
    return 1000 * (first_us - first_us % TURN_US[encoding])


def turns_before_us(encoding: str, time_base_ns: int) -> int:
    """Return what to add to decoded time after a first packet; 0 for a base of another meaning."""
    turn_us = TURN_US.get(encoding)
    if turn_us is None or time_base_ns % (1000 * turn_us) != 0:
        return 0
    return time_base_ns // 1000
