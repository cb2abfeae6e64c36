"""How far a conversion is, and what it did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
import time
from typing import TypeAlias

from eventdepth_core.recordings.recording import StreamName

PERIOD_S = 0.1


@dataclass(frozen=True, slots=True)
class ConversionProgress:
    """Events so far and, where the extent of the recording is known, its share that is done."""

    num_events: int
    share: float | None
    is_skipping: bool = False
    """Whether it passes over what an earlier run has written."""


OnProgress: TypeAlias = Callable[[ConversionProgress], None]


@dataclass(frozen=True, slots=True)
class ConversionSummary:
    """
    What a conversion wrote.

    `counts` are events and messages or files by stream, `dropped` what was not converted by its
    reason, `num_resumed` the events that an earlier run had written, `clock_offset_us` what was
    added to sensor time so that the events share the clock of the other streams.

    """

    target: Path
    counts: Mapping[StreamName, int]
    dropped: Mapping[str, int]
    start_us: int | None
    end_us: int | None
    num_resumed: int
    clock_offset_us: int
    wall_s: float


class Ticker:
    """Tells `on_progress` how far a conversion is, ten times a second at most."""

    def __init__(
        self, on_progress: OnProgress | None, start_us: int | None, end_us: int | None
    ) -> None:
        self._on_progress = on_progress
        self._start_us = start_us
        self._length_us = None if start_us is None or end_us is None else end_us - start_us
        self._told_s = float('-inf')

    def tell(self, num_events: int, now_us: int | None, *, is_skipping: bool = False) -> None:
        """Tell that the conversion has come to `now_us` of the recording."""
        now_s = time.monotonic()
        if self._on_progress is None or now_s - self._told_s < PERIOD_S:
            return
        self._told_s = now_s
        share = None
        if self._length_us and self._start_us is not None and now_us is not None:
            share = min(max((now_us - self._start_us) / self._length_us, 0.0), 1.0)
        self._on_progress(ConversionProgress(num_events, share, is_skipping))
