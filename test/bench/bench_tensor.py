"""
Bytes to a normalised voxel grid: the accumulator beside peers, plain forms and the floor.

    python test/bench/bench_tensor.py [--cases vga:1 vga:10 vga:50 hd:10 hd:50] [--bins 5]
        [--rounds 5] [--cold] [--quick] [--peers PATH] [--sketches FOLDER] [--json FILE]
        [--page FILE]

Every path handles the same windows of 50 ms in packets of 1 ms, in interleaved rounds, all rates
together; times are CPU times of all threads of a path, medians and quartile distances. A path
whose grid is not that of the float64 reference is marked and gets no time. Ratios are medians of
the ratios of single turns; none is given where the load exceeds the cores. Peers are looked for in
the folders of `--peers` (or PEERS), the earlier sketches in that of `--sketches` (or SKETCHES).

"""

import argparse
from dataclasses import dataclass
import os
from pathlib import Path
import sys
import tempfile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))


import limits
import peers
import plain_forms
from rounds import current_load, measure, MIN_ROUNDS, ratio, ratio_text, Stopwatch, times_of, TOTAL
import sketches
import tables
import tensor_paths
import torch_forms
from windows import Case, Windows

OURS = 'eventdepth'
AHEAD = 'eventdepth, window told ahead'
AT_TICK = 'eventdepth, all at the tick'
FLOOR = 'memory floor'
NUMPY = 'numpy, E2VID form'
BEST_NUMPY = 'numpy, best form'
PEER = 'event_camera_py + torch'
CASES = ('vga:1', 'vga:10', 'vga:50', 'hd:10', 'hd:50')
QUICK_CASES = ('vga:1', 'vga:10')
DECODING = ('event_camera_py', 'faery', 'evlib')
COMPARED = (NUMPY, BEST_NUMPY, PEER, 'faery + torch', 'evlib + torch')


@dataclass(frozen=True)
class Row:
    """One path in one case: times of a window, what its grid is worth, and the ratio to ours."""

    case: str
    path: str
    verdict: str
    times: object
    laps: dict
    speed_mev_s: float | None
    ratio: float | None


def paths_of(windows, bins, found, folder):
    """Return the paths by name, None for what is not installed here."""
    paths = {
        OURS: tensor_paths.Incremental(windows, bins),
        AHEAD: tensor_paths.Ahead(windows, bins),
        AT_TICK: tensor_paths.AtTick(windows, bins),
        FLOOR: tensor_paths.Floor(windows, bins),
        NUMPY: tensor_paths.PlainNumpy(windows, bins, plain_forms.voxel_published),
        BEST_NUMPY: tensor_paths.PlainNumpy(windows, bins),
    }
    has_torch = torch_forms.torch is not None
    for name in DECODING:
        decoder = peers.decoder(name, windows.size) if has_torch else None
        place = folder if decoder is not None and decoder.takes == 'file' else None
        make = tensor_paths.Chain
        paths[f'{name} + torch'] = decoder and make(windows, bins, decoder, folder=place)
    paths |= published(windows, bins) if has_torch else {}
    if has_torch:
        paths['eventdepth in torch, CPU tensors'] = tensor_paths.TorchAccumulator(windows, bins)
    if found:
        paths['sketch, float32'] = tensor_paths.FusedSketch(windows, bins, found)
        paths['sketch, moments'] = tensor_paths.MomentSketch(windows, bins, found)
    if 'c' in found:
        paths['sketch, moments in C'] = tensor_paths.MomentSketch(windows, bins, found, is_c=True)
    return paths


def published(windows, bins):
    """Return chains in the forms that research code publishes, behind the fastest decoder."""
    decoder = peers.decoder('event_camera_py', windows.size)
    names = 'E2VID form', 'DSEC form'
    if decoder is None:
        return {f'event_camera_py + torch, {name}': None for name in names}
    e2vid = tensor_paths.Chain(windows, bins, decoder, normalised=torch_forms.normalised_published)
    dsec = tensor_paths.KeptRaw(
        windows, bins, peers.decoder('event_camera_py', windows.size),
        form=torch_forms.dsec_voxel, normalised=torch_forms.dsec_normalised,
    )  # fmt: skip
    dsec.is_slow = True
    return {
        f'event_camera_py + torch, {name}': path
        for name, path in zip(names, (e2vid, dsec), strict=True)
    }


def verdicts(paths, windows, bins):
    """Return what the grid of each path is worth after one pass over all windows."""
    watch = Stopwatch()
    found = dict.fromkeys(paths, 'exact')
    for i in range(windows.num):
        exact = plain_forms.exact_voxel(windows.events[i], windows.start_us[i], bins, windows.size)
        for name, path in paths.items():
            watch.start()
            path.window(i, watch)
            if name != FLOOR:
                text = plain_forms.grid_verdict(path.raw, path.out, exact)
                found[name] = text if found[name] == 'exact' or 'wrong' in text else found[name]
    found[FLOOR] = ''
    return found


def rows_of(all_paths, all_windows, bins, rounds, *, is_cold=False):
    """Measure the cases in the same rounds and return their rows and the load."""
    absent = {key: path for key, path in all_paths.items() if path is None}
    present = {key: path for key, path in all_paths.items() if path is not None}
    worth = {}
    for case, windows in all_windows.items():
        mine = {name: path for (of, name), path in present.items() if of == case}
        worth |= {(case, name): text for name, text in verdicts(mine, windows, bins).items()}
    timed = {key: path for key, path in present.items() if not worth[key].startswith('wrong')}
    samples, load = {}, current_load()
    # two windows are the fewest of any case; each case goes through all of its own
    for num in sorted({windows.num for windows in all_windows.values()}):
        group = {key: path for key, path in timed.items() if all_windows[key[0]].num == num}
        measured, seen = measure(group, num, rounds, is_cold=is_cold)
        samples |= measured
        load = load.over(seen)
    rows = []
    for key in all_paths:
        case, name = key
        if key in absent or key not in timed:
            text = peers.NOT_INSTALLED if key in absent else worth[key]
            rows.append(Row(case, name, text, None, {}, None, None))
            continue
        total = samples[key, TOTAL]
        laps = {lap: times_of(s) for (of, lap), s in samples.items() if of == key and lap != TOTAL}
        times = times_of(total)
        speed = all_windows[case].num_events / times.cpu_ms * 1e-3
        against = ratio(total, samples[(case, OURS), TOTAL], load)
        rows.append(Row(case, name, worth[key], times, laps, speed, against))
    return rows, samples, load


def goals(samples, load, cases):
    """Return the figures that the package is for, as [text, value]."""

    def figure(text, above, below):
        if above not in samples or below not in samples:
            return [text, peers.NOT_INSTALLED]
        return [text, ratio_text(ratio(samples[above], samples[below], load))]

    found = []
    for case in cases:
        ours = (case, OURS), TOTAL
        found += [
            figure(f'{case}: {name} / ours', ((case, name), TOTAL), ours) for name in COMPARED
        ]
        found.append(figure(f'{case}: share of the floor', ((case, FLOOR), TOTAL), ours))
        found += [
            figure(
                f'{case}: all at the tick, {above} / tick, {below}', total, ((case, below), 'tick')
            )
            for below in (AHEAD, OURS)
            for above, total in ((name, ((case, name), TOTAL)) for name in (AT_TICK, PEER))
        ]
    return found


def tick_growth(samples, load, slow='VGA 1 Mev/s', fast='VGA 50 Mev/s'):
    """Return how the cost of a tick grows from a slow stream to a fast one, as [text, value]."""
    lines = []
    for path in (AHEAD, OURS):
        found = [samples.get(((case, path), 'tick')) for case in (fast, slow)]
        if None in found:
            continue
        above, below = (times_of(each).cpu_ms for each in found)
        value = ratio_text(above / below if load.is_quiet else None)
        lines.append([f'tick, {path}: {fast} / {slow}', value])
    return lines


def table(rows):
    """Return the rows as Markdown."""
    lines = []
    for row in rows:
        if row.times is None:
            lines.append([row.case, row.path, row.verdict, '', '', '', '', ''])
            continue
        times = row.times
        laps = ', '.join(f'{lap} {each.cpu_ms:.2f}' for lap, each in row.laps.items())
        lines.append([
            row.case, row.path, row.verdict, f'{times.cpu_ms:.2f} ± {times.cpu_iqr_ms:.2f}',
            f'{times.wall_ms:.2f}', f'{row.speed_mev_s:.1f}', ratio_text(row.ratio), laps,
        ])  # fmt: skip
    head = ['case', 'path', 'grid', 'CPU ms', 'wall ms', 'Mev/s', 'to ours', 'parts, CPU ms']
    return tables.markdown(head, lines)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--cases', nargs='+', help='sensor:Mev/s')
    parser.add_argument('--bins', type=int, default=5)
    parser.add_argument('--rounds', type=int, default=MIN_ROUNDS)
    parser.add_argument('--cold', action='store_true', help='empty the caches before a window')
    parser.add_argument('--quick', action='store_true', help='two cases that take a minute')
    parser.add_argument('--peers', default=os.environ.get('PEERS'), help='folders of peers')
    parser.add_argument('--sketches', default=os.environ.get('SKETCHES'), help='folder')
    parser.add_argument('--json', type=Path)
    parser.add_argument('--page', type=Path, help='put the tables into this page')
    return parser.parse_args()


def main():
    options = parsed()
    peers.use(options.peers)
    found = sketches.load(options.sketches)
    names = options.cases or (QUICK_CASES if options.quick else CASES)
    memory = limits.memory_limits()
    all_windows = {str(Case.of(name)): Windows(Case.of(name)) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        all_paths = {
            (case, name): path
            for case, windows in all_windows.items()
            for name, path in paths_of(windows, options.bins, found, Path(folder)).items()
        }
        rounds = max(options.rounds, MIN_ROUNDS)
        rows, samples, load = rows_of(
            all_paths, all_windows, options.bins, rounds, is_cold=options.cold
        )
    reached = goals(samples, load, all_windows) + tick_growth(samples, load)
    text = report(memory, load, rows, reached)
    print(text)
    if options.json:
        document = {'machine': tables.machine(), 'memory': memory, 'load': load, 'rows': rows}
        tables.write_json(options.json, document | {'goals': reached})
    if options.page:
        tables.put_into_page(options.page, 'tensor', text)


def report(memory, load, rows, reached):
    """Return all that was measured as Markdown."""
    ratios = tables.markdown(['ratio of CPU times', 'value'], reached)
    return '\n'.join([tables.facts(memory, load), '', table(rows), ratios])


if __name__ == '__main__':
    main()
