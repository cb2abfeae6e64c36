"""
What a depth node said on /diagnostics, gathered for a report.

The names and keys are those that `eventdepth_ros.diagnostics` writes. Laws: totals are those of
the newest report; a WARN or ERROR is kept once whatever its numbers, with its newest text, its
worst level and the number of reports it stood in; at most `MAX_FINDINGS` are kept; a value that is
no number is left out.

"""

from collections.abc import Mapping
import math
import re
from typing import Final

from eventdepth_core.report.evaluation_summary import GraphFacts, GraphFinding, StageLatency
from eventdepth_ros.diagnostics import Level

MAX_FINDINGS: Final = 50
DROPPED: Final = 'dropped, '
FINDING: Final = 'finding '
LATENCY: Final = ' p50/p95/p99/max (ms)'
ENGINE_KEYS: Final = ('bundle', 'task', 'engine', 'precision', 'sha256', 'threads', 'takes')


class GraphHealth:
    """Follows the statuses of one node, by its name without the leading slash."""

    def __init__(self, node: str) -> None:
        self.node = node
        self._num_reports = 0
        self._newest: dict[str, Mapping[str, str]] = {}
        self._findings: dict[tuple[str, str], GraphFinding] = {}
        self._levels: dict[tuple[str, str], int] = {}

    def add(self, name: str, level: int, message: str, values: Mapping[str, str]) -> None:
        """Take in one status; those of other nodes are passed over."""
        node, _, part = name.partition(': ')
        if node != self.node:
            return
        self._num_reports += part == 'drops'
        self._newest[part] = values
        if level > Level.OK:
            listed = [text for key, text in values.items() if key.startswith(FINDING)]
            for text in listed or [message]:
                self._find(part, level, text)

    def facts(self) -> GraphFacts:
        """Return what the node has said so far."""
        drops, outputs = self._part('drops'), self._part('outputs')
        engine = self._part('engine')
        return GraphFacts(
            node=self.node,
            num_reports=self._num_reports,
            num_triggers=_count(drops.get('triggers')),
            num_frames=_count(drops.get('frames')),
            num_pending=_count(drops.get('pending')),
            drops={
                key.removeprefix(DROPPED): _count(value)
                for key, value in drops.items()
                if key.startswith(DROPPED)
            },
            rate_hz=_number(outputs.get('rate (Hz)')),
            engine={key: engine[key] for key in ENGINE_KEYS if key in engine},
            latencies=self._latencies(),
            findings=self._listed(),
        )

    def _part(self, part: str) -> Mapping[str, str]:
        return self._newest.get(part, {})

    def _latencies(self) -> tuple[StageLatency, ...]:
        found = []
        for key, text in self._part('latency').items():
            values_ms = [_number(word) for word in text.split()]
            if key.endswith(LATENCY) and len(values_ms) == 4:
                found.append(StageLatency(key.removesuffix(LATENCY), *values_ms))
        return tuple(found)

    def _find(self, part: str, level: int, text: str) -> None:
        key = (part, re.sub(r'\d[\d.,]*', '#', text))
        if key not in self._findings and len(self._findings) >= MAX_FINDINGS:
            return
        num = self._findings[key].num_reports if key in self._findings else 0
        self._levels[key] = max(level, self._levels.get(key, level))
        self._findings[key] = GraphFinding(part, _level_name(self._levels[key]), text, num + 1)

    def _listed(self) -> tuple[GraphFinding, ...]:
        keys = sorted(
            self._findings,
            key=lambda key: (-self._levels[key], -self._findings[key].num_reports),
        )
        return tuple(self._findings[key] for key in keys)


def _level_name(level: int) -> str:
    return Level(level).name if level in tuple(Level) else str(level)


def _count(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else math.nan
    except ValueError:
        return math.nan
