"""Table, figure and JSON of `realism`: statistics only, no picture of a recording."""

from dataclasses import dataclass
import json
from pathlib import Path

import numpy as np
from training.simulate.event_statistics import EventStatistics

_COLUMNS = (
    'recording',
    'what',
    'events/px/s',
    'ON share',
    'gap ms 10/50/90 %',
    'gap distance',
    'events/passage',
    'alone Hz/px',
    'still Hz/px',
    'pixels of half the events',
    'rate ratio',
    'correlation sharp / blurred',
)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the table; NaN where a number has no meaning."""

    recording: str
    what: str
    statistics: EventStatistics
    gap_distance: float = np.nan
    rate_ratio: float = np.nan
    sharp_correlation: float = np.nan
    blurred_correlation: float = np.nan
    fit: str = ''

    @property
    def is_real(self) -> bool:
        """Whether these are measured events."""
        return self.what.startswith('real')

    def cells(self) -> list[str]:
        """Return the texts of the columns."""
        numbers = self.statistics
        gaps = ' / '.join(f'{numbers.gap_ms(quantile):.1f}' for quantile in (0.1, 0.5, 0.9))
        return [
            self.recording,
            self.what,
            f'{numbers.rate_hz:.2f}',
            f'{numbers.on_share:.3f}',
            gaps,
            _text(self.gap_distance),
            f'{numbers.passage_events:.2f}',
            f'{numbers.alone_hz:.3f}',
            f'{numbers.static_hz:.3f}',
            f'{numbers.half_share:.3f}',
            _text(self.rate_ratio),
            ''
            if np.isnan(self.sharp_correlation)
            else f'{self.sharp_correlation:.2f} / {self.blurred_correlation:.2f}',
        ]


def write_report(rows: list[Row], folder: Path) -> None:
    """Write realism.md, realism.json and realism.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'realism.md').write_text(table_text(rows))
    listed = [dict(zip(_COLUMNS, row.cells(), strict=True)) | {'fit': row.fit} for row in rows]
    (folder / 'realism.json').write_text(json.dumps(listed, indent=2) + '\n')
    draw(rows, folder / 'realism.png')


def table_text(rows: list[Row]) -> str:
    """Return the table as Markdown."""
    lines = [_COLUMNS, ('---',) * len(_COLUMNS), *(row.cells() for row in rows)]
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)


def draw(rows: list[Row], path: Path) -> None:
    """Draw for each recording the distribution of times between events, real and simulated."""
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row.recording for row in rows if row.is_real))
    figure = Figure(figsize=(3.2 * len(names), 5.4), layout='constrained')
    panels = figure.subplots(2, len(names), squeeze=False)
    edges_ms = np.geomspace(0.1, 400.0, 40)
    for column, name in enumerate(names):
        chosen = [row for row in rows if row.recording == name][:2]
        upper, lower = panels[0, column], panels[1, column]
        for row in chosen:
            label = 'real' if row.is_real else 'simulated'
            weights = np.full(row.statistics.gaps_us.size, 1 / max(1, row.statistics.gaps_us.size))
            upper.hist(
                row.statistics.gaps_us * 1e-3,
                edges_ms,
                weights=weights,
                histtype='step',
                linewidth=1.6,
                label=label,
            )
        upper.set_xscale('log')
        upper.set_title(name, fontsize=10)
        upper.set_xlabel('time between events of a pixel, ms')
        upper.set_ylabel('share')
        upper.legend(fontsize=8)
        _bars(lower, chosen)
    figure.savefig(path, dpi=110)


def _bars(panel: object, rows: list[Row]) -> None:
    """Draw simulated / real of each number on a log axis."""
    from matplotlib.axes import Axes

    if not isinstance(panel, Axes) or len(rows) < 2:
        return
    real, simulated = (row.statistics for row in rows)
    names = ('rate_hz', 'on_share', 'passage_events', 'alone_hz', 'static_hz', 'half_share')
    labels = ('rate', 'ON share', 'per passage', 'alone', 'still', 'spread')
    pairs = [(getattr(simulated, name), getattr(real, name)) for name in names]
    ratios = [one / other if other > 0 and one > 0 else np.nan for one, other in pairs]
    panel.axhline(1.0, color='grey', linewidth=0.8)
    panel.plot(range(len(names)), ratios, 'o', color='C1')
    panel.set_yscale('log')
    panel.set_ylim(0.03, 30.0)
    panel.set_xticks(range(len(names)), labels, rotation=40, fontsize=8)
    panel.set_ylabel('simulated / real')


def _text(number: float) -> str:
    return '' if np.isnan(number) else f'{number:.2f}'
