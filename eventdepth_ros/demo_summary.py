"""
What the demo says at its end, from the metrics.json of the evaluator.

Law: frames expected = made + dropped (by reason) + on their way when the graph ended. At which
rate this machine keeps up is the rule of `eventdepth_core.report.sustained_rate`.

"""

from collections.abc import Mapping
from dataclasses import dataclass
import json
import math
from pathlib import Path
from typing import Any

from eventdepth_core.errors import RecordingError
from eventdepth_core.report.sustained_rate import SustainedRate
from rich.table import Table

Content = Mapping[str, Any]  # Any: JSON of our own evaluator
SHOWN_METRICS = ('abs_rel', 'rmse', 'delta1', 'coverage_1sigma')


@dataclass(frozen=True, slots=True)
class Keeping:
    """
    Whether depth kept up with the recording.

    Images expected, made, and dropped by reason; `latency_ms` the median from newest packet to
    published depth, NaN where it was not told.

    """

    num_expected: int
    num_made: int
    dropped: Mapping[str, int]
    latency_ms: float

    @property
    def kept_up(self) -> bool:
        """Whether every image that was asked for was made."""
        return 0 < self.num_expected == self.num_made

    @property
    def sentence(self) -> str:
        """Say it with the numbers."""
        reasons = ', '.join(f'{reason} {n}' for reason, n in sorted(self.dropped.items()))
        counts = (
            f'{self.num_expected} frames expected, {self.num_made} made, '
            f'{sum(self.dropped.values())} dropped{f" ({reasons})" if reasons else ""}'
        )
        num_open = self.num_expected - self.num_made - sum(self.dropped.values())
        if num_open > 0:
            counts += f', {num_open} not finished at the end'
        verdict = 'kept up with real time' if self.kept_up else 'did not keep up with real time'
        return f'{verdict}: {counts}'


def read_metrics(path: Path) -> Content:
    """
    Read the evaluator's file.

    Raises
    ------
    RecordingError
        If it is missing or no such file.

    """
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RecordingError(f'Expected the metrics of the demo in {path}: {error}') from error
    if not isinstance(content, dict) or 'graph' not in content:
        raise RecordingError(f'Expected the metrics of a graph in {path}, got something else.')
    return content


def keeping(metrics: Content) -> Keeping:
    """Return whether the depth node kept up, by its own count."""
    graph = metrics['graph']
    totals = {each['stage']: each['p50_ms'] for each in graph['latencies']}
    latency_ms = totals.get('total')
    return Keeping(
        num_expected=graph['num_triggers'],
        num_made=graph['num_frames'],
        dropped={key: value for key, value in graph['drops'].items() if value > 0},
        latency_ms=math.nan if latency_ms is None else latency_ms,
    )


def sustained(metrics: Content) -> SustainedRate:
    """Return at which rate this machine keeps up, as the evaluator has written it."""
    known = {key: value for key, value in metrics['sustained'].items() if value is not None}
    return SustainedRate(**known)


def summary_table(metrics: Content, made: Keeping) -> Table:
    """Return what is printed: frames, rate, latency, accuracy and the baselines beside."""
    table = Table(show_header=False)
    table.add_row('frames', made.sentence)
    table.add_row('rate', sustained(metrics).sentence)
    if not math.isnan(made.latency_ms):
        table.add_row('latency', f'{made.latency_ms:.0f} ms from the newest event to depth (p50)')
    for title, key in (('accuracy', 'metrics'), ('baseline', 'baselines')):
        for subset in metrics[key]:
            table.add_row(f'{title} {subset["subset"]}', _values(subset))
    if metrics['reason']:
        table.add_row('not compared', metrics['reason'])
    return table


def _values(subset: Content) -> str:
    values = subset['values']
    shown = [f'{name} {values[name]:.4f}' for name in SHOWN_METRICS if name in values]
    return f'{", ".join(shown)} ({subset["num_frames"]} frames)'
