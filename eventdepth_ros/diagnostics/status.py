"""
One diagnostic status as a value, without ROS: name, level, message, key/value pairs.

Laws: pairs keep their order; a number that is not known is written `-`; the message of several
problems is that of the worst, followed by how many more there are.

"""

from collections.abc import Sequence
from dataclasses import dataclass
import math

from eventdepth_ros.diagnostics.hysteresis import Level
from eventdepth_ros.diagnostics.messages import Finding

OK_MESSAGE = 'ok'


@dataclass(frozen=True, slots=True)
class Status:
    """`name` is the part, as in '<node>: inputs'; `values` are (key, value) as text."""

    name: str
    level: Level
    message: str
    values: tuple[tuple[str, str], ...] = ()


def status_of(
    name: str,
    findings: Sequence[Finding],
    values: Sequence[tuple[str, str]],
    *,
    ok_message: str = OK_MESSAGE,
) -> Status:
    """Return the status of a part: the worst finding speaks, all of them are listed."""
    if not findings:
        return Status(name, Level.OK, ok_message, tuple(values))
    worst = max(findings, key=lambda finding: finding.level)  # the first of the worst
    others = len(findings) - 1
    message = worst.text if others == 0 else f'{worst.text} (and {others} more)'
    listed = tuple((f'finding {i}', found.text) for i, found in enumerate(findings, 1))
    return Status(name, worst.level, message, (*values, *(listed if others else ())))


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with `digits` decimals, `-` where it is not known."""
    if value is None or not math.isfinite(value):
        return '-'
    return f'{value:.{digits}f}'
