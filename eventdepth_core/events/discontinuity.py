"""Breaks in a stream's time or sequence, as records that reports and diagnostics can show."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

DiscontinuityKind: TypeAlias = Literal[
    'backward', 'forward', 'clock', 'wrap', 'reset', 'loop', 'gap', 'restart'
]

_TURN: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Discontinuity:
    """
    Something went from `from_us` to `to_us`.

    Sensor time: `backward`: further back than noise, all held events were forgotten; `forward`: a
    silence longer than any that is expected. Offset of host to sensor time, where the two came
    apart by to_us - from_us: `wrap`: by whole turns of a sensor's clock; `reset`: the sensor's
    clock started anew; `loop`: both went back, as when a recording begins again; `clock`: anything
    else, such as a host clock that was set. Sensor time on both sides of lost packets: `gap`:
    `num_lost` packets did not come; `restart`: the driver counts anew.

    """

    kind: DiscontinuityKind
    from_us: int
    to_us: int
    num_lost: int = 0


class SequenceWatch:
    """
    Follows the sequence numbers of packets, uint64 with wrap.

    A number that was skipped is lost; one that went back a little, or came twice, is an old packet
    again, which counts as a restart too, because what it says has been decoded already.

    """

    def __init__(self) -> None:
        self._last: int | None = None

    def follow(self, seq: int | None, *, from_us: int, to_us: int) -> Discontinuity | None:
        """
        Take the number of a packet in; return the break in front of it, if there is one.

        `from_us` is the newest sensor time before the packet, `to_us` its own; a packet without a
        number breaks nothing.

        """
        last, self._last = self._last, seq
        if seq is None or last is None:
            return None
        num_lost = (seq - last - 1) % _TURN
        if num_lost == 0:
            return None
        if num_lost >= _TURN // 2:
            return Discontinuity('restart', from_us, to_us)
        return Discontinuity('gap', from_us, to_us, num_lost)

    def reset(self) -> None:
        """Forget the last number."""
        self._last = None
