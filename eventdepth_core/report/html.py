"""
report.html: one self-contained page about a replay.

Laws: nothing is loaded from elsewhere (pictures are embedded), every text from the recording is
escaped, and a scale that nobody measured is called guessed at the top of the page.

"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
import math

from eventdepth_core.report.figures import contact_sheet, latency_chart, rate_chart
from eventdepth_core.report.metrics_json import PROFILE
from eventdepth_core.report.summary import ReplaySummary

_STYLE = """
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
_METRIC_COLUMNS = (
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


def report_page(summary: ReplaySummary) -> str:
    """Return the whole HTML page of a replay."""
    name = escape(summary.recording.name)
    body = [
        f'<h1>{name}</h1><p class="sub">{escape(_subtitle(summary))}</p>',
        _scale_note(summary),
        _cards(summary),
        _section('Frames', _picture(contact_sheet(summary.pictures), 'frames')),
        _section('Accuracy against the reference of the recording', _metrics(summary)),
        '<div class="pair">',
        _section('Event rate', _picture(rate_chart(summary.rate), 'event rate')),
        _section('Latency', _picture(latency_chart(summary.total_ms), 'latency')),
        '</div><div class="pair">',
        _section('Stages', _stages(summary)),
        _section('Speed on one core', _speed(summary)),
        _section('What entered', _entered(summary)),
        _section('Drops and discontinuities', _losses(summary)),
        _section('Recording and camera', _recording(summary)),
        _section('How this was made', _origin(summary)),
        '</div>',
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}: depth</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f'<body><main>{"".join(body)}</main></body></html>\n'
    )


def _subtitle(summary: ReplaySummary) -> str:
    bundle, recording = summary.bundle, summary.recording
    played = f'{recording.played_s:.2f} s of a' if recording.played_s > 0 else 'A'
    return (
        f'{played} {recording.kind} recording through {bundle.name} {bundle.version}, '
        f'camera from: {summary.camera.source}'
    )


def _scale_note(summary: ReplaySummary) -> str:
    if not summary.scales:
        return '<section class="warn"><h2>No frames</h2>No estimate was made; see drops.</section>'
    kinds = list(summary.scales)
    style, title, text = _SCALE_NOTES[kinds[0]] if len(kinds) == 1 else _MIXED_NOTE
    assumed = summary.camera.source == 'assumed'
    more = ' The camera is assumed, which scales every depth as well.' if assumed else ''
    return f'<section class="{style}"><h2>{title}</h2>{text}{more}</section>'


def _cards(summary: ReplaySummary) -> str:
    timing, counts = summary.timing, summary.counts
    total = next((s for s in timing.stages if s.stage == 'total'), None)
    cards = [(f'{counts.num_frames:,}', 'frames')]
    if counts.num_events > 0:
        cards.append((f'{counts.num_events:,}', 'events'))
    for factor, what in (
        (timing.real_time_factor_accumulate, 'bytes to tensor'),
        (timing.real_time_factor_all, 'everything'),
    ):
        if math.isfinite(factor):
            cards.append((_times(factor), f'real time on one core, {what}'))
    if total is not None:
        cards.append((f'{total.p50_ms:.1f} ms', 'one estimate, p50'))
    cards.append((f'{sum(summary.drops.values()):,}', 'drops'))
    inner = ''.join(f'<div class="card"><b>{a}</b><span>{b}</span></div>' for a, b in cards)
    return f'<div class="cards">{inner}</div>'


def _metrics(summary: ReplaySummary) -> str:
    if not summary.metrics:
        return 'The recording carries no reference depth at the times of the frames.'
    rows = [
        [m.subset, str(m.num_frames), *(_number(m.values.get(key)) for key in _METRIC_COLUMNS)]
        for m in summary.metrics
    ]
    table = _table(['inputs', 'frames', *_METRIC_COLUMNS], rows)
    return f'{table}<p class="sub">Profile {PROFILE}: no alignment, mean over frames.</p>'


def _stages(summary: ReplaySummary) -> str:
    rows = [
        [s.stage, f'{s.num_runs:,}', f'{s.p50_ms:.3f}', f'{s.p95_ms:.3f}', f'{s.max_ms:.3f}']
        for s in summary.timing.stages
    ]
    return _table(['stage (wall time)', 'runs', 'p50 ms', 'p95 ms', 'max ms'], rows)


def _speed(summary: ReplaySummary) -> str:
    timing = summary.timing
    rows = [[name, f'{timing.cpu_s[name]:.3f}', f'{timing.wall_s[name]:.3f}']
            for name in timing.cpu_s]  # fmt: skip
    facts = [
        ['decode + accumulate', _times(timing.real_time_factor_accumulate)],
        ['decode + accumulate + estimate', _times(timing.real_time_factor_all)],
        ['events accumulated per CPU second', _rate(timing.accumulated_events_per_s)],
        ['events recorded per second', _rate(timing.recorded_events_per_s)],
    ]
    cores = f'{timing.threads} inference threads on {timing.cores} cores, started {timing.started}'
    return (
        _table(['', 'multiple of real time'], facts)
        + _table(['stage', 'CPU s', 'wall s'], rows)
        + f'<p class="sub">{escape(cores)}</p>'
    )


def _entered(summary: ReplaySummary) -> str:
    return (
        _tally('frames by inputs', 'frames', summary.modalities)
        + _tally('frames by scale', 'frames', summary.scales)
        + _tally('windows that lacked something', 'frames', summary.incomplete)
    )


def _losses(summary: ReplaySummary) -> str:
    jumps = summary.discontinuities
    shown = ', '.join(str(stamp_us) for stamp_us in jumps[:20])
    listed = f' at {shown} µs{" ..." if len(jumps) > 20 else ""}' if jumps else ''
    counts, met = summary.counts, summary.counts.decoding
    between = [
        ['gaps in the sequence of packets', f'{counts.num_sequence_gaps:,}'],
        ['jumps in time, of any stream', f'{counts.num_discontinuities:,}'],
    ]
    rows = [
        ['reserved words skipped', f'{met.num_reserved:,}'],
        ['events outside the sensor', f'{met.num_out_of_sensor:,}'],
        ['events before the first time word', f'{met.num_before_time:,}'],
        ['events before the first address', f'{met.num_before_address:,}'],
        ['small backward time steps', f'{met.num_backward_steps:,}'],
        ['surplus bytes', f'{met.num_dropped_bytes:,}'],
    ]
    return (
        _tally('dropped, by reason', 'times', summary.drops)
        + f'<p>Discontinuities: {len(jumps)}{listed}.</p>'
        + _table(['between the packets', 'times'], between)
        + _table(['inside the packets', 'times'], rows)
    )


def _recording(summary: ReplaySummary) -> str:
    counts, camera = summary.counts, summary.camera.camera
    rows = [
        [s.name, s.type_name, s.topic, s.encoding, _size(s.width, s.height)]
        for s in summary.recording.streams
    ]
    read = {
        'event packets': counts.num_packets,
        'events ON': counts.num_events_on,
        'events OFF': counts.num_events_off,
        'trigger events': counts.num_triggers,
        'images': counts.num_images,
        'point clouds': counts.num_points,
        'poses': counts.num_poses,
        'reference depths': counts.num_references,
    }
    lens = ', '.join(f'{k:.4g}' for k in camera.distortion) or 'none'
    facts = [
        ['camera from', summary.camera.source],
        ['size', f'{camera.width} x {camera.height}'],
        ['fx fy cx cy', f'{camera.fx:.2f} {camera.fy:.2f} {camera.cx:.2f} {camera.cy:.2f}'],
        ['distortion of the output', lens],
    ]
    return (
        _table(['stream', 'type', 'topic or file', 'encoding', 'size'], rows)
        + _tally('read', 'count', read)
        + _table(['camera', ''], facts)
    )


def _origin(summary: ReplaySummary) -> str:
    bundle, versions = summary.bundle, summary.versions
    rows = [
        ['bundle', f'{bundle.name} {bundle.version} ({bundle.task})'],
        ['engine', bundle.engine],
        *([name, _option(value)] for name, value in summary.options.items()),
        ['eventdepth', versions.eventdepth],
        ['python', versions.python],
        ['numpy', versions.numpy],
        ['numba', versions.numba],
        ['onnxruntime', versions.onnxruntime],
    ]
    return _table(['', ''], rows)


def _tally(title: str, unit: str, tally: Mapping[str, int]) -> str:
    if not tally:
        return _table([title, unit], [['none', '']])
    return _table([title, unit], [[name, f'{tally[name]:,}'] for name in tally])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = ''.join(f'<th>{escape(cell)}</th>' for cell in head)
    body = ''.join(
        '<tr>' + ''.join(f'<td>{escape(cell)}</td>' for cell in row) + '</tr>' for row in rows
    )
    return f'<table><tr>{top}</tr>{body}</table>'


def _section(title: str, inner: str) -> str:
    return f'<section><h2>{escape(title)}</h2>{inner}</section>'


def _picture(png: bytes, alternative: str) -> str:
    encoded = base64.b64encode(png).decode('ascii')
    return f'<img alt="{escape(alternative)}" src="data:image/png;base64,{encoded}">'


def _option(value: object) -> str:
    return ', '.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _size(width: int | None, height: int | None) -> str:
    return '' if width is None or height is None else f'{width} x {height}'


def _number(value: float | None) -> str:
    return '-' if value is None or not math.isfinite(value) else f'{value:.4g}'


def _times(factor: float) -> str:
    return f'{factor:.3g} x' if math.isfinite(factor) else '-'


def _rate(per_s: float) -> str:
    return f'{per_s / 1e6:.2f} million' if math.isfinite(per_s) else '-'
