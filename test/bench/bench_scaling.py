"""
How the cost of a window grows with the rate of events, the resolution and the number of bins.

    python test/bench/bench_scaling.py [--rounds 5] [--quick] [--peers PATH] [--json FILE]
        [--page FILE] [--pictures FOLDER]

Three sweeps around VGA, 10 Mev/s and 5 bins: the work on arrival, the work at the tick, and what a
node pays at the tick that decodes there (event_camera_py + torch where installed, our own kernels
otherwise). Straight lines are fitted: arrival over words, tick over cells. Each sweep runs in
interleaved rounds; times are CPU times, medians. Pictures need matplotlib.

"""

import argparse
from dataclasses import dataclass
import os
from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import limits
import peers
from rounds import current_load, measure, MIN_ROUNDS, slope, times_of, TOTAL
import tables
import tensor_paths
import torch_forms
from windows import Case, Windows

RATES = ('vga:1', 'vga:2', 'vga:5', 'vga:10', 'vga:20', 'vga:50')
SENSORS = ('qvga:10', 'davis:10', 'vga:10', 'hd:10')
BINS = (3, 5, 9, 17)
QUICK_RATES, QUICK_SENSORS, QUICK_BINS = ('vga:1', 'vga:5'), ('qvga:5', 'vga:5'), (3, 5)
NUM_WINDOWS = 2  # the first one only leads in


@dataclass(frozen=True)
class Point:
    """One place of a sweep: what was varied, and the milliseconds of a window."""

    sweep: str
    case: str
    bins: int
    num_words: float
    num_events: float
    num_cells: int
    arrival: object
    tick: object
    own_at_tick: object
    peer_at_tick: object | None


def sweeps(is_quick):
    """Return the sweeps: name, then pairs of a case and a number of bins."""
    rates = QUICK_RATES if is_quick else RATES
    sensors = QUICK_SENSORS if is_quick else SENSORS
    middle = rates[-1] if is_quick else 'vga:10'
    return {
        'rate': [(name, 5) for name in rates],
        'resolution': [(name, 5) for name in sensors],
        'bins': [(middle, bins) for bins in (QUICK_BINS if is_quick else BINS)],
    }


def points_of(sweep, places, rounds):
    """Measure one sweep and return its points and the load."""
    cases = {name: Windows(Case.of(name), num=NUM_WINDOWS) for name in dict(places)}
    paths = {}
    for name, bins in places:
        windows = cases[name]
        paths[name, bins, 'ours'] = tensor_paths.Incremental(windows, bins)
        paths[name, bins, 'at tick'] = tensor_paths.AtTick(windows, bins)
        decoder = peers.decoder('event_camera_py', windows.size)
        if decoder is not None and torch_forms.torch is not None:
            paths[name, bins, 'peer'] = tensor_paths.Chain(windows, bins, decoder)
    samples, load = measure(paths, NUM_WINDOWS, rounds)

    def times(*key, lap=TOTAL):
        return times_of(samples[key, lap]) if (key, lap) in samples else None

    found = [
        Point(
            sweep=sweep,
            case=str(cases[name].case),
            bins=bins,
            num_words=cases[name].num_words,
            num_events=cases[name].num_events,
            num_cells=cases[name].size[0] * cases[name].size[1] * bins,
            arrival=times(name, bins, 'ours', lap='arrival'),
            tick=times(name, bins, 'ours', lap='tick'),
            own_at_tick=times(name, bins, 'at tick'),
            peer_at_tick=times(name, bins, 'peer'),
        )
        for name, bins in places
    ]
    return found, load


def laws(points):
    """Return the fitted lines as [text, slope, R²]."""
    found = []
    for sweep, what, over, unit in (
        ('rate', 'arrival', 'num_words', 'word'),
        ('resolution', 'tick', 'num_cells', 'cell'),
        ('bins', 'tick', 'num_cells', 'cell'),
    ):
        mine = [point for point in points if point.sweep == sweep]
        x = [getattr(point, over) for point in mine]
        _, b, r_squared = slope(x, [getattr(point, what).cpu_ms for point in mine])
        found.append([f'{what} over {sweep}', f'{b * 1e6:.2f} ns a {unit}', f'{r_squared:.3f}'])
    return found


def table(points):
    """Return the points as Markdown."""
    lines = [
        [
            point.sweep,
            point.case,
            point.bins,
            f'{point.num_events / 1e3:.0f}',
            f'{point.arrival.cpu_ms:.2f} ± {point.arrival.cpu_iqr_ms:.2f}',
            f'{point.tick.cpu_ms:.2f} ± {point.tick.cpu_iqr_ms:.2f}',
            f'{point.own_at_tick.cpu_ms:.2f}',
            peers.NOT_INSTALLED
            if point.peer_at_tick is None
            else f'{point.peer_at_tick.cpu_ms:.2f}',
        ]
        for point in points
    ]
    head = [
        'sweep', 'case', 'bins', 'k events', 'arrival, CPU ms', 'tick, CPU ms',
        'all at the tick, ours', 'all at the tick, event_camera_py + torch',
    ]  # fmt: skip
    return tables.markdown(head, lines)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--rounds', type=int, default=MIN_ROUNDS)
    parser.add_argument('--quick', action='store_true', help='two places a sweep')
    parser.add_argument('--peers', default=os.environ.get('PEERS'), help='folders of peers')
    parser.add_argument('--json', type=Path)
    parser.add_argument('--page', type=Path, help='put the table into this page')
    parser.add_argument('--pictures', type=Path, help='draw into this folder')
    return parser.parse_args()


def main():
    options = parsed()
    peers.use(options.peers)
    memory, load, points = limits.memory_limits(), current_load(), []
    for sweep, places in sweeps(options.quick).items():
        found, seen = points_of(sweep, places, max(options.rounds, MIN_ROUNDS))
        points += found
        load = load.over(seen)
        print(f'{sweep}: load {seen.average:.1f}', file=sys.stderr)
    fitted = laws(points)
    text = '\n'.join([
        tables.facts(memory, load),
        '',
        table(points),
        tables.markdown(['law', 'slope', 'R²'], fitted),
    ])  # fmt: skip
    print(text)
    if options.json:
        document = {'machine': tables.machine(), 'memory': memory, 'load': load}
        tables.write_json(options.json, document | {'points': points, 'laws': fitted})
    if options.page:
        tables.put_into_page(options.page, 'scaling', text)
    if options.pictures:
        import pictures

        pictures.draw(points, load, options.pictures)


if __name__ == '__main__':
    main()
