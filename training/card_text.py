"""Figures -> the Markdown text of the model card."""

import statistics
from typing import Any

from training.export import frame_gflop
from training.tables import Row

SUBSET_COLUMNS = {
    'subset': 'subset',
    'name': 'prediction',
    'abs_rel': 'AbsRel',
    'rmse': 'RMSE m',
    'delta1': 'delta1',
    'aligned_abs_rel': 'AbsRel aligned',
    'aligned_delta1': 'delta1 aligned',
    'correlation': 'corr. of log depth',
    'coverage_1sigma': '1-sigma coverage',
    'ause': 'AUSE',
}
PROBE_COLUMNS = {
    'subset': 'subset',
    'name': 'input',
    'aligned_abs_rel': 'AbsRel aligned',
    'aligned_delta1': 'delta1 aligned',
    'correlation': 'corr. of log depth',
}
CORRUPTION_COLUMNS = {
    'name': 'input',
    'abs_rel': 'AbsRel',
    'delta1': 'delta1',
    'coverage_1sigma': '1-sigma coverage',
}
REAL_COLUMNS = {
    'set': 'frame',
    'points': 'points',
    'name': 'prediction',
    'abs_rel': 'AbsRel',
    'aligned_abs_rel': 'AbsRel aligned',
    'mae': 'MAE m',
    'rmse': 'RMSE m',
    'delta1': 'delta1',
    'coverage_1sigma': '1-sigma coverage',
}
REPLACED = ('How it was made', 'Points from events and known motion')
SPEED_COLUMNS = {
    'graph': 'graph',
    'threads': 'threads',
    'ms': 'ms',
    'gflop': 'GFLOP',
    'gflop_per_s': 'GFLOP/s',
    'share_of_gemm': 'share of GEMM rate',
}


def markdown_table(rows: list[Row], columns: dict[str, str]) -> str:
    """Render `rows` with `columns` {key: heading}; a missing figure is an empty cell."""
    lines = [
        '| ' + ' | '.join(columns.values()) + ' |',
        '|' + '---|' * len(columns),
    ]
    lines += ['| ' + ' | '.join(_cell(row.get(key)) for key in columns) + ' |' for row in rows]
    return '\n'.join(lines)


def card_text(manifest: dict[str, Any], figures: dict[str, Any]) -> str:
    """Render the card of a bundle from its manifest and measured figures."""
    total = frame_gflop(manifest['graphs'])
    provenance = manifest['provenance']
    sections = [
        f'# {manifest["name"]} {manifest["version"]}',
        _summary(figures, total),
        '## Held-out simulated scenes',
        f'{figures["frames"]} frames of scenes, photo textures and seeds that training never saw, '
        '128x160; profile `plain`, mean over frames; points carry 0.5 % range noise, for the '
        'fills as for the model; measured pixels are not judged; `aligned` '
        'is median scale per frame. Subset letters: E events, I image, P points (share of '
        'measured pixels behind it). All rows hold for the same frames, and those of one density '
        'for the same points, so the fills under P are the baselines of EP, IP and EIP as well, '
        'and the maps those of E, I and EI.',
        markdown_table(figures['subsets'], SUBSET_COLUMNS),
        _motion_section(figures),
        '## Are the inputs used?',
        'The same frames with one thing about the input destroyed.',
        markdown_table(figures['probes'], PROBE_COLUMNS),
        '## One modality is wrong (EIP, 1 % points)',
        markdown_table(figures['corruptions'], CORRUPTION_COLUMNS),
        '## Real frames, zero-shot',
        'Through the exported graphs and the runtime pipeline; points are drawn from the '
        "frame's own depth (mean of 3 draws) and not judged. Without points the scale is a "
        'learned prior and does not transfer.',
        markdown_table(figures['real'], REAL_COLUMNS),
        '## Cost at 640x480',
        f'Medians of 15 calls, onnxruntime f32; one-minute load average {figures["load_average"]} '
        'when it was measured; GEMM is a 1024^3 product in the same run with as many threads.',
        markdown_table(figures['speed'], SPEED_COLUMNS),
        _startup(figures['startup_s']),
        _origin(provenance),
    ]
    return '\n\n'.join(sections) + '\n'


def extended_text(older: str, manifest: dict[str, Any], figures: dict[str, Any]) -> str:
    """
    Return the card of a bundle that got a motion head, out of the card `older` of what it had.

    Sections on graphs that stayed are taken over as they are.

    """
    parts = older.split('\n## ')
    head = parts[0].split('\n', 1)[1]
    sections = [f'## {part}'.strip() for part in parts[1:] if not part.startswith(REPLACED)]
    place = next(k for k, text in enumerate(sections) if text.startswith('## Are the inputs'))
    sections.insert(place, _motion_section(figures))
    note = (
        'The graph `complete_motion` takes the place of `complete` in frames with motion, costs '
        f'the same and is {figures["motion_mib"]:.1f} MiB more. All other '
        'graphs, and the figures of every section but that on motion, '
        f'are those of {manifest["provenance"]["started_from"]["version"]}.'
    )
    title = f'# {manifest["name"]} {manifest["version"]}'
    body = [title, head.strip(), note, *sections, _origin(manifest['provenance'])]
    return '\n\n'.join(body) + '\n'


def _motion_section(figures: dict[str, Any]) -> str:
    text = (
        f'{figures["motion_frames"]} frames of simulated recordings of scenes and photo textures '
        'that training never saw, 240x180: M are points of the space sweep (docs/motion.md) at '
        'the stamp, as the pipeline joins them; per cent are exact points of a LiDAR beside them, '
        'which are not judged. In a third of the recordings poses are noisy, in a quarter things '
        'move by themselves.'
    )
    table = markdown_table(figures['motion'], SUBSET_COLUMNS)
    return '\n\n'.join(['## Points from events and known motion', text, table])


def _origin(provenance: dict[str, Any]) -> str:
    lines = [f'- {key}: `{value}`' for key, value in provenance.items()]
    return '\n\n'.join(['## How it was made', '\n'.join(lines)])


def _summary(figures: dict[str, Any], total_gflop: float) -> str:
    rows = {(row['subset'], row['name']): row for row in figures['subsets']}
    family = rows['none', 'mean map of the family']['aligned_abs_rel']
    events = rows['E', 'model']['aligned_abs_rel']
    verdict = 'better' if events < family else 'not better'
    lines = [
        'Dense depth with a per-pixel standard deviation from any subset of events, image and '
        'points.',
        '',
        '**What it is good for:** completing points (LiDAR, sparse depth) at sensor resolution '
        'with calibrated uncertainty, points swept from events and known motion included.',
        '',
        '**What it is not:** a monocular metric depth model. Without points the output is '
        'layout-level: roughly where near and far lie, up to scale; the metric scale is a prior '
        'of the simulated scenes and is marked so (`scale: prior`). Its standard deviation holds '
        'for scenes like those only: see the coverage without points under "Real frames".',
        f'Events alone, aligned: AbsRel {events:.3f}, {verdict} than the mean map of the known '
        f'scene family ({family:.3f}).',
        '',
        f'{total_gflop:.2f} GFLOP a frame at 640x480 with all sensors, '
        f'{figures["size_mib"]:.1f} MiB of graphs.',
    ]
    return '\n'.join(lines)


def _startup(seconds: list[float]) -> str:
    warm = statistics.median(seconds[1:])
    spread = f'{min(seconds[1:]):.2f} to {max(seconds[1:]):.2f}'
    return (
        f'Process start to first depth at 640x480 (import, load, one estimate from events): '
        f'first run {seconds[0]:.2f} s, then median {warm:.2f} s '
        f'({spread}, n = {len(seconds) - 1}).'
    )


def _cell(value: float | str | None) -> str:
    if isinstance(value, float):
        return f'{value:.3f}'
    return '' if value is None else str(value)
