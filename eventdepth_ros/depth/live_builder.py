"""
Builds live paths in a thread of their own, because warming one up takes a second.

Laws: one build at a time; while one runs, the newest request waits and replaces older ones; a
build that is no longer wanted ends by itself and its outcome is dropped.

"""

from collections.abc import Callable
from dataclasses import dataclass
import threading

from eventdepth_core.realtime import LiveDepth
from eventdepth_core.types import Rig

JOIN_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A live path that is warm but not started, for `rig`."""

    rig: Rig
    live: LiveDepth


@dataclass(frozen=True, slots=True, eq=False)
class BuildFailed:
    """What building for `rig` raised."""

    rig: Rig
    error: Exception


class LiveBuilder:
    """Builds one live path after the other; all methods are for one thread."""

    def __init__(self, make: Callable[[Rig], LiveDepth]) -> None:
        self._make = make
        self._build: _Build | None = None
        self._next: Rig | None = None

    @property
    def is_building(self) -> bool:
        """Whether the outcome of a request is still to come."""
        return self._build is not None

    def request(self, rig: Rig) -> None:
        """Ask for a live path; an older request that has not begun is forgotten."""
        if self._build is None:
            self._begin(rig)
        else:
            self._next = rig

    def poll(self) -> Built | BuildFailed | None:
        """Return the outcome of the newest request once it is there, and only once."""
        build = self._build
        if build is None or build.outcome is None:
            return None
        build.join()
        self._build = None
        if self._next is None:
            return build.outcome
        self._begin(self._next)
        return None

    def abandon(self, timeout_s: float = JOIN_S) -> None:
        """Want nothing any more; wait a little for a build that runs."""
        build, self._build, self._next = self._build, None, None
        if build is not None:
            build.join(timeout_s)

    def _begin(self, rig: Rig) -> None:
        self._next = None
        self._build = _Build(self._make, rig)
        self._build.start()


class _Build(threading.Thread):
    """The building of one live path; `outcome` is set last."""

    def __init__(self, make: Callable[[Rig], LiveDepth], rig: Rig) -> None:
        super().__init__(name='live-builder', daemon=True)
        self._make = make
        self._rig = rig
        self.outcome: Built | BuildFailed | None = None

    def run(self) -> None:
        """Build; the outcome is set last."""
        try:
            self.outcome = Built(self._rig, self._make(self._rig))
        except Exception as error:  # noqa: BLE001 - reported by whoever polls
            self.outcome = BuildFailed(self._rig, error)
