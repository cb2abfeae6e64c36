"""
The statuses of engine, middleware and resources of the node's own process.

Laws: where the system tells nothing (no /proc) a number is unknown, not zero; a QoS mismatch is
told until the topic delivers something.

"""

from dataclasses import dataclass
import os
from pathlib import Path
import resource
from typing import Final

from eventdepth_ros.diagnostics.facts import EngineFacts
from eventdepth_ros.diagnostics.hysteresis import Hysteresis, Level, Thresholds
from eventdepth_ros.diagnostics.messages import Finding, finding
from eventdepth_ros.diagnostics.moment import Moment
from eventdepth_ros.diagnostics.rates import CounterRate
from eventdepth_ros.diagnostics.status import number, Status, status_of

FAILURES_IN_A_ROW: Final = 3
POLICIES: Final = ('reliability', 'durability', 'deadline', 'liveliness', 'history', 'lifespan')
FIRST_LOSS_S: Final = 1.0
"""The first report tells of a loss in about the last second."""

LOST_PER_S: Final = Thresholds(0.0, 0.0, 50.0, 20.0, raise_s=0.0)
FILES_SHARE: Final = Thresholds(0.8, 0.7, 0.95, 0.9)
MEMORY_SHARE: Final = Thresholds(0.6, 0.5, 0.9, 0.8)
KIB_PER_MIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Resources:
    """What the process holds; None where the system does not tell."""

    rss_mib: float | None = None
    memory_mib: float | None = None
    num_threads: int | None = None
    num_files: int | None = None
    max_files: int | None = None


class EnginePart:
    """What runs the model, and whether it does."""

    def __init__(self) -> None:
        self.facts = EngineFacts()
        self._num_failed_in_a_row = 0
        self._num_failed = 0
        self._reason = ''

    def failed(self, reason: str) -> None:
        """Note an estimate that failed."""
        self._num_failed += 1
        self._num_failed_in_a_row += 1
        self._reason = reason

    def worked(self) -> None:
        """Note an estimate that did not fail."""
        self._num_failed_in_a_row = 0

    def status(self) -> Status:
        """Return the status of the engine."""
        facts, found = self.facts, []
        if facts.state == 'failed':
            found.append(finding('engine.failed', reason=facts.reason))
        if self._num_failed_in_a_row >= FAILURES_IN_A_ROW:
            num = self._num_failed_in_a_row
            found.append(finding('engine.frames_failed', num=num, reason=self._reason))
        values = [
            ('state', facts.state),
            ('bundle', f'{facts.bundle} {facts.version}'.strip() or '-'),
            ('task', facts.task or '-'),
            ('engine', facts.engine or '-'),
            ('precision', facts.precision or '-'),
            ('sha256', facts.sha256 or '-'),
            ('threads', str(facts.num_threads)),
            ('takes', '+'.join(facts.modalities) or '-'),
            ('failed estimates', str(self._num_failed)),
        ]
        name = f'{facts.bundle} on {facts.engine}' if facts.state == 'ready' else facts.state
        return status_of('engine', found, values, ok_message=name)


class QosPart:
    """Mismatches and losses that the middleware has reported, by topic."""

    def __init__(self) -> None:
        self._mismatches: dict[str, tuple[str, int]] = {}
        self._lost: dict[str, int] = {}
        self._losses: dict[str, CounterRate] = {}
        self._levels: dict[str, Hysteresis] = {}

    def incompatible(self, topic: str, policy: str, total: int) -> None:
        """Note how many peers of a topic asked for or offered another policy."""
        self._mismatches[topic] = (policy, total)

    def delivered(self, topic: str) -> None:
        """Note that a topic delivers after all."""
        self._mismatches.pop(topic, None)

    def lost(self, topic: str, total: int) -> None:
        """Note how many messages of a topic the middleware has lost so far."""
        self._lost[topic] = total

    def status(self, moment: Moment) -> Status:
        """Return the status of the middleware."""
        found = [
            finding('qos.incompatible', topic=topic, policy=policy)
            for topic, (policy, _) in sorted(self._mismatches.items())
        ]
        for topic, total in sorted(self._lost.items()):
            found += self._loss(topic, total, moment)
        values = [
            *(
                (f'{topic}: incompatible {p}', str(n))
                for topic, (p, n) in self._mismatches.items()
            ),
            *((f'{topic}: lost', str(total)) for topic, total in sorted(self._lost.items())),
        ]
        return status_of('qos', found, values, ok_message='nothing lost, all peers fit')

    def _loss(self, topic: str, total: int, moment: Moment) -> list[Finding]:
        if topic not in self._losses:
            self._losses[topic] = CounterRate()
            self._losses[topic].update(0, moment.now_s - FIRST_LOSS_S)
        losses = self._losses[topic]
        losses.update(total, moment.now_s)
        level = self._levels.setdefault(topic, Hysteresis(LOST_PER_S))
        now = level.update(losses.per_second, moment.now_s)
        if now == Level.OK:
            return []
        return [finding('qos.lost', now, topic=topic, num=total)]


class ResourcesPart:
    """Memory, threads and files of this process."""

    def __init__(self) -> None:
        self._files = Hysteresis(FILES_SHARE)
        self._memory = Hysteresis(MEMORY_SHARE)

    def status(self, moment: Moment, held: Resources) -> Status:
        """Return the status of the resources."""
        found = []
        files_share = _share(held.num_files, held.max_files)
        level = self._files.update(files_share, moment.now_s)
        if level > Level.OK:
            counts = {'num': held.num_files, 'limit': held.max_files}
            found.append(finding('resources.files', level, **counts))
        memory_share = _share(held.rss_mib, held.memory_mib)
        level = self._memory.update(memory_share, moment.now_s)
        if level > Level.OK:
            percent = number(100 * memory_share, 0)
            rss_mib = number(held.rss_mib, 0)
            found.append(
                finding('resources.memory', level, rss_mib=rss_mib, share_percent=percent)
            )
        values = [
            ('memory (MiB)', number(held.rss_mib)),
            ('threads', number(held.num_threads, 0)),
            ('open files', number(held.num_files, 0)),
        ]
        return status_of('resources', found, values, ok_message=f'{number(held.rss_mib, 0)} MiB')


def policy_in(sentence: str) -> str:
    """Return the QoS policy that a sentence names, 'policy' where it names none."""
    return next((policy for policy in POLICIES if policy in sentence), 'policy')


def read_resources(proc: Path = Path('/proc')) -> Resources:
    """Return what this process holds now."""
    own = _fields(proc / 'self' / 'status')
    memory_kib = _fields(proc / 'meminfo').get('MemTotal')
    rss_kib, threads = own.get('VmRSS'), own.get('Threads')
    return Resources(
        rss_mib=None if rss_kib is None else rss_kib / KIB_PER_MIB,
        memory_mib=None if memory_kib is None else memory_kib / KIB_PER_MIB,
        num_threads=threads,
        num_files=_num_files(proc / 'self' / 'fd'),
        max_files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    )


def _fields(path: Path) -> dict[str, int]:
    """Return the first number of each line 'Name:  123 kB'."""
    try:
        lines = path.read_text(encoding='ascii', errors='replace').splitlines()
    except OSError:
        return {}
    split = (line.split(':', 1) for line in lines if ':' in line)
    words = {name: rest.split() for name, rest in split}
    return {name: int(parts[0]) for name, parts in words.items() if parts and parts[0].isdigit()}


def _num_files(folder: Path) -> int | None:
    try:
        return len(os.listdir(folder))  # noqa: PTH208 - no Path object per open file
    except OSError:
        return None


def _share(part: float | None, whole: float | None) -> float:
    return part / whole if part is not None and whole else 0.0
