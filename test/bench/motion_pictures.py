"""Points of a sweep, their deviations, the filled map and the reference, on one scale in m."""

from eventdepth_core.geometry import prefill, spread_switch
from matplotlib.figure import Figure
import numpy as np


def draw(result, target_m, path, *, scale_m):
    """Draw a `SweptDepth` beside its reference (H, W), m."""
    figure = Figure(figsize=(11.0, 7.6), layout='constrained')
    axes = figure.subplots(2, 2)
    filled = spread_switch(prefill(result.depth_m))
    sigma_scale_m = 0.0, float(np.nanpercentile(result.std_m, 95))
    panels = (
        (axes[0, 0], result.depth_m, 'points of the sweep', 'turbo_r', scale_m),
        (axes[0, 1], result.std_m, 'their standard deviation', 'viridis', sigma_scale_m),
        (axes[1, 0], filled, 'filled, nothing learned', 'turbo_r', scale_m),
        (axes[1, 1], target_m, 'reference', 'turbo_r', scale_m),
    )
    for axis, values, title, colours, (low, high) in panels:
        shown = axis.imshow(values, cmap=colours, vmin=low, vmax=high, interpolation='nearest')
        axis.set_title(title)
        axis.set_axis_off()
        figure.colorbar(shown, ax=axis, label='m', shrink=0.85)
    figure.savefig(path, dpi=75)


def draw_dense(swept, frame, filled_m, target_m, path):
    """Draw swept points, their fill, what the pipeline made of them, its deviation, reference."""
    low, high = np.nanpercentile(target_m, [2, 98])
    figure = Figure(figsize=(16.0, 7.6), layout='constrained')
    axes = figure.subplots(2, 3).ravel()
    error_m = np.abs(frame.depth_m - target_m)
    panels = (
        (swept.depth_m, 'points of the sweep', 'turbo_r', (low, high)),
        (filled_m, 'spread switch of them', 'turbo_r', (low, high)),
        (frame.depth_m, 'pipeline', 'turbo_r', (low, high)),
        (frame.std_m, 'its standard deviation', 'viridis', (0.0, 0.3 * high)),
        (error_m, 'its error', 'viridis', (0.0, 0.3 * high)),
        (target_m, 'reference', 'turbo_r', (low, high)),
    )
    for axis, (values, title, colours, (least, most)) in zip(axes, panels, strict=True):
        shown = axis.imshow(values, cmap=colours, vmin=least, vmax=most, interpolation='nearest')
        axis.set_title(title)
        axis.set_axis_off()
        figure.colorbar(shown, ax=axis, label='m', shrink=0.85)
    figure.savefig(path, dpi=60)
