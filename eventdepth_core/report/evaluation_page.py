"""
report.html and metrics.json of an evaluation of a live graph; same look as those of a replay.

Laws: as for the page of a replay; without a pair the page says so at the top, with the reason.

"""

from collections.abc import Mapping
import dataclasses
from html import escape
import json
import math

from eventdepth_core.evaluation import profile_named
from eventdepth_core.report.elements import (
    cards,
    headline,
    metrics_table,
    number,
    page,
    picture,
    scale_note,
    section,
    table,
    tally,
)
from eventdepth_core.report.evaluation_summary import EvaluationSummary, GraphFacts
from eventdepth_core.report.metrics_json import plain, SCHEMA_VERSION
from eventdepth_core.report.sustained_rate import sustained_rate

TITLE = 'Live depth against its reference'
_BASELINE_NOTE = (
    'Predictions without a model on the same frames. "median of the reference" knows the answer '
    'up to one number; the fills see the measured points alone.'
)

_RATE_NOTE = (
    'Rate kept up with = 1 / (p95 of inference + p95 of publishing) of this run, no more than the '
    'rate that came where triggers were dropped for want of time, no less where none was.'
)


def evaluation_text(summary: EvaluationSummary) -> str:
    """Return the text of metrics.json, ending in a newline."""
    content: dict[str, object] = {'schema_version': SCHEMA_VERSION, 'kind': 'evaluation'}
    for field in dataclasses.fields(summary):
        if field.name != 'pictures':
            content[field.name] = plain(getattr(summary, field.name))
    content['sustained'] = plain(sustained_rate(summary))
    return json.dumps(content, indent=2, allow_nan=False) + '\n'


def evaluation_page(summary: EvaluationSummary, sheet: bytes) -> str:
    """Return the whole HTML page; `sheet` is the PNG of its frames."""
    body = [
        headline(TITLE, _subtitle(summary)),
        _note(summary),
        cards(_facts(summary)),
        section('Frames', picture(sheet, 'frames')),
        section('Accuracy', _accuracy(summary)),
        section('Trivial predictions beside it', _baselines(summary)),
        '<div class="pair">',
        section('Did it keep up with real time?', _keeping_up(summary)),
        section('Latency of the node', _latencies(summary.graph)),
        section('What entered', _entered(summary)),
        section('What met what', _pairs(summary)),
        section('What the node complained about', _findings(summary.graph)),
        section('How this was made', _origin(summary)),
        '</div>',
    ]
    return page(TITLE, body)


def _subtitle(summary: EvaluationSummary) -> str:
    return (
        f'{summary.predicted_topic} against {summary.target_topic}, '
        f'profile {summary.profile}, {summary.timing.duration_s:.1f} s from '
        f'{summary.timing.started}'
    )


def _note(summary: EvaluationSummary) -> str:
    if summary.reason:
        text = escape(summary.reason)
        return f'<section class="warn"><h2>Nothing was compared</h2>{text}</section>'
    known = {kind: num for kind, num in summary.scales.items() if kind != 'unknown'}
    return scale_note(known) if known else ''


def _facts(summary: EvaluationSummary) -> list[tuple[str, str]]:
    graph, counts = summary.graph, summary.counts
    facts = [(f'{counts.num_compared:,}', 'frames compared')]
    for name in ('abs_rel', 'delta1'):
        values = [(m.values.get(name), m.num_frames) for m in summary.metrics]
        mean = _weighted_mean(values)
        if math.isfinite(mean):
            facts.append((f'{mean:.3f}', f'{name}, mean over frames'))
    if graph.num_reports > 0:
        facts.append((f'{graph.num_frames:,} of {graph.num_triggers:,}', 'triggers gave depth'))
    if math.isfinite(summary.timing.predicted_hz):
        facts.append((f'{summary.timing.predicted_hz:.1f} Hz', 'depth images received'))
    total = next((stage for stage in graph.latencies if stage.stage == 'total'), None)
    if total is not None and math.isfinite(total.p50_ms):
        facts.append((f'{total.p50_ms:.0f} ms', 'newest packet to depth, p50'))
    return facts


def _weighted_mean(values: list[tuple[float | None, int]]) -> float:
    known = [(value, num) for value, num in values if value is not None and math.isfinite(value)]
    num_frames = sum(num for _, num in known)
    return sum(value * num for value, num in known) / num_frames if num_frames else math.nan


def _accuracy(summary: EvaluationSummary) -> str:
    if not summary.metrics:
        return 'No frame was compared.'
    rules = profile_named(summary.profile).summary
    note = f'Profile {summary.profile}: {rules}.'
    return metrics_table(summary.metrics, note)


def _baselines(summary: EvaluationSummary) -> str:
    if not summary.baselines:
        return 'None was computed.'
    return metrics_table(summary.baselines, _BASELINE_NOTE)


def _keeping_up(summary: EvaluationSummary) -> str:
    graph = summary.graph
    if graph.num_reports == 0:
        return f'Nothing came from {escape(graph.node)} on /diagnostics.'
    rows = [
        ['depth images expected (triggers)', f'{graph.num_triggers:,}'],
        ['made', f'{graph.num_frames:,}'],
        *([f'dropped: {reason}', f'{num:,}'] for reason, num in sorted(graph.drops.items())),
        ['still pending at the last report', f'{graph.num_pending:,}'],
        ['rate of the last seconds (Hz)', number(graph.rate_hz)],
    ]
    overload = graph.drops.get('overload', 0)
    verdict = 'Yes: no trigger was dropped for want of time.'
    if overload:
        share = 100 * overload / max(graph.num_triggers, 1)
        verdict = f'No: {share:.1f} % of the triggers were dropped for want of time.'
    told = escape(sustained_rate(summary).sentence)
    return (
        f'<p>{verdict}</p><p>Measured: {told}.</p>'
        + table(['', 'count'], rows)
        + f'<p class="sub">{_RATE_NOTE}</p>'
    )


def _latencies(graph: GraphFacts) -> str:
    rows = [
        [s.stage, *(number(ms) for ms in (s.p50_ms, s.p95_ms, s.p99_ms, s.max_ms))]
        for s in graph.latencies
    ]
    head = ['stage (wall time)', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms']
    note = 'Over the last 500 to 1,000 frames, as told on /diagnostics.'
    return f'{table(head, rows)}<p class="sub">{note}</p>' if rows else 'Not told.'


def _entered(summary: EvaluationSummary) -> str:
    return (
        tally('compared frames by inputs', 'frames', summary.modalities)
        + tally('by scale', 'frames', summary.scales)
        + tally('windows that lacked something', 'frames', summary.incomplete)
    )


def _pairs(summary: EvaluationSummary) -> str:
    counts = summary.counts
    rows: Mapping[str, int] = {
        'depth images received': counts.num_predicted,
        'standard deviations received': counts.num_std,
        'references received': counts.num_targets,
        'pairs': counts.num_pairs,
        'compared': counts.num_compared,
        'depth images without a reference': counts.num_unmatched_predicted,
        'references without a depth image': counts.num_unmatched_targets,
        'restarts of time': counts.num_restarts,
        **{f'refused: {reason}': num for reason, num in sorted(counts.refused.items())},
    }
    return tally('within the tolerance of stamps', 'count', rows)


def _findings(graph: GraphFacts) -> str:
    rows = [[f.part, f.level, f'{f.num_reports:,}', f.text] for f in graph.findings]
    return table(['part', 'level', 'reports', 'what'], rows) if rows else 'Nothing.'


def _origin(summary: EvaluationSummary) -> str:
    versions = summary.versions
    rows = [
        ['predicted', summary.predicted_topic],
        ['reference', summary.target_topic],
        ['tolerance of stamps', f'{summary.tolerance_ms:g} ms'],
        *([name, value] for name, value in summary.graph.engine.items()),
        ['eventdepth', versions.eventdepth],
        ['python', versions.python],
        ['numpy', versions.numpy],
        ['numba', versions.numba],
        ['onnxruntime', versions.onnxruntime],
    ]
    return table(['', ''], rows)
