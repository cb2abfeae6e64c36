"""
Drift of one clock against another from the least offsets of short blocks of time.

Delays only add, so the least offset of a block lies close above the true one. The slope is the
median over pairs of blocks half the window apart (Theil and Sen with one baseline): blocks that
were late as a whole are outvoted, and constant offsets give exactly 0.

"""

from collections import deque
from statistics import median
from typing import Final

BLOCK_US: Final = 500_000
MAX_BLOCKS: Final = 128
MIN_SPAN_US: Final = 2_000_000
MIN_ERROR_PPM: Final = 5.0
_ERRORS: Final = 4.0


class DriftEstimate:
    """
    Follows the slope of an offset; memory and the cost of an observation are bounded.

    `ppm` is the slope and `error_ppm` how far it may be off; None and `max_ppm` at first.

    """

    def __init__(self, max_ppm: float) -> None:
        self.ppm: float | None = None
        self.error_ppm = max_ppm
        self._max_ppm = max_ppm
        self._blocks: deque[tuple[int, int]] = deque(maxlen=MAX_BLOCKS)
        self._block_start_us: int | None = None
        self._least: tuple[int, int] | None = None

    def observe(self, time_us: int, offset_us: int) -> None:
        """Take in that the offset at `time_us` is at most `offset_us`."""
        if self._block_start_us is None or self._least is None:
            self._block_start_us, self._least = time_us, (offset_us, time_us)
        elif time_us - self._block_start_us < BLOCK_US:
            self._least = min(self._least, (offset_us, time_us))
        else:
            self._blocks.append(self._least)
            self._block_start_us, self._least = time_us, (offset_us, time_us)
            self._fit()

    def _fit(self) -> None:
        blocks = tuple(self._blocks)
        span_us = blocks[-1][1] - blocks[0][1]
        half = len(blocks) // 2
        if span_us < MIN_SPAN_US or half < 2:
            return
        slopes = [
            1e6 * (later[0] - earlier[0]) / max(later[1] - earlier[1], 1)
            for earlier, later in zip(blocks, blocks[half:], strict=False)
        ]
        self.ppm = slope = median(slopes)
        spread_ppm = median([abs(each - slope) for each in slopes])
        error_ppm = max(
            MIN_ERROR_PPM,
            _ERRORS * spread_ppm / len(slopes) ** 0.5,
            self._max_ppm * MIN_SPAN_US / span_us,
        )
        self.error_ppm = min(error_ppm, self._max_ppm)
