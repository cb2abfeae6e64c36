"""
How much of the processor others took while something was measured.

What is measured here runs in several processes, which may well fill two cores: the load average
tells nothing about others. Foreign = (time that the cores spent in processes) - (time of this
process and its descendants) + (time that a hypervisor took away), per second and core. Time in
interrupts is left out: no process owns it, and it is mostly that of our own messages. Above
`MAX_SHARE` figures are shown and not judged. Law: a descendant that ended and was waited for still
counts as our own.

"""

from dataclasses import dataclass
import os
from pathlib import Path
import time

MAX_SHARE = 0.10
NOT_JUDGED = 2
"""Exit status where others took too much to judge and nothing else is wrong."""

PROC = Path('/proc')
USER, NICE, SYSTEM, STEAL = 0, 1, 2, 7
PARENT, FIRST_TIME, LAST_TIME = 1, 11, 15
TICKS_PER_S = os.sysconf('SC_CLK_TCK')


@dataclass(frozen=True)
class ForeignLoad:
    """Cores that others kept busy on average, of how many."""

    cores: float
    num_cores: int

    @property
    def share(self) -> float:
        """The share of all cores."""
        return self.cores / self.num_cores

    @property
    def is_too_much(self) -> bool:
        """Whether what was measured meanwhile is not to be judged."""
        return self.share > MAX_SHARE

    @property
    def sentence(self) -> str:
        """Say it beside the limit."""
        return (
            f'other processes took {self.cores:.2f} of {self.num_cores} cores '
            f'(at most {MAX_SHARE * self.num_cores:.2f})'
        )


class ForeignWatch:
    """Measures from its making to each `load`."""

    def __init__(self) -> None:
        self._cores = sorted(os.sched_getaffinity(0))
        self._begin_s = time.monotonic()
        self._begin = self._foreign_s()

    def load(self) -> ForeignLoad:
        """Return what others took since the beginning."""
        elapsed_s = max(time.monotonic() - self._begin_s, 1.0 / TICKS_PER_S)
        cores = max(0.0, self._foreign_s() - self._begin) / elapsed_s
        return ForeignLoad(cores, len(self._cores))

    def _foreign_s(self) -> float:
        return cores_s((PROC / 'stat').read_text(), self._cores) - family_s(os.getpid())


def cores_s(text: str, cores: list[int]) -> float:
    """Return the seconds of processes and of the hypervisor on `cores`, from /proc/stat."""
    wanted = {f'cpu{core}' for core in cores}
    rows = [line.split() for line in text.splitlines()]
    times = [[int(word) for word in row[1:]] for row in rows if row and row[0] in wanted]
    return sum(row[k] for row in times for k in (USER, NICE, SYSTEM, STEAL)) / TICKS_PER_S


def family_s(pid: int) -> float:
    """Return the processor seconds of a process, its descendants and those they waited for."""
    stats = dict(filter(None, map(_stat, PROC.glob('[0-9]*/stat'))))
    family, ahead = set(), {pid}
    while ahead:
        family |= ahead
        ahead = {each for each, stat in stats.items() if stat[PARENT] in ahead} - family
    return sum(sum(stats[each][FIRST_TIME:LAST_TIME]) for each in family) / TICKS_PER_S


def _stat(path: Path) -> tuple[int, list[int]] | None:
    """Return the process and the fields that follow its name, from its state on."""
    try:
        words = path.read_text().rpartition(')')[2].split()
    except OSError:
        return None  # it has just ended
    return int(path.parent.name), [0, *map(int, words[1:])]
