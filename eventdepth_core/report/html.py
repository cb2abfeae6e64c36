"""
report.html: one self-contained page about a replay.

Laws: nothing is loaded from elsewhere (pictures are embedded), every text from the recording is
escaped, and a scale that nobody measured is called guessed at the top of the page.

"""

from html import escape
import math

from eventdepth_core.evaluation import profile_named
from eventdepth_core.report.elements import (
    cards,
    headline,
    metrics_table,
    page,
    picture,
    scale_note,
    section,
    table,
    tally,
)
from eventdepth_core.report.figures import contact_sheet, latency_chart, rate_chart
from eventdepth_core.report.summary import ReplaySummary


def report_page(summary: ReplaySummary) -> str:
    """Return the whole HTML page of a replay."""
    name = summary.recording.name
    body = [
        headline(name, _subtitle(summary)),
        scale_note(summary.scales, is_assumed=summary.camera.source == 'assumed'),
        cards(_facts(summary)),
        section('Frames', picture(contact_sheet(summary.pictures), 'frames')),
        section('Accuracy against the reference of the recording', _metrics(summary)),
        '<div class="pair">',
        section('Event rate', picture(rate_chart(summary.rate), 'event rate')),
        section('Latency', picture(latency_chart(summary.total_ms), 'latency')),
        '</div><div class="pair">',
        section('Stages', _stages(summary)),
        section('Speed on one core', _speed(summary)),
        section('What entered', _entered(summary)),
        section('Drops and discontinuities', _losses(summary)),
        section('Recording and camera', _recording(summary)),
        section('How this was made', _origin(summary)),
        '</div>',
    ]
    return page(name, body)


def _subtitle(summary: ReplaySummary) -> str:
    bundle, recording = summary.bundle, summary.recording
    played = f'{recording.played_s:.2f} s of a' if recording.played_s > 0 else 'A'
    return (
        f'{played} {recording.kind} recording through {bundle.name} {bundle.version}, '
        f'camera from: {summary.camera.source}'
    )


def _facts(summary: ReplaySummary) -> list[tuple[str, str]]:
    timing, counts = summary.timing, summary.counts
    total = next((s for s in timing.stages if s.stage == 'total'), None)
    facts = [(f'{counts.num_frames:,}', 'frames')]
    if counts.num_events > 0:
        facts.append((f'{counts.num_events:,}', 'events'))
    for factor, what in (
        (timing.real_time_factor_accumulate, 'bytes to tensor'),
        (timing.real_time_factor_all, 'everything'),
    ):
        if math.isfinite(factor):
            facts.append((_times(factor), f'real time on one core, {what}'))
    if total is not None:
        facts.append((f'{total.p50_ms:.1f} ms', 'one estimate, p50'))
    facts.append((f'{sum(summary.drops.values()):,}', 'drops'))
    return facts


def _metrics(summary: ReplaySummary) -> str:
    if not summary.metrics:
        return 'The recording carries no reference depth at the times of the frames.'
    note = f'Profile {summary.profile}: {profile_named(summary.profile).summary}.'
    return metrics_table(summary.metrics, note)


def _stages(summary: ReplaySummary) -> str:
    rows = [
        [s.stage, f'{s.num_runs:,}', f'{s.p50_ms:.3f}', f'{s.p95_ms:.3f}', f'{s.max_ms:.3f}']
        for s in summary.timing.stages
    ]
    return table(['stage (wall time)', 'runs', 'p50 ms', 'p95 ms', 'max ms'], rows)


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
        table(['', 'multiple of real time'], facts)
        + table(['stage', 'CPU s', 'wall s'], rows)
        + f'<p class="sub">{escape(cores)}</p>'
    )


def _entered(summary: ReplaySummary) -> str:
    return (
        tally('frames by inputs', 'frames', summary.modalities)
        + tally('frames by scale', 'frames', summary.scales)
        + tally('windows that lacked something', 'frames', summary.incomplete)
    )


def _losses(summary: ReplaySummary) -> str:
    jumps = summary.discontinuities
    shown = ', '.join(str(stamp_us) for stamp_us in jumps[:20])
    listed = f' at {shown} µs{" ..." if len(jumps) > 20 else ""}' if jumps else ''
    counts, met = summary.counts, summary.counts.decoding
    between = [
        ['events left out by filters', f'{counts.num_filtered:,}'],
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
        tally('dropped, by reason', 'times', summary.drops)
        + f'<p>Discontinuities: {len(jumps)}{listed}.</p>'
        + table(['between the packets', 'times'], between)
        + table(['inside the packets', 'times'], rows)
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
        'events swept with known motion': counts.num_swept_events,
        'events without a known pose': counts.num_unposed_events,
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
        table(['stream', 'type', 'topic or file', 'encoding', 'size'], rows)
        + tally('read', 'count', read)
        + table(['camera', ''], facts)
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
    return table(['', ''], rows)


def _option(value: object) -> str:
    return ', '.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _size(width: int | None, height: int | None) -> str:
    return '' if width is None or height is None else f'{width} x {height}'


def _times(factor: float) -> str:
    return f'{factor:.3g} x' if math.isfinite(factor) else '-'


def _rate(per_s: float) -> str:
    return f'{per_s / 1e6:.2f} million' if math.isfinite(per_s) else '-'
