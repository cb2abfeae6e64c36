"""
report.html and evaluation.json of a comparison: numbers, the rules beside them, curves, pictures.

Laws: as for the page of a replay; every figure stands beside its profile, its averaging and the
share of pixels behind it.

"""

from collections.abc import Mapping, Sequence
import dataclasses
from html import escape
import json
import math

from eventdepth_core.report.comparison.figures import (
    coverage_chart,
    distance_chart,
    sparsification_chart,
    worst_sheet,
)
from eventdepth_core.report.comparison.plain_arrays import plain
from eventdepth_core.report.comparison.result import ComparisonSummary, RunResult
from eventdepth_core.report.elements import cards, headline, number, page, picture, section, table
from eventdepth_core.report.metrics_json import SCHEMA_VERSION

TITLE = 'Depth against its reference'
COLUMNS = (
    'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'silog', 'log10', 'delta1', 'delta2', 'delta3', 'mae',
    'imae', 'irmse', 'ause', 'coverage_1sigma', 'temporal_log_error', 'coverage', 'n',
)  # fmt: skip
DISPARITY_COLUMNS = ('mae', 'pe1', 'pe2', 'rmse', 'abs_rel', 'ause', 'coverage_1sigma',
                     'temporal_log_error', 'coverage', 'n')  # fmt: skip
LOWER_IS_BETTER = frozenset(COLUMNS[:6] + COLUMNS[9:13]) | {'temporal_log_error', 'pe1', 'pe2'}
HIGHER_IS_BETTER = frozenset({'delta1', 'delta2', 'delta3'})
CUT_OFF_MEASURES = ('mae', 'abs_rel', 'delta1', 'share')


def comparison_text(summary: ComparisonSummary) -> str:
    """Return the text of evaluation.json, ending in a newline."""
    content: dict[str, object] = {'schema_version': SCHEMA_VERSION, 'kind': 'comparison'}
    for field in dataclasses.fields(summary):
        content[field.name] = plain(getattr(summary, field.name), leave_out=('worst',))
    return json.dumps(content, indent=2, allow_nan=False) + '\n'


def comparison_page(summary: ComparisonSummary) -> str:
    """Return the whole HTML page."""
    runs, unit = summary.runs, 'px' if summary.quantity == 'disparity' else 'm'
    rules = runs[0].statement.summary if runs else ''
    body = [
        headline(TITLE, f'{summary.target}, profile {summary.profile}: {rules}'),
        cards(_facts(summary)),
        section('Accuracy', _accuracy(summary)),
        section('How to read these numbers', _statements(runs)),
        section(f'Error against distance ({unit})', picture(distance_chart(runs, unit), 'errors')),
        section('By what entered', _subsets(runs)),
        '<div class="pair">',
        section('Expected and observed coverage', picture(coverage_chart(runs), 'coverage')),
        section('Calibration', _calibration(runs)),
        '</div>',
        section('Sparsification', picture(sparsification_chart(runs), 'sparsification') + _NOTE),
        *(
            section(f'Worst frames of {run.name}', picture(worst_sheet(run.worst, unit), 'worst'))
            for run in runs
        ),
        section('How this was made', _origin(summary)),
    ]
    return page(TITLE, body)


_NOTE = (
    '<p class="sub">Solid: the pixels with the largest predicted deviation are removed first; '
    'dashed: those with the largest error. AUSE is the area between.</p>'
)


def _facts(summary: ComparisonSummary) -> list[tuple[str, str]]:
    keys = ('mae', 'pe1') if summary.quantity == 'disparity' else ('abs_rel', 'delta1')
    facts = [(f'{summary.runs[0].num_pairs:,}', 'pairs of the first run')]
    for run in summary.runs[:4]:
        facts += [(number(run.metrics.get(key)), f'{key}, {escape(run.name)}') for key in keys]
    return facts


def _accuracy(summary: ComparisonSummary) -> str:
    keys = DISPARITY_COLUMNS if summary.quantity == 'disparity' else COLUMNS
    columns = {run.name: run.metrics for run in summary.runs}
    best = _best(list(columns.values()), keys)
    columns |= _baselines(summary.runs)
    cells = [[key, *(_cell(metrics, key, best) for metrics in columns.values())] for key in keys]
    return table(['', *columns], cells) + _cut_offs(summary.runs) + _BEST


def _baselines(runs: Sequence[RunResult]) -> dict[str, Mapping[str, float]]:
    """Return trivial predictions by name; those on the same pixels once."""
    found: dict[str, Mapping[str, float]] = {}
    for run in runs:
        for base in run.baselines:
            if all(base.values['abs_rel'] != known['abs_rel'] for known in found.values()):
                name = base.subset if not found else f'{base.subset}, pixels of {run.name}'
                found[name] = base.values
    return found


_BEST = (
    '<p class="sub">* best of the runs. "median of each target" knows the answer up to one '
    'number. coverage is the share of the judged pixels that were predicted: errors of runs '
    'that leave pixels out are not comparable with those of others.</p>'
)


def _cell(metrics: Mapping[str, float], key: str, best: Mapping[str, float]) -> str:
    value = metrics.get(key)
    if key == 'n' and value is not None:
        return f'{value:,.0f}'
    mark = (
        '\N{NO-BREAK SPACE}*' if value is not None and key in best and value == best[key] else ''
    )
    return number(value) + mark


def _best(rows: Sequence[Mapping[str, float]], columns: Sequence[str]) -> dict[str, float]:
    """Return the best value of each measure that has one, where there are several runs."""
    best: dict[str, float] = {}
    for key in columns if len(rows) > 1 else ():
        values = [row[key] for row in rows if math.isfinite(row.get(key, math.nan))]
        if values and key in LOWER_IS_BETTER:
            best[key] = min(values)
        elif values and key in HIGHER_IS_BETTER:
            best[key] = max(values)
    return best


def _cut_offs(runs: Sequence[RunResult]) -> str:
    names = [key[len('share_') :] for key in runs[0].metrics if key.startswith('share_')]
    if not names:
        return ''
    rows = [
        [f'{measure}_{name}', *(number(run.metrics.get(f'{measure}_{name}')) for run in runs)]
        for measure in CUT_OFF_MEASURES
        for name in names
    ]
    title = f'<h2>Up to a distance ({escape(runs[0].statement.cut_offs)})</h2>'
    return title + table(['', *(run.name for run in runs)], rows)


def _statements(runs: Sequence[RunResult]) -> str:
    rows: dict[str, list[str]] = {}
    for run in runs:
        for name, value in _stated(run).items():
            rows.setdefault(name, []).append(value)
    cells = [[name, *values] for name, values in rows.items()]
    return table(['', *(run.name for run in runs)], cells)


def _stated(run: RunResult) -> dict[str, str]:
    """Return what is printed beside the numbers of a run."""
    said, origin = run.statement, run.statement.provenance
    dropped = ', '.join(f'{reason}: {num:,}' for reason, num in said.dropped_frames.items())
    latency = (
        f'{origin.latency_p50_ms:.1f} / {origin.latency_p95_ms:.1f} ms'
        if math.isfinite(origin.latency_p50_ms)
        else ''
    )
    told = {
        'profile': said.profile,
        'frames used': f'{said.num_frames_used:,}',
        'frames dropped': dropped or 'none',
        'frames that reuse the one before': f'{said.num_frames_reused:,}',
        'used pixels of all': _percent(said.valid_fraction),
        'used pixels of those judged': _percent(said.coverage),
        'alignment': said.alignment,
        'averaging': said.averaging,
        'cut-offs': said.cut_offs,
        'ause': said.ause,
        'model': origin.model,
        'modalities': origin.subset,
        'sampler steps': '' if origin.steps is None else str(origin.steps),
        'precision': origin.precision,
        'engine': origin.engine,
        'device': origin.device,
        'latency of an estimate p50 / p95': latency,
        'dropped messages': '' if origin.num_dropped is None else f'{origin.num_dropped:,}',
    }
    return {name: value or 'not told' for name, value in told.items()}


def _percent(share: float) -> str:
    return f'{100 * share:.1f} %' if math.isfinite(share) else '-'


def _subsets(runs: Sequence[RunResult]) -> str:
    columns = ('abs_rel', 'rmse', 'silog', 'delta1', 'mae', 'ause', 'coverage_1sigma', 'coverage')
    rows = [
        [
            run.name,
            each.subset,
            f'{each.num_frames:,}',
            *(number(each.values.get(column)) for column in columns),
        ]
        for run in runs
        for each in run.subsets
    ]
    if not rows:
        return 'The predictions do not say what they were made of.'
    return table(['run', 'inputs', 'frames', *columns], rows)


def _calibration(runs: Sequence[RunResult]) -> str:
    rows = []
    for run in runs:
        areas = {curve.error: curve.ause for curve in run.sparsification}
        gap = math.nan if run.coverage is None else run.coverage.calibration_error
        rows.append(
            [
                run.name,
                _percent(run.metrics.get('coverage_1sigma', math.nan)),
                _percent(gap),
                number(areas.get('abs_rel')),
                number(areas.get('rmse')),
            ]
        )
    head = ['', 'within 1 sigma (68.3 %)', 'mean gap', 'AUSE abs_rel', 'AUSE rmse']
    note = (
        'Above the diagonal the deviations told are too large, below it too small. The curve '
        'takes errors as normally distributed.'
    )
    return f'{table(head, rows)}<p class="sub">{note}</p>'


def _origin(summary: ComparisonSummary) -> str:
    versions = summary.versions
    rows = [
        ['target', summary.target],
        *([f'predictions of {run.name}', run.predicted] for run in summary.runs),
        *(
            [f'switch {name}', value]
            for name, value in (summary.runs[0].statement.switches if summary.runs else {}).items()
        ),
        ['eventdepth', versions.eventdepth],
        ['python', versions.python],
        ['numpy', versions.numpy],
    ]
    return table(['', ''], rows)
