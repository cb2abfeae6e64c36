"""
A voxel grid by its numbers: how many bins over which window, where they stand, on which grid.

Three conventions share one name in the field; on the same events their grids differ by two thirds
of their norm. In all of them an event is shared between the two nodes of time around it; with T
the window and B the bins, they place the nodes differently:

    e2vid       k T / (B - 1)     the first bin at the window's start, the last at its end
    tonic       k T / B           half of the last bin falls on a node behind the window
    event_cube  (k + 1/2) T / B   half of both outer bins falls on nodes outside the window

What falls on a node that is no bin is in no bin.

"""

from dataclasses import dataclass
from typing import get_args, Literal, TypeAlias

from eventdepth_core.errors import InputError

Convention: TypeAlias = Literal['e2vid', 'tonic', 'event_cube']
Polarities: TypeAlias = Literal['signed', 'split']

CONVENTIONS: tuple[Convention, ...] = get_args(Convention)


@dataclass(frozen=True, slots=True)
class BinNodes:
    """Where the bins of a convention stand; the unit is what the window is divided into."""

    convention: Convention
    bins: int

    @property
    def num_parts(self) -> int:
        """Parts of equal length of a window, so that each node stands on a border of parts."""
        if self.convention == 'e2vid':
            return self.bins - 1
        return self.bins if self.convention == 'tonic' else 2 * self.bins

    @property
    def parts_per_node(self) -> int:
        """Parts from one node to the next."""
        return 2 if self.convention == 'event_cube' else 1

    @property
    def first_node(self) -> int:
        """How many nodes in front of the first bin get a share."""
        return 1 if self.convention == 'event_cube' else 0


@dataclass(frozen=True, slots=True)
class VoxelSpec:
    """
    A voxel grid, bilinear in time.

    Bins stand where `convention` says, scaled by the edges of the window (`span` window); an
    event's polarity is shared between the two around it. `polarities` split gives one grid of
    counts for OFF and one for ON events. Windows whose edges are multiples of `interval_us` cost
    one pass over sums.

    Raises
    ------
    InputError
        Unless bins >= 1 (e2vid: 2), interval_us > 0 and the bins stand on the grid of intervals:
        the window is a multiple of (bins - 1) * interval_us for e2vid, bins * interval_us for
        tonic and 2 * bins * interval_us for event_cube; or for another convention or span.

    """

    bins: int = 5
    window_us: int = 50_000
    interval_us: int = 12_500
    convention: Convention = 'e2vid'
    span: Literal['window'] = 'window'
    polarities: Polarities = 'signed'

    def __post_init__(self) -> None:
        check_voxel_form(self.convention, self.polarities, self.bins)
        if self.span != 'window':
            raise InputError(
                "Expected span 'window', because first and last event of a window are known only "
                f'when it is over, got {self.span!r}: scale a batch by its events with '
                'event_tensor.'
            )
        check_times(self.window_us, self.interval_us)
        name = {'e2vid': '(bins - 1)', 'tonic': 'bins', 'event_cube': '2 * bins'}
        check_on_grid(
            self.window_us, self.interval_us, self.nodes.num_parts, name[self.convention]
        )

    @property
    def nodes(self) -> BinNodes:
        """Where the bins stand."""
        return BinNodes(self.convention, self.bins)

    @property
    def spacing_us(self) -> int:
        """Time between two bins in µs."""
        return self.window_us // self.nodes.num_parts * self.nodes.parts_per_node

    @property
    def num_intervals(self) -> int:
        """Number of intervals in one window."""
        return self.window_us // self.interval_us


def check_voxel_form(convention: object, polarities: object, bins: int) -> None:
    """
    Check what a voxel grid is, apart from its window.

    Raises
    ------
    InputError
        For an unknown convention or kind of polarities, or too few bins.

    """
    if convention not in CONVENTIONS:
        raise InputError(
            f'Expected convention out of {", ".join(CONVENTIONS)} for a voxel grid, '
            f'got {convention!r}.'
        )
    if polarities not in get_args(Polarities):
        raise InputError(f"Expected polarities 'signed' or 'split', got {polarities!r}.")
    fewest = 2 if convention == 'e2vid' else 1
    if bins < fewest:
        raise InputError(f'Expected bins >= {fewest} for convention {convention!r}, got {bins}.')


def check_times(window_us: int, interval_us: int) -> None:
    """
    Check that a window and an interval have a length.

    Raises
    ------
    InputError
        Unless both are positive.

    """
    if window_us <= 0 or interval_us <= 0:
        raise InputError(
            f'Expected window_us > 0 and interval_us > 0, got {window_us} and {interval_us}.'
        )


def check_on_grid(window_us: int, interval_us: int, num_parts: int, name: str) -> None:
    """
    Check that `num_parts`, called `name` in the error, divide the window into whole intervals.

    Raises
    ------
    InputError
        Unless the window is a multiple of num_parts * interval_us.

    """
    if window_us % (num_parts * interval_us):
        raise InputError(
            f'Expected window_us to be a multiple of {name} * interval_us = '
            f'{num_parts * interval_us}, got {window_us}.'
        )
