"""
Figures of a comparison as PNG bytes: one line or one row of pictures for each run.

Laws: equal input gives equal bytes; every line is named in a legend; nothing to show is said.

"""

from collections.abc import Sequence
import io
import math
from typing import Any, Final, TYPE_CHECKING

from eventdepth_core.rendering import ColourScale, robust_scale
from eventdepth_core.report.comparison.result import RunResult, WorstFrame
from eventdepth_core.report.figures import DPI, INK
import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = (
    '#2a6fbb', '#c2410c', '#15803d', '#7c3aed', '#b45309', '#0e7490', '#be185d', '#4b5563',
)  # fmt: skip
MAX_ERROR: Final = 0.5
PANEL_IN: Final = 2.9
_TOP_BELOW_LEGEND: Final = 0.92
_LEGEND_COLUMNS: Final = 2


def distance_chart(runs: Sequence[RunResult], unit: str) -> bytes:
    """Return errors against the target's distance, with the share of pixels below."""
    if not any(run.distance.share.size for run in runs):
        return _notice('no pixels')
    figure = _figure(11.0, 4.4)
    grid = figure.add_gridspec(
        2, 2, height_ratios=(3, 1), hspace=0.1, wspace=0.14, left=0.055, right=0.99, bottom=0.1,
        top=_TOP_BELOW_LEGEND,
    )  # fmt: skip
    panels = [figure.add_subplot(grid[0, k]) for k in range(2)]
    shares = [figure.add_subplot(grid[1, k], sharex=panels[k]) for k in range(2)]
    for run, colour in zip(runs, _colours(runs), strict=True):
        curve = run.distance
        for panel, values in zip(panels, (100.0 * curve.abs_rel, curve.mae_m), strict=True):
            panel.stairs(
                values, curve.edges_m, baseline=None, color=colour, lw=1.8, label=run.name
            )
        for panel in shares:
            panel.stairs(100.0 * curve.share, curve.edges_m, color=colour, fill=len(runs) == 1)
    for panel, text in zip(panels, ('abs_rel (%)', f'mae ({unit})'), strict=True):
        panel.set_xscale('log')
        panel.set_ylim(bottom=0.0)
        _label(panel, '', text)
        panel.tick_params(labelbottom=False)
    for panel in shares:
        _label(panel, f'target ({unit})', 'pixels (%)')
        _round_ticks(panel)
    _legend(panels[0])
    return _png(figure)


def sparsification_chart(runs: Sequence[RunResult]) -> bytes:
    """Return the error left when the most uncertain (solid) or worst (dashed) pixels are gone."""
    if not any(run.sparsification for run in runs):
        return _notice('no standard deviations')
    figure = _figure(11.0, 3.9)
    panels = [figure.add_subplot(1, 2, k + 1) for k in range(2)]
    for run, colour in zip(runs, _colours(runs), strict=True):
        for panel, curve in zip(panels, run.sparsification, strict=False):
            label = f'{run.name}, AUSE {curve.ause:.3f}'
            panel.plot(100 * curve.removed, curve.by_std, color=colour, lw=1.8, label=label)
            panel.plot(100 * curve.removed, curve.by_error, color=colour, lw=1.2, ls='--')
    for panel, name in zip(panels, ('abs_rel', 'rmse'), strict=True):
        panel.set_xlim(0.0, 95.0)
        panel.set_ylim(bottom=0.0)
        _legend(panel)
        _label(panel, 'pixels removed (%)', f'{name} of the rest, share of the whole')
    num_lines = max(1, math.ceil(len(runs) / _LEGEND_COLUMNS))
    figure.subplots_adjust(left=0.06, right=0.99, bottom=0.13, top=0.98 - 0.06 * num_lines)
    return _png(figure)


def coverage_chart(runs: Sequence[RunResult]) -> bytes:
    """Return observed against expected coverage of central intervals."""
    if not any(run.coverage for run in runs):
        return _notice('no standard deviations')
    figure = _figure(5.4, 4.2)
    panel = figure.add_axes((0.12, 0.13, 0.85, 0.84))
    panel.plot([0, 100], [0, 100], color='#9aa3b2', lw=1.0, label='calibrated')
    for run, colour in zip(runs, _colours(runs), strict=True):
        curve = run.coverage
        if curve is None:
            continue
        label = f'{run.name}, mean gap {100 * curve.calibration_error:.1f} %'
        panel.plot(
            100 * curve.expected, 100 * curve.observed, 'o-', ms=3, color=colour, label=label
        )
    panel.set_xlim(0, 100)
    panel.set_ylim(0, 100)
    panel.legend(frameon=False, fontsize=9, loc='upper left')
    _label(panel, 'expected inside the interval (%)', 'observed (%)')
    return _png(figure)


def worst_sheet(frames: Sequence[WorstFrame], unit: str) -> bytes:
    """Return the worst frames of a run: target, prediction, relative error, std."""
    if not frames:
        return _notice('no frames')
    depth = robust_scale([m for f in frames for m in (f.target_m, f.predicted_m)])
    deviations = [f.std_m for f in frames if f.std_m is not None]
    std = robust_scale(deviations, quantity='std')
    titles = [f'target ({unit})', f'predicted ({unit})', f'relative error, 0 to {MAX_ERROR:.0%}']
    titles += [f'standard deviation ({unit})'] if deviations else []
    height, width = frames[0].target_m.shape
    tall = PANEL_IN * height / width
    figure = _figure(len(titles) * PANEL_IN, len(frames) * (tall + 0.28) + 0.87)
    grid = figure.add_gridspec(
        len(frames) + 1, len(titles), height_ratios=[tall] * len(frames) + [0.13], wspace=0.03,
        hspace=0.22, left=0.01, right=0.99, top=1 - 0.42 / figure.get_figheight(),
        bottom=0.45 / figure.get_figheight(),
    )  # fmt: skip
    for i, frame in enumerate(frames):
        _draw_frame(
            [figure.add_subplot(grid[i, j]) for j in range(len(titles))], frame, depth, std
        )
    for j, title in enumerate(titles):
        at = (0.01 + j * 0.98 / len(titles), 1 - 0.02 / figure.get_figheight())
        figure.text(*at, title, fontsize=9, color=INK, va='top')
    scales = [depth, depth, None, *([std] if deviations else [])]
    for j, scale in enumerate(scales):
        _draw_bar(figure.add_subplot(grid[len(frames), j]), scale)
    return _png(figure)


def _draw_frame(
    panels: Sequence['Axes'], frame: WorstFrame, depth: ColourScale, std: ColourScale
) -> None:
    pictures: list[Any] = [depth.colours(frame.target_m), depth.colours(frame.predicted_m)]
    pictures += [frame.relative_error]
    pictures += [] if frame.std_m is None else [std.colours(frame.std_m)]
    for j, (panel, picture) in enumerate(zip(panels, pictures, strict=False)):
        panel.set_facecolor('#808080')
        panel.imshow(picture, interpolation='nearest', cmap='inferno', vmin=0, vmax=MAX_ERROR)
        if j == 0:
            text = f'{frame.key}: abs_rel {frame.abs_rel:.3f} over {frame.num_pixels:,} px'
            panel.set_title(text, fontsize=8, color=INK, loc='left')
    for panel in panels:
        panel.set_xticks([])
        panel.set_yticks([])


def _draw_bar(axes: 'Axes', scale: ColourScale | None) -> None:
    axes.set_yticks([])
    axes.tick_params(labelsize=8)
    if scale is None:
        ramp = np.linspace(0, 1, 256)[None]
        axes.imshow(ramp, aspect='auto', cmap='inferno', extent=(0, 100 * MAX_ERROR, 0, 1))
        axes.set_xlabel('%', fontsize=8)
        return
    span = np.log(scale.high_m / scale.low_m)
    axes.imshow(scale.bar(length=256), aspect='auto', extent=(0.0, 1.0, 0.0, 1.0))
    axes.set_xticks([float(np.log(t / scale.low_m) / span) for t in scale.ticks_m()])
    axes.set_xticklabels([f'{tick:.3g}' for tick in scale.ticks_m()])


def _legend(axes: 'Axes') -> None:
    """Name the lines above the panel, where they hide nothing."""
    axes.legend(
        frameon=False, fontsize=8, loc='lower left', bbox_to_anchor=(-0.02, 0.99),
        ncols=_LEGEND_COLUMNS, columnspacing=1.2, borderaxespad=0.1,
    )  # fmt: skip


def _round_ticks(axes: 'Axes') -> None:
    """Mark 1, 2, 5 times powers of ten in plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=99))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:g}'))


def _colours(runs: Sequence[RunResult]) -> list[str]:
    return [COLOURS[k % len(COLOURS)] for k in range(len(runs))]


def _label(axes: 'Axes', x_text: str, y_text: str) -> None:
    axes.set_xlabel(x_text, fontsize=9)
    axes.set_ylabel(y_text, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color='#e5e8ee', lw=0.6)
    for side in ('top', 'right'):
        axes.spines[side].set_visible(False)


def _notice(text: str) -> bytes:
    figure = _figure(6.0, 0.8)
    figure.text(0.5, 0.5, text, ha='center', va='center', color=INK)
    return _png(figure)


def _figure(width_in: float, height_in: float) -> 'Figure':
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in), dpi=DPI, facecolor='white')


def _png(figure: 'Figure') -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    # Any: matplotlib's metadata values may be None to leave an entry out.
    metadata: dict[str, Any] = {'Software': None}
    figure.savefig(buffer, format='png', metadata=metadata)
    return buffer.getvalue()
