"""
The books of the live path, kept from two threads.

Law: each trigger ends as one frame or one drop, or is pending: num_triggers == num_frames + the
sum of drops + num_pending at any time.

"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
import threading
from types import MappingProxyType

from eventdepth_core.types import DepthFrame, Entered


@dataclass(frozen=True, slots=True)
class Entries:
    """The books at one moment."""

    num_triggers: int
    num_frames: int
    num_pending: int
    drops: Mapping[str, int]
    num_resets: Mapping[str, int]
    mode: tuple[Entered, ...]
    incomplete: tuple[str, ...]


class Ledger:
    """Counts triggers, frames, drops and resets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._num_triggers = 0
        self._num_frames = 0
        self._drops: Counter[str] = Counter()
        self._resets: Counter[str] = Counter()
        self._mode: tuple[Entered, ...] = ()
        self._incomplete: tuple[str, ...] = ()

    def trigger(self) -> None:
        """Count a trigger, pending from now on."""
        with self._lock:
            self._num_triggers += 1

    def drop(self, reason: str) -> None:
        """Count the end of a trigger without a frame."""
        with self._lock:
            self._drops[reason] += 1

    def frame(self, frame: DepthFrame) -> None:
        """Count the end of a trigger with a frame."""
        with self._lock:
            self._num_frames += 1
            self._mode, self._incomplete = frame.modalities, frame.incomplete

    def reset(self, reason: str) -> None:
        """Count a reset."""
        with self._lock:
            self._resets[reason] += 1

    def snapshot(self) -> Entries:
        """Return the books as they are now."""
        with self._lock:
            ended = self._num_frames + sum(self._drops.values())
            return Entries(
                num_triggers=self._num_triggers,
                num_frames=self._num_frames,
                num_pending=self._num_triggers - ended,
                drops=MappingProxyType(dict(self._drops)),
                num_resets=MappingProxyType(dict(self._resets)),
                mode=self._mode,
                incomplete=self._incomplete,
            )
