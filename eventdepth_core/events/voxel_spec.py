"""The event tensor by its numbers: how many bins over which window, on which grid of intervals."""

from dataclasses import dataclass
from typing import Literal

from eventdepth_core.errors import InputError


@dataclass(frozen=True, slots=True)
class VoxelSpec:
    """
    A voxel grid, bilinear in time.

    Bin k stands at start + k * `spacing_us`; an event's polarity is shared between the two bins
    around it (`convention` e2vid), the first bin at the window's start and the last at its end
    (`span` window). Windows whose edges are multiples of `interval_us` cost one pass over sums.

    Raises
    ------
    InputError
        Unless bins >= 2, interval_us > 0, the window is a multiple of bins - 1 and the spacing a
        multiple of interval_us; or for another convention or span.

    """

    bins: int = 5
    window_us: int = 50_000
    interval_us: int = 12_500
    convention: Literal['e2vid'] = 'e2vid'
    span: Literal['window'] = 'window'

    def __post_init__(self) -> None:
        if self.bins < 2 or self.window_us <= 0 or self.interval_us <= 0:
            raise InputError(
                'Expected bins >= 2, window_us > 0 and interval_us > 0, '
                f'got {self.bins}, {self.window_us} and {self.interval_us}.'
            )
        if self.window_us % ((self.bins - 1) * self.interval_us):
            raise InputError(
                f'Expected window_us to be a multiple of (bins - 1) * interval_us = '
                f'{(self.bins - 1) * self.interval_us}, got {self.window_us}.'
            )
        if (self.convention, self.span) != ('e2vid', 'window'):
            raise InputError(
                "Expected convention 'e2vid' with span 'window', "
                f'got {self.convention!r} with {self.span!r}.'
            )

    @property
    def spacing_us(self) -> int:
        """Time between two bins in µs."""
        return self.window_us // (self.bins - 1)

    @property
    def num_intervals(self) -> int:
        """Number of intervals in one window."""
        return self.window_us // self.interval_us
