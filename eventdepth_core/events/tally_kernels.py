"""
What the kernels of all packet decoders count into: the places of the tally.

The order is that of the fields of `PacketCounts`.

"""

from typing import Final

PACKETS: Final = 0
BYTES: Final = 1
EVENTS: Final = 2
TRIGGERS: Final = 3
RESERVED: Final = 4
OUT_OF_SENSOR: Final = 5
BEFORE_TIME: Final = 6
BEFORE_ADDRESS: Final = 7
BACKWARD_STEPS: Final = 8
WRAPS: Final = 9
DROPPED_BYTES: Final = 10

# A row, column or base that has not come yet: beyond every sensor, so no event passes.
UNKNOWN: Final = 1 << 20
