"""
What packet decoders have met so far: one frozen count per kind of word or event.

Law: every event that a payload encodes is either decoded or stands in exactly one of
`num_out_of_sensor`, `num_before_time` and `num_before_address`.

"""

from dataclasses import dataclass, fields
from operator import add, attrgetter

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PacketCounts:
    """
    Running totals of one packet decoder.

    `num_reserved` counts words or records that the format does not define; `num_before_time`
    events before the stream said what time it is; `num_before_address` events whose row, column
    or vector base is unknown (start of a stream, lost packets); `num_backward_steps` small steps
    back of the sensor time; `num_wraps` turns of the sensor's clock that were unwrapped;
    `num_dropped_bytes` bytes behind the last whole word of a payload.

    """

    num_packets: int = 0
    num_bytes: int = 0
    num_events: int = 0
    num_triggers: int = 0
    num_reserved: int = 0
    num_out_of_sensor: int = 0
    num_before_time: int = 0
    num_before_address: int = 0
    num_backward_steps: int = 0
    num_wraps: int = 0
    num_dropped_bytes: int = 0

    def plus(self, other: 'PacketCounts') -> 'PacketCounts':
        """Return the totals of both."""
        return PacketCounts(*map(add, _all_counts(self), _all_counts(other)))


_NAMES = [field.name for field in fields(PacketCounts)]
_all_counts = attrgetter(*_NAMES)  # astuple copies deeply, which a packet a millisecond feels


def fresh_tally() -> NDArray[np.int64]:
    """Return zeros for the kernels to count into, one place per field of `PacketCounts`."""
    return np.zeros(len(_NAMES), np.int64)


def packet_counts(tally: NDArray[np.int64]) -> PacketCounts:
    """Freeze `tally` as it is now."""
    return PacketCounts(*tally.tolist())
