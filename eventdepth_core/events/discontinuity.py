"""A break in a stream's time, as a record that reports and diagnostics can show."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

DiscontinuityKind: TypeAlias = Literal['backward', 'forward', 'clock']


@dataclass(frozen=True, slots=True)
class Discontinuity:
    """
    Sensor time went from `from_us` to `to_us`.

    `backward`: further back than noise, all held events were forgotten; `forward`: a silence
    longer than any that is expected; `clock`: sensor and host time came apart by to_us - from_us.

    """

    kind: DiscontinuityKind
    from_us: int
    to_us: int
