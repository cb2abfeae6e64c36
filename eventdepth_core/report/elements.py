"""
Parts of a self-contained page: style, tables, cards, pictures, the note about the scale.

Laws: nothing is loaded from elsewhere (pictures are embedded); every text that is passed as a
cell, a title or a name is escaped.

"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
import math

from eventdepth_core.report.summary import SubsetMetrics

STYLE = """
:root { color-scheme: light; --ink: #1f2430; --soft: #5b6472; --line: #dfe3ea; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #f5f6f8; margin: 0; }
main { max-width: 1180px; margin: 0 auto; padding: 24px; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 17px; margin: 0 0 10px; }
.sub { color: var(--soft); margin: 0 0 18px; }
section { background: #fff; border: 1px solid var(--line); border-radius: 8px;
  padding: 16px 18px; margin: 0 0 16px; overflow-x: auto; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px;
  margin: 0 0 16px; }
.card { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.card b { display: block; font-size: 21px; } .card span { color: var(--soft); font-size: 13px; }
.note { border-left: 5px solid #15803d; } .warn { border-left: 5px solid #c2410c; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 9px 3px 0; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 600; }
td { overflow-wrap: break-word; } img { max-width: 100%; height: auto; display: block; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 16px; }
"""
METRIC_COLUMNS = (
    'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'silog', 'delta1', 'delta2', 'delta3', 'mae',
    'ause', 'coverage_1sigma',
)  # fmt: skip
_SCALE_NOTES = {
    'metric': ('note', 'Metric scale', 'Measured points set the metres of every frame.'),
    'prior': (
        'warn',
        'Guessed scale',
        'No sensor measured a distance: the metres come from what the bundle saw in training. '
        'Read the layout (what is nearer than what); do not rely on the metres.',
    ),
    'relative': ('warn', 'Arbitrary unit', 'This bundle estimates depth up to a factor.'),
}
_MIXED_NOTE = (
    'warn',
    'The scale differs by frame',
    'Some frames had measured points and some had none; the guessed ones are marked.',
)


def page(title: str, body: Sequence[str]) -> str:
    """Return a whole HTML page of `body`, already HTML."""
    name = escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}: depth</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f'<body><main>{"".join(body)}</main></body></html>\n'
    )


def headline(title: str, subtitle: str) -> str:
    """Return the top line of a page and what stands below it."""
    return f'<h1>{escape(title)}</h1><p class="sub">{escape(subtitle)}</p>'


def scale_note(scales: Mapping[str, int], *, is_assumed: bool = False) -> str:
    """Return what the scale of the frames, by kind, and an assumed camera mean for a reader."""
    if not scales:
        return '<section class="warn"><h2>No frames</h2>No estimate was made; see drops.</section>'
    kinds = list(scales)
    style, title, text = _SCALE_NOTES[kinds[0]] if len(kinds) == 1 else _MIXED_NOTE
    more = ' The camera is assumed, which scales every depth as well.' if is_assumed else ''
    return f'<section class="{style}"><h2>{title}</h2>{text}{more}</section>'


def cards(facts: Iterable[tuple[str, str]]) -> str:
    """Return large numbers with what they are."""
    inner = ''.join(f'<div class="card"><b>{a}</b><span>{b}</span></div>' for a, b in facts)
    return f'<div class="cards">{inner}</div>'


def metrics_table(metrics: Sequence[SubsetMetrics], note: str) -> str:
    """Return the metrics of each subset of inputs, and below them how they were taken."""
    rows = [
        [m.subset, str(m.num_frames), *(number(m.values.get(key)) for key in METRIC_COLUMNS)]
        for m in metrics
    ]
    head = ['inputs', 'frames', *METRIC_COLUMNS]
    return f'{table(head, rows)}<p class="sub">{escape(note)}</p>'


def tally(title: str, unit: str, tally: Mapping[str, int]) -> str:
    """Return counts by name as a table."""
    if not tally:
        return table([title, unit], [['none', '']])
    return table([title, unit], [[name, f'{tally[name]:,}'] for name in tally])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are text."""
    top = ''.join(f'<th>{escape(cell)}</th>' for cell in head)
    body = ''.join(
        '<tr>' + ''.join(f'<td>{escape(cell)}</td>' for cell in row) + '</tr>' for row in rows
    )
    return f'<table><tr>{top}</tr>{body}</table>'


def section(title: str, inner: str) -> str:
    """Return a framed part of the page; `inner` is HTML."""
    return f'<section><h2>{escape(title)}</h2>{inner}</section>'


def picture(png: bytes, alternative: str) -> str:
    """Return an embedded PNG."""
    encoded = base64.b64encode(png).decode('ascii')
    return f'<img alt="{escape(alternative)}" src="data:image/png;base64,{encoded}">'


def number(value: float | None) -> str:
    """Return a number with four digits, `-` where it is none."""
    return '-' if value is None or not math.isfinite(value) else f'{value:.4g}'
