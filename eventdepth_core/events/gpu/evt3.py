"""
EVT3 words -> events by prefix scans: what a word means depends on the last word of each kind.

The last row, base or time word before each word is a running maximum of positions, so all words
are decoded at once. The rules, and the places of the state, are those of `evt3_kernels`. Laws: the
events are those of the CPU's packet decoder, in the same order; the state carries over, so a
stream may be cut at every word.

"""

from dataclasses import dataclass

from eventdepth_core.events import evt3_kernels as codes
from eventdepth_core.events.tally_kernels import UNKNOWN
import torch
from torch import Tensor

LOW_BITS = 0xFFF
COORDINATE = 0x7FF
VECTOR_BITS = 12


@dataclass(frozen=True, slots=True, eq=False)
class TorchEvents:
    """Events in stream order: `t` int64 µs, `x`, `y` int64 pixels, `p` int64 in {-1, +1}, (n,)."""

    t: Tensor
    x: Tensor
    y: Tensor
    p: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """Words taken apart: `code` and `low` int64 (n,), `place` their positions."""

    code: Tensor
    low: Tensor
    place: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Clock:
    """After each word: `time` int64 µs, `is_timed` bool; after the last: `high` and `loops`."""

    time: Tensor
    is_timed: Tensor
    high: Tensor
    loops: Tensor


def fresh_state(device: torch.device | str) -> Tensor:
    """Return the state before the first word, int64 (NUM_STATE,)."""
    state = torch.zeros(codes.NUM_STATE, dtype=torch.int64)
    state[codes.HIGH] = -1
    state[[codes.ROW, codes.BASE]] = UNKNOWN
    return state.to(device)


def decode_evt3_words(
    raw: Tensor, state: Tensor, size: tuple[int, int]
) -> tuple[TorchEvents, Tensor]:
    """
    Decode `raw` int16 (n,), the bits of the words, of a sensor of `size` (height, width).

    Returns the events inside the sensor and the state after them; `state` is left as it was.

    """
    bits = raw.to(torch.int64) & 0xFFFF
    place = torch.arange(bits.numel(), device=bits.device)
    words = _Words(bits >> VECTOR_BITS, bits & LOW_BITS, place)
    clock = _clock(words, state)
    row = _held(words, words.code == codes.ADDR_Y, words.low & COORDINATE, state[codes.ROW])
    base, polarity = _vector_base(words, state)
    events = _events(words, clock, row, base, polarity, size)
    return events, _state_after(state, clock, row, base, polarity, words)


def _last(words: _Words, is_kind: Tensor) -> Tensor:
    """Return for each word the position of the last word of a kind up to it, -1 before one."""
    if words.place.numel() == 0:
        return words.place
    return torch.cummax(torch.where(is_kind, words.place, -1), dim=0).values


def _held(words: _Words, is_kind: Tensor, values: Tensor, before: Tensor) -> Tensor:
    """Return for each word what the last word of a kind said, `before` where there is none."""
    last = _last(words, is_kind)
    return torch.where(last >= 0, values[last.clamp(min=0)], before)


def _shifted(values: Tensor, first: Tensor) -> Tensor:
    """Return `values` moved on by one place, `first` in front."""
    return torch.cat([first.reshape(1), values[:-1]]) if values.numel() else values


def _clock(words: _Words, state: Tensor) -> _Clock:
    is_high = words.code == codes.TIME_HIGH
    high = _held(words, is_high, words.low, state[codes.HIGH])
    before = _shifted(high, state[codes.HIGH])
    step = torch.where(before >= 0, high - before, 1)
    is_change = is_high & (high != before)
    loops = _loops(is_change, step, state[codes.LOOPS])
    is_low = (words.code == codes.TIME_LOW) & (high >= 0)
    last_low, last_change = _last(words, is_low), _last(words, is_change)
    upper = torch.where(
        last_change >= 0, (loops << 24) | (high << 12), state[codes.TIME] & ~LOW_BITS
    )
    fresh_low = words.low[last_low.clamp(min=0)]
    old_low = torch.where(last_change >= 0, 0, state[codes.TIME] & LOW_BITS)
    lower = torch.where(last_low > last_change, fresh_low, old_low)
    is_timed = (last_low >= 0) | (state[codes.IS_TIMED] > 0)
    return _Clock(upper | lower, is_timed, high, loops)


def _loops(is_change: Tensor, step: Tensor, before: Tensor) -> Tensor:
    """Return the number of wraps after each word: a walk that never goes below zero."""
    is_wrap = is_change & (step < -codes.NOISE_HIGHS)
    is_unwrap = is_change & (step > codes.NUM_HIGHS - codes.NOISE_HIGHS)
    walk = before + torch.cumsum(is_wrap.to(torch.int64) - is_unwrap.to(torch.int64), dim=0)
    if walk.numel() == 0:
        return walk
    # held at zero, the walk is higher by how far it would have sunk below it
    return walk - torch.cummin(walk, dim=0).values.clamp(max=0)


def _vector_base(words: _Words, state: Tensor) -> tuple[Tensor, Tensor]:
    """Return column and polarity from which a vector at each word starts."""
    is_base = words.code == codes.VECT_BASE_X
    start = _held(words, is_base, words.low & COORDINATE, state[codes.BASE])
    polarity = _held(words, is_base, words.low >> 11, state[codes.POLARITY])
    width = torch.where(words.code == codes.VECT_12, 12, 0)
    width = torch.where(words.code == codes.VECT_8, 8, width)
    passed = torch.cumsum(width, dim=0) - width  # before each word
    passed_at_base = _held(words, is_base, passed, torch.zeros_like(state[codes.BASE]))
    return start + passed - passed_at_base, polarity


def _events(
    words: _Words,
    clock: _Clock,
    row: Tensor,
    base: Tensor,
    polarity: Tensor,
    size: tuple[int, int],
) -> TorchEvents:
    height, width = size
    is_single = words.code == codes.ADDR_X
    is_vector = (words.code == codes.VECT_12) | (words.code == codes.VECT_8)
    mask = torch.where(words.code == codes.VECT_8, words.low & 0xFF, words.low)
    mask = torch.where(is_single, 1, torch.where(is_vector, mask, 0))
    mask = torch.where(clock.is_timed & (row < height), mask, 0)
    carriers = torch.nonzero(mask).squeeze(1)
    first = torch.where(is_single, words.low & COORDINATE, base)[carriers]
    columns = torch.arange(VECTOR_BITS, device=mask.device)
    is_set = (mask[carriers, None] >> columns) & 1 > 0
    is_set &= first[:, None] + columns < width
    which, column = torch.nonzero(is_set, as_tuple=True)
    word = carriers[which]
    is_on = torch.where(is_single, words.low >> 11, polarity)[word]
    return TorchEvents(t=clock.time[word], x=first[which] + column, y=row[word], p=2 * is_on - 1)


def _state_after(
    state: Tensor, clock: _Clock, row: Tensor, base: Tensor, polarity: Tensor, words: _Words
) -> Tensor:
    if words.place.numel() == 0:
        return state.clone()
    last_width = torch.where(words.code[-1] == codes.VECT_12, 12, 0)
    last_width = torch.where(words.code[-1] == codes.VECT_8, 8, last_width)
    after = torch.empty_like(state)
    after[codes.LOOPS] = clock.loops[-1]
    after[codes.HIGH] = clock.high[-1]
    after[codes.TIME] = clock.time[-1]
    after[codes.IS_TIMED] = clock.is_timed[-1].to(torch.int64)
    after[codes.ROW] = row[-1]
    after[codes.BASE] = base[-1] + last_width
    after[codes.POLARITY] = polarity[-1]
    return after
