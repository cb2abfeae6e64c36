"""
Figures as PNG bytes, drawn by matplotlib without a display.

All depth maps of one figure share one colour scale, and so do all standard deviations; each
scale stands below its column with ticks in metres. Laws: no frames gives a figure that says so;
equal input gives equal bytes.

"""

from collections.abc import Sequence
import io
import math
from typing import Any, TYPE_CHECKING

from eventdepth_core.rendering import ColourScale, robust_scale
from eventdepth_core.report.summary import FramePicture, RateSeries
import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 110
PANEL_WIDTH_IN = 3.4
PANEL_HEIGHT_IN = 1.8  # at least, so that wide pictures do not become strips
STACKED_ASPECT = 2.0
MARGIN_IN = 0.25
LABEL_IN = 1.15
TITLE_IN = 0.35
BAR_IN = 0.7
INK = '#1f2430'
ACCENT = '#2a6fbb'
WARNING = '#c2410c'


def frame_scales(frames: Sequence[FramePicture]) -> tuple[ColourScale, ColourScale]:
    """Return the shared scales of depth (reference included) and standard deviation."""
    depths = [f.depth_m for f in frames] + [f.target_m for f in frames if f.target_m is not None]
    return robust_scale(depths), robust_scale([f.std_m for f in frames], quantity='std')


def contact_sheet(frames: Sequence[FramePicture]) -> bytes:
    """
    Return a PNG with one row per frame: input, depth, standard deviation and reference.

    Parameters
    ----------
    frames : sequence of FramePicture
        In time order; the reference column appears if any frame has one.

    Returns
    -------
    bytes
        PNG.

    """
    if not frames:
        return _notice('no frames')
    scales = frame_scales(frames)
    titles = _column_titles(frames)
    height, width = frames[0].depth_m.shape
    layout = _Grid(len(titles), len(frames), aspect=width / height)
    figure = layout.figure()
    for i, frame in enumerate(frames):
        axes = [figure.add_axes(layout.panel(i, j)) for j in range(len(titles))]
        _draw_row(axes, frame, scales)
        if i == 0 or layout.is_stacked:
            for title, panel in zip(titles, axes, strict=True):
                panel.set_title(title, fontsize=10, color=_title_colour(title))
        _label_row(figure, layout.row_label(i), frame)
    for k, (name, scale) in enumerate(zip(('depth', 'std'), scales, strict=True)):
        _draw_bar(figure.add_axes(layout.bar(k)), scale, name)
    return _png(figure)


def rate_chart(rate: RateSeries) -> bytes:
    """Return a PNG of the event rate over played time, in million events per second."""
    if rate.counts.size == 0:
        return _notice('no events')
    figure, axes = _chart()
    edges_s = np.arange(rate.counts.size + 1) * rate.interval_s
    axes.stairs(rate.counts / rate.interval_s / 1e6, edges_s, fill=True, color=ACCENT)
    axes.set_xlim(0.0, float(edges_s[-1]))
    axes.set_ylim(bottom=0.0)
    _label(axes, 'played time (s)', f'Mev/s, bins of {1000 * rate.interval_s:g} ms')
    return _png(figure)


def latency_chart(total_ms: Sequence[float]) -> bytes:
    """Return a PNG histogram of the wall time of one estimate, with p50 and p95 marked."""
    if not total_ms:
        return _notice('no estimates')
    values = np.asarray(total_ms, dtype=np.float64)
    figure, axes = _chart()
    axes.hist(values, bins=min(40, max(8, int(math.sqrt(values.size)))), color=ACCENT)
    for percentile, style in ((50, '-'), (95, '--')):
        at_ms = float(np.percentile(values, percentile))
        axes.axvline(at_ms, color=WARNING, linestyle=style, label=f'p{percentile} {at_ms:.1f} ms')
    axes.legend(frameon=False, fontsize=9)
    _label(axes, 'one estimate (ms)', 'frames')
    return _png(figure)


def _chart() -> tuple['Figure', 'Axes']:
    figure = _figure(6.0, 2.4)
    return figure, figure.add_axes((0.11, 0.23, 0.87, 0.7))


class _Grid:
    """
    Positions of panels, row labels and colour bars in a sheet, in figure fractions.

    A frame is one line of panels; one of wide panels is stacked two to a line.

    """

    def __init__(self, panels: int, frames: int, *, aspect: float) -> None:
        self.is_stacked = aspect > STACKED_ASPECT
        self._columns = 2 if self.is_stacked else panels
        self._lines = -(-panels // self._columns)
        self._panel_in = max(PANEL_WIDTH_IN, PANEL_HEIGHT_IN * aspect)
        self._height_of_panel_in = self._panel_in / aspect
        gap_in = TITLE_IN if self.is_stacked else MARGIN_IN
        self._step_in = self._height_of_panel_in + gap_in
        self._width_in = LABEL_IN + self._columns * (self._panel_in + MARGIN_IN)
        self._height_in = TITLE_IN + frames * self._lines * self._step_in + BAR_IN

    def figure(self) -> 'Figure':
        """Return a blank figure of the size of the sheet."""
        return _figure(self._width_in, self._height_in)

    def panel(self, frame: int, k: int) -> tuple[float, float, float, float]:
        """Return left, bottom, width and height of the k-th panel of a frame."""
        line, column = divmod(k, self._columns)
        return self._box(
            self._left_in(column),
            self._top_in(frame, line),
            self._panel_in,
            self._height_of_panel_in,
        )

    def bar(self, k: int) -> tuple[float, float, float, float]:
        """Return left, bottom, width and height of the k-th colour bar."""
        column = k if self.is_stacked else k + 1
        top_in = self._height_in - BAR_IN + 0.05
        return self._box(self._left_in(column), top_in, self._panel_in, 0.16)

    def row_label(self, frame: int) -> tuple[float, float]:
        """Return the upper left corner of the label of a frame."""
        left, bottom, _, _ = self._box(0.1, self._top_in(frame, 0), 0.0, 0.0)
        return left, bottom

    def _left_in(self, column: int) -> float:
        return LABEL_IN + column * (self._panel_in + MARGIN_IN)

    def _top_in(self, frame: int, line: int) -> float:
        return TITLE_IN + (frame * self._lines + line) * self._step_in

    def _box(
        self, left_in: float, top_in: float, width_in: float, height_in: float
    ) -> tuple[float, float, float, float]:
        bottom_in = self._height_in - top_in - height_in
        return (
            left_in / self._width_in,
            bottom_in / self._height_in,
            width_in / self._width_in,
            height_in / self._height_in,
        )


def _draw_row(
    axes: Sequence['Axes'], frame: FramePicture, scales: tuple[ColourScale, ColourScale]
) -> None:
    depth, std = scales
    panels = [frame.inputs, depth.colours(frame.depth_m), std.colours(frame.std_m)]
    if frame.target_m is not None:
        panels.append(depth.colours(frame.target_m))
    for panel, picture in zip(axes, panels, strict=False):
        panel.imshow(picture, interpolation='nearest', aspect='auto')
    for panel in axes:
        panel.set_xticks([])
        panel.set_yticks([])
    if len(panels) < len(axes):
        axes[-1].text(0.5, 0.5, 'none at this time', ha='center', va='center', color=INK)


def _column_titles(frames: Sequence[FramePicture]) -> list[str]:
    notes = {'metric': '', 'prior': ', guessed scale', 'relative': ', arbitrary unit'}
    scales = sorted({frame.scale for frame in frames})
    note = notes[scales[0]] if len(scales) == 1 else ', scale differs by frame'
    titles = ['input', f'depth (m{note})', 'standard deviation (m)']
    has_target = any(frame.target_m is not None for frame in frames)
    return [*titles, 'reference (m, colours of depth)'] if has_target else titles


def _title_colour(title: str) -> str:
    return WARNING if 'guessed' in title or 'arbitrary' in title else INK


def _label_row(figure: 'Figure', at: tuple[float, float], frame: FramePicture) -> None:
    lines = [f't = {frame.elapsed_s:.3f} s', *frame.modalities, f'scale: {frame.scale}']
    lines += [word.replace('_', ' ') for word in frame.incomplete]
    figure.text(*at, '\n'.join(lines), fontsize=8, va='top', color=INK)


def _draw_bar(axes: 'Axes', scale: ColourScale, name: str) -> None:
    span = math.log(scale.high_m / scale.low_m)
    ticks_m = scale.ticks_m()
    axes.imshow(scale.bar(length=256), aspect='auto', extent=(0.0, 1.0, 0.0, 1.0))
    axes.set_yticks([])
    axes.set_xticks([math.log(t / scale.low_m) / span for t in ticks_m])
    axes.set_xticklabels([f'{tick:.3g}' for tick in ticks_m], fontsize=8)
    ends = 'widened around a flat map' if scale.is_widened else '2nd to 98th percentile'
    axes.set_xlabel(
        f'{name} (m), log scale, {scale.low_m:.3g} to {scale.high_m:.3g} ({ends})', fontsize=8
    )


def _label(axes: 'Axes', x_text: str, y_text: str) -> None:
    axes.set_xlabel(x_text, fontsize=9)
    axes.set_ylabel(y_text, fontsize=9)
    axes.tick_params(labelsize=8)
    for side in ('top', 'right'):
        axes.spines[side].set_visible(False)


def _notice(text: str) -> bytes:
    figure = _figure(6.0, 1.0)
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
