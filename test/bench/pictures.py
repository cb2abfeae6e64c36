"""Pictures of a scaling measurement, small enough for a repository."""

import matplotlib as mpl

mpl.use('Agg')

from matplotlib import pyplot as plt
from matplotlib.ticker import FormatStrFormatter, LogLocator

AXES = {
    'rate': ('events of a window, thousands', lambda point: point.num_events / 1e3),
    'resolution': ('pixels, thousands', lambda point: point.num_cells / point.bins / 1e3),
    'bins': ('bins', lambda point: point.bins),
}
LINES = {
    'peer_at_tick': ('event_camera_py + torch, all at the tick', '#b0413e', 's'),
    'own_at_tick': ('our kernels, all at the tick', '#d9a441', '^'),
    'arrival': ('ours, on arrival', '#4a7c8c', 'v'),
    'tick': ('ours, at the tick', '#1b4965', 'o'),
}
DPI = 100


def draw(points, load, folder):
    """Draw a picture of each sweep into `folder` and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for sweep, (label, place) in AXES.items():
        mine = [point for point in points if point.sweep == sweep]
        figure, axes = plt.subplots(figsize=(6.0, 3.6), dpi=DPI, layout='constrained')
        for name, (text, color, marker) in LINES.items():
            times = [getattr(point, name) for point in mine]
            if None not in times:
                axes.plot(
                    [place(point) for point in mine],
                    [each.cpu_ms for each in times],
                    color=color,
                    marker=marker,
                    label=text,
                )
        axes.set_xscale('log')
        axes.set_yscale('log')
        axes.set_xticks([place(point) for point in mine], labels=[_tick(place(p)) for p in mine])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FormatStrFormatter('%g'))
        axes.set_xlabel(label)
        axes.set_ylabel('CPU ms for a window of 50 ms')
        axes.set_title(_title(sweep, mine, load), fontsize=9)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        paths.append(folder / f'scaling_{sweep}.png')
        figure.savefig(paths[-1])
        plt.close(figure)
    return paths


def _tick(value):
    return f'{value:.0f}'


def _title(sweep, points, load):
    fixed = {
        'rate': 'VGA, 5 bins',
        'resolution': '10 Mev/s, 5 bins',
        'bins': points[0].case,
    }
    return f'{fixed[sweep]}; one thread, load {load.average:.1f} on {load.cores} cores'
