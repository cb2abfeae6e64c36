"""
Which prediction belongs to which target: by name, by stamp, or by order where a protocol says so.

Laws: streams are read once, in order, a map at a time; every map is yielded once, with its partner
or alone, so that what has no partner is counted and never guessed at; of stamps, the nearest pair
within the tolerance that comes first belongs together.

"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Literal, TypeAlias, TypeVar

from eventdepth_core.report.comparison.depth_maps import DepthMap, Key
from eventdepth_core.types import Float32

PairBy: TypeAlias = Literal['key', 'order']
DEFAULT_TOLERANCE_US = 1_000
Map = TypeVar('Map')


@dataclass(frozen=True, slots=True)
class PairingRules:
    """
    How maps find each other.

    `key` joins equal names, or stamps that differ by at most `tolerance_us`; `order` the k-th with
    the k-th after leaving out the first ones of either side, as E2Depth's script does.

    """

    by: PairBy = 'key'
    tolerance_us: int = 0
    predicted_offset: int = 0
    target_offset: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A key with the map of either side, None where it has none."""

    key: Key
    predicted_m: Float32 | None
    target_m: Float32 | None


def pairs(
    predicted: Iterator[DepthMap], target: Iterator[DepthMap], rules: PairingRules
) -> Iterator[Pair]:
    """Yield every map of two streams once, keys ascending."""
    if rules.by == 'order':
        predicted = islice(predicted, rules.predicted_offset, None)
        target = islice(target, rules.target_offset, None)
    left, right = next(predicted, None), next(target, None)
    while left is not None or right is not None:
        order = _order(left, right, rules)
        has_left = left is not None and order <= 0
        has_right = right is not None and order >= 0
        yield _pair(left if has_left else None, right if has_right else None)
        left = next(predicted, None) if has_left else left
        right = next(target, None) if has_right else right


def _order(left: DepthMap | None, right: DepthMap | None, rules: PairingRules) -> int:
    """Return -1 if the left map stands alone, 1 if the right one does, 0 if they are a pair."""
    if left is None or right is None:
        return 1 if left is None else -1
    (first, first_name), (second, second_name) = left[0], right[0]
    are_numbers = first >= 0 and second >= 0
    if rules.by == 'order' or (are_numbers and abs(first - second) <= rules.tolerance_us > 0):
        return 0
    if left[0] == right[0]:
        return 0
    return -1 if (first, first_name) < (second, second_name) else 1


def _pair(left: DepthMap | None, right: DepthMap | None) -> Pair:
    key = (left or right or ((-1, ''), None))[0]
    return Pair(
        key,
        None if left is None else left[1],
        None if right is None else right[1],
    )


class Lookahead(Generic[Map]):
    """Finds the maps of keys, asked for in ascending order, in an ascending stream."""

    def __init__(self, stream: Iterator[tuple[Key, Map]]) -> None:
        self._stream = stream
        self._next = next(stream, None)

    def find(self, key: Key) -> Map | None:
        """Return the map of a key, None where the stream has none."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._stream, None)
        return self._next[1] if self._next is not None and self._next[0] == key else None
