"""How far a conversion is, and what it did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
import time
from typing import TypeAlias

from eventdepth_core.recordings.recording import Recording, StreamName

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
    """
    Tells `on_progress` how far a conversion is, ten times a second at most.

    The share is that of the samples where their number is known, else that of the time.

    """

    def __init__(self, on_progress: OnProgress | None, recording: Recording) -> None:
        self._on_progress = on_progress
        counts = [stream.count for stream in recording.streams.values()]
        known = [count for count in counts if count is not None]
        self._num_expected = sum(known) if len(known) == len(counts) else 0
        self._start_us, self._end_us = recording.start_us, recording.end_us
        self._num_samples = 0
        self._told_s = float('-inf')

    def tell(self, num_events: int, now_us: int | None, *, is_skipping: bool = False) -> None:
        """Tell that one more sample is done and the conversion has come to `now_us`."""
        self._num_samples += 1
        now_s = time.monotonic()
        if self._on_progress is None or now_s - self._told_s < PERIOD_S:
            return
        self._told_s = now_s
        self._on_progress(ConversionProgress(num_events, self._share(now_us), is_skipping))

    def end(self, num_events: int) -> None:
        """Tell that everything is done."""
        if self._on_progress is not None:
            self._on_progress(ConversionProgress(num_events, 1.0))

    def _share(self, now_us: int | None) -> float | None:
        if self._num_expected > 0:
            return min(self._num_samples / self._num_expected, 1.0)
        if self._start_us is None or self._end_us is None or now_us is None:
            return None
        length_us = max(self._end_us - self._start_us, 1)
        return min(max((now_us - self._start_us) / length_us, 0.0), 1.0)
