"""What a user may choose about the live path."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from eventdepth_core.errors import InputError

TriggerKind: TypeAlias = Literal['auto', 'rate', 'image', 'points']
TRIGGER_KINDS: tuple[TriggerKind, ...] = ('auto', 'rate', 'image', 'points')


@dataclass(frozen=True, slots=True)
class RealtimeOptions:
    """
    When estimates are made, and how long a window waits for a silent driver.

    `trigger`: the grid of `rate_hz`, or the stamps of images or points; `auto` is `rate` where
    events can enter, else what can. A window closes with the first event behind it, or `grace_us`
    of host time later.

    Raises
    ------
    InputError
        For a value out of its range.

    """

    trigger: TriggerKind = 'auto'
    rate_hz: float = 10.0
    grace_us: int = 50_000

    def __post_init__(self) -> None:
        if self.trigger not in TRIGGER_KINDS:
            raise InputError(
                f'Expected trigger to be {", ".join(TRIGGER_KINDS)}, got {self.trigger!r}.'
            )
        if not 0.1 <= self.rate_hz <= 1000.0:
            raise InputError(f'Expected rate_hz to be 0.1 to 1000, got {self.rate_hz!r}.')
        if self.grace_us < 0:
            raise InputError(f'Expected grace_us to be 0 or more, got {self.grace_us!r}.')
