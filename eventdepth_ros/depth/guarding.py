"""
Nothing that a message brings may end the node: errors are counted, told and left behind.

Laws: an error of the library costs one message and is logged once per reason in `QUIET_S`;
anything else is logged with its traceback and counted as `internal_error`.

"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time
import traceback
from typing import Final, Protocol

from eventdepth_core.errors import EventDepthError

INTERNAL_ERROR: Final = 'internal_error'
QUIET_S: Final = 10.0


class Logger(Protocol):
    """What is needed of rclpy's logger."""

    def warning(self, message: str) -> bool:
        """Log a warning."""

    def error(self, message: str) -> bool:
        """Log an error."""


class Guard:
    """
    Runs code that must not raise.

    Parameters
    ----------
    logger : Logger
        Where the errors are told.
    steady_s : callable
        A steady clock in seconds, for the silence between equal reports.

    """

    def __init__(self, logger: Logger, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._steady_s = steady_s
        self._told_s: dict[str, float] = {}

    @contextmanager
    def counting(self, count: Callable[[str], None]) -> Iterator[None]:
        """Run a block; what it raises goes to the log and, as a reason, to `count`."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the law of this module
            count(self.report(error))

    def report(self, error: Exception) -> str:
        """Tell of an error and return its reason."""
        if isinstance(error, EventDepthError):
            if self._is_due(error.reason):
                self._logger.warning(f'{error} ({error.reason})')
            return error.reason
        if self._is_due(f'{type(error).__name__}: {error}'):
            self._logger.error(''.join(traceback.format_exception(error)))
        return INTERNAL_ERROR

    def warn(self, sentence: str, quiet_s: float = QUIET_S) -> None:
        """Log a warning unless the same was logged a moment ago."""
        if self._is_due(sentence, quiet_s):
            self._logger.warning(sentence)

    def _is_due(self, key: str, quiet_s: float = QUIET_S) -> bool:
        now_s = self._steady_s()
        told_s = self._told_s.get(key)
        if told_s is not None and now_s - told_s < quiet_s:
            return False
        if len(self._told_s) > 1000:  # keys may hold numbers
            self._told_s.clear()
        self._told_s[key] = now_s
        return True
