"""
An event representation by the names of a manifest, and which of them go together.

    representation   convention                    tensor
    voxel            e2vid, tonic, event_cube      float32 (bins, H, W) or (2, bins, H, W)
    histogram        stacked                       uint8 (2, bins, H, W), counts that saturate
    count            plain                         int32 (2, H, W)
    last_timestamp   plain                         int64 (2, H, W), µs
    time_surface     linear, exponential           float32 (2, H, W), 1 now, 0 long ago

Of two maps the first is that of OFF events. What two fields say of each other is checked here,
once, with the reason in the error.

"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args, Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.events.normalisation import (
    check_normalisation,
    is_per_bin,
    Normalisation,
)
from eventdepth_core.events.voxel_spec import (
    check_on_grid,
    check_times,
    check_voxel_form,
    CONVENTIONS,
    Polarities,
    VoxelSpec,
)

Representation: TypeAlias = Literal[
    'voxel', 'histogram', 'count', 'last_timestamp', 'time_surface'
]
Span: TypeAlias = Literal['window', 'events']

CONVENTIONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    'voxel': CONVENTIONS,
    'histogram': ('stacked',),
    'count': ('plain',),
    'last_timestamp': ('plain',),
    'time_surface': ('linear', 'exponential'),
}
MAX_COUNT: Final = 255
MAX_TIMED_WINDOW_US: Final = 1 << 30  # latest times are kept in 32 bits


@dataclass(frozen=True, slots=True)
class RepresentationSpec:
    """
    What tensor the events of a window become.

    `span` window scales bins by the edges of the window, `span` events by its first and last
    event, which is possible in a batch only; `interval_us` is the grid of windows in a stream.
    `polarities` is for voxel grids, None takes what the representation has; `max_count` for
    histograms; `decay_us` for exponential time surfaces.

    Raises
    ------
    InputError
        For names that are unknown or do not go together, and for numbers out of range.

    """

    representation: Representation = 'voxel'
    convention: str = 'e2vid'
    span: Span = 'window'
    bins: int = 5
    window_us: int = 50_000
    interval_us: int = 12_500
    normalisation: Normalisation = 'none'
    polarities: Polarities | None = None
    max_count: int = MAX_COUNT
    decay_us: int | None = None

    def __post_init__(self) -> None:
        self._check_names()
        self._check_bins()
        self._check_values()
        check_times(self.window_us, self.interval_us)
        if self.representation == 'voxel' and self.span == 'window':
            self.voxel()
        elif self.span == 'window':
            check_on_grid(self.window_us, self.interval_us, self.bins, 'bins')

    @property
    def has_bins(self) -> bool:
        """Whether the tensor has an axis of time."""
        return self.representation in ('voxel', 'histogram')

    @property
    def is_split(self) -> bool:
        """Whether OFF and ON events have a map each."""
        return self.representation != 'voxel' or self.polarities == 'split'

    def voxel(self) -> VoxelSpec:
        """
        Return the spec of the voxel grid in a stream.

        Raises
        ------
        InputError
            For another representation, or a span that no stream has.

        """
        if self.representation != 'voxel':
            raise InputError(f"Expected representation 'voxel', got {self.representation!r}.")
        return VoxelSpec(
            bins=self.bins,
            window_us=self.window_us,
            interval_us=self.interval_us,
            convention=self.convention,  # type: ignore[arg-type]  # VoxelSpec checks it
            span=self.span,  # type: ignore[arg-type]  # VoxelSpec checks it
            polarities='split' if self.is_split else 'signed',
        )

    def _check_names(self) -> None:
        if self.representation not in CONVENTIONS_OF:
            raise InputError(
                f'Expected representation out of {", ".join(CONVENTIONS_OF)}, '
                f'got {self.representation!r}.'
            )
        conventions = CONVENTIONS_OF[self.representation]
        if self.convention not in conventions:
            raise InputError(
                f'Expected convention out of {", ".join(conventions)} for representation '
                f'{self.representation!r}, got {self.convention!r}.'
            )
        if self.span not in get_args(Span):
            raise InputError(f"Expected span 'window' or 'events', got {self.span!r}.")
        check_normalisation(self.normalisation)

    def _check_bins(self) -> None:
        if self.representation == 'voxel':
            check_voxel_form(self.convention, self.polarities or 'signed', self.bins)
            return
        if self.polarities == 'signed':
            raise InputError(
                f'Expected polarities None or split for representation {self.representation!r}, '
                "which keeps OFF and ON apart, got 'signed'."
            )
        if not self.has_bins and self.bins != 1:
            raise InputError(
                f'Expected bins 1 for representation {self.representation!r}, which has no axis '
                f'of time, got {self.bins}.'
            )
        if self.bins < 1:
            raise InputError(f'Expected bins >= 1, got {self.bins}.')
        if not self.has_bins and self.span == 'events':
            raise InputError(
                f"Expected span 'window' for representation {self.representation!r}, which has "
                "no bins to scale, got 'events'."
            )

    def _check_values(self) -> None:
        is_histogram = self.representation == 'histogram'
        if not 1 <= self.max_count <= MAX_COUNT or not (
            is_histogram or self.max_count == MAX_COUNT
        ):
            raise InputError(
                f'Expected max_count of 1 to {MAX_COUNT}, and for representation histogram only, '
                f'got {self.max_count} for {self.representation!r}.'
            )
        is_exponential = self.convention == 'exponential'
        has_decay = self.decay_us is not None and self.decay_us > 0
        if has_decay != is_exponential or (self.decay_us is None) == is_exponential:
            raise InputError(
                'Expected decay_us > 0 for convention exponential and None for all others, '
                f'got {self.decay_us} for {self.convention!r}.'
            )
        is_timed = self.representation in ('last_timestamp', 'time_surface')
        if is_timed and self.window_us > MAX_TIMED_WINDOW_US:
            raise InputError(
                f'Expected window_us <= {MAX_TIMED_WINDOW_US} for representation '
                f'{self.representation!r}, got {self.window_us}.'
            )
        if self.normalisation == 'none':
            return
        if self.representation == 'last_timestamp':
            raise InputError(
                "Expected normalisation 'none' for representation 'last_timestamp', whose "
                f'numbers are times, got {self.normalisation!r}.'
            )
        if is_per_bin(self.normalisation) and not self.has_bins:
            raise InputError(
                f'Expected a normalisation of the whole for representation '
                f'{self.representation!r}, which has no bins, got {self.normalisation!r}.'
            )
