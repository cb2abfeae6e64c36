"""
Bytes to events: the EVT3 packet decoder beside peers, plain forms and what reading costs.

    python test/bench/bench_decode.py [--cases vga:10 hd:10:dense ...] [--rounds 5] [--quick]
        [--peers PATH] [--sketches FOLDER] [--json FILE] [--page FILE]

Streams of 0.1 to 0.2 s of moving edges (and of noise and of flickering rows), from the project's
own encoder, over the wrap of the 24-bit time. Before any time is taken each decoder must give the
events that were encoded, in order; one that does not is marked and gets no time. Interleaved
rounds; CPU times of all threads, medians and quartile distances; no ratio where the load exceeds
the cores. Files of peers lie in memory where the machine has a place for that.

"""

import argparse
from dataclasses import dataclass
import os
from pathlib import Path
import sys
import tempfile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from eventdepth_core.events import packet_decoder
import limits
import numpy as np
import peers
import plain_forms
from rounds import measure, MIN_ROUNDS, ratio, ratio_text, Stopwatch, times_of, TOTAL
import sketches
import tables
from windows import Case, START_US, WINDOW_US, Windows

OURS = 'eventdepth, packets of 1 ms'
CASES = (
    'vga:1', 'vga:10', 'vga:50', 'hd:1', 'hd:10', 'hd:50', 'vga:10:scatter', 'vga:10:dense',
)  # fmt: skip
QUICK_CASES = ('vga:1', 'vga:10')
PACKETS_US = {'0.1 ms': 100, '1 ms': 1_000, '5 ms': 5_000, '50 ms': WINDOW_US}
LIMITS = ('limit: read the words', 'limit: count the events')


@dataclass(frozen=True)
class Row:
    """One decoder in one case: times of the whole stream."""

    case: str
    path: str
    verdict: str
    times: object
    speed_mev_s: float | None
    ratio: float | None


class Ours:
    """The packet decoder, packet by packet."""

    def __init__(self, windows, packet_us):
        self.packets = [packet for window in windows.cut(packet_us) for packet in window]
        height, width = windows.size
        self.decoder = packet_decoder('evt3', width, height)

    def window(self, i, watch):
        """Decode the stream."""
        self.decoder.reset()
        watch.start()
        self.parts = [self.decoder.decode(packet) for packet in self.packets]
        watch.lap()

    def columns(self):
        """Return t, x, y and p of what was decoded."""
        events = np.concatenate(self.parts)
        return events['t'] - START_US, events['x'], events['y'], events['p']


class Peer:
    """A peer's decoder: the whole stream in one piece, which is where it is fastest."""

    def __init__(self, windows, decoder, folder):
        self.decoder = decoder
        packets = [packet for window in windows.cut(WINDOW_US) for packet in window]
        self.source = packets
        if decoder.takes == 'file':
            self.source = folder / f'{windows.case.stem}.raw'
            self.source.write_bytes(windows.head.encode() + b''.join(packets))

    def window(self, i, watch):
        """Decode the stream."""
        self.decoder.start()
        watch.start()
        self.events = self.decoder.decode(self.source)
        watch.lap()

    def columns(self):
        """Return t, x, y and p of what was decoded."""
        return self.decoder.columns(self.events, START_US)


class PeerByPacket(Peer):
    """event_camera_py as a node calls it: each packet of a millisecond, then its events."""

    def __init__(self, windows, decoder, _folder):
        self.decoder = decoder
        self.source = [[packet] for window in windows.packets for packet in window]

    def window(self, i, watch):
        """Decode the stream."""
        self.decoder.start()
        watch.start()
        self.parts = [self.decoder.decode(packet) for packet in self.source]
        watch.lap()

    def columns(self):
        """Return t, x, y and p of what was decoded."""
        return self.decoder.columns(np.concatenate(self.parts), START_US)


class PlainNumpy:
    """The vectorised numpy form, whole windows."""

    is_slow = True

    def __init__(self, windows):
        self.words = windows.words

    def window(self, i, watch):
        """Decode the stream."""
        decoder = plain_forms.PlainDecoder()
        watch.start()
        self.parts = [decoder.decode(words) for words in self.words]
        watch.lap()

    def columns(self):
        """Return t, x, y and p of what was decoded."""
        t, x, y, p = (np.concatenate(each) for each in zip(*self.parts, strict=True))
        return t - START_US, x, y, p


class Sketch:
    """A decoder of the sketches: columns instead of records, in buffers that stay."""

    def __init__(self, windows, kernel):
        self.kernel, self.size = kernel, windows.size
        self.words = np.concatenate(windows.words)
        num = windows.all_events.size + 64
        self.out = [np.empty(num, kind) for kind in (np.uint16, np.uint16, np.uint8, np.int64)]

    def window(self, i, watch):
        """Decode the stream."""
        height, width = self.size
        state = np.zeros(10, np.int64)
        watch.start()
        self.num = self.kernel(self.words, state, *self.out, width, height)
        watch.lap()

    def columns(self):
        """Return t, x, y and p of what was decoded."""
        x, y, p, t = (each[: self.num] for each in self.out)
        return t - START_US, x, y, p


class Limit:
    """A pass over the words that keeps nothing."""

    def __init__(self, windows, kernel):
        self.kernel, self.words = kernel, np.concatenate(windows.words)

    def window(self, i, watch):
        """Read the stream."""
        self.kernel(self.words)
        watch.lap()


def paths_of(windows, found, folder):
    """Return the decoders by name, None for what is not installed here."""
    paths = {
        f'eventdepth, packets of {name}': Ours(windows, us) for name, us in PACKETS_US.items()
    }
    for name in peers.DECODERS:
        decoder = peers.decoder(name, windows.size)
        paths[name] = decoder and Peer(windows, decoder, folder)
    peer = peers.decoder('event_camera_py', windows.size)
    paths['event_camera_py, packets of 1 ms'] = peer and PeerByPacket(windows, peer, folder)
    paths['plain numpy'] = PlainNumpy(windows)
    if found:
        paths['sketch, branches'] = Sketch(windows, found['dec'].decode_nb)
        paths['sketch, few branches'] = Sketch(windows, found['dec2'].decode_bl)
    for name, kernel in zip(LIMITS, (limits.read_words, limits.count_evt3_events), strict=True):
        paths[name] = Limit(windows, kernel)
    return paths


def verdict_of(path, windows):
    """Decode once and return whether the events are those that were encoded."""
    watch = Stopwatch()
    watch.start()
    path.window(0, watch)
    if isinstance(path, Limit):
        return ''
    return peers.verdict(path.columns(), windows.all_events, START_US)


def rows_of(case, windows, paths, rounds):
    """Measure one case and return its rows and the load."""
    worth = {
        name: peers.NOT_INSTALLED if path is None else verdict_of(path, windows)
        for name, path in paths.items()
    }
    timed = {name: path for name, path in paths.items() if worth[name] in ('', 'exact')}
    samples, load = measure(timed, 1, rounds)
    rows = []
    for name in paths:
        if name not in timed:
            rows.append(Row(case, name, worth[name], None, None, None))
            continue
        mine = samples[name, TOTAL]
        times = times_of(mine)
        speed = windows.all_events.size / times.cpu_ms * 1e-3
        against = ratio(mine, samples[OURS, TOTAL], load)
        rows.append(Row(case, name, worth[name], times, speed, against))
    return rows, load


def table(rows):
    """Return the rows as Markdown."""
    lines = []
    for row in rows:
        numbers = ['', '', '', '']
        if row.times is not None:
            times = row.times
            numbers = [
                f'{times.cpu_ms:.2f} ± {times.cpu_iqr_ms:.2f}', f'{times.wall_ms:.2f}',
                f'{row.speed_mev_s:.0f}', ratio_text(row.ratio),
            ]  # fmt: skip
        lines.append([row.case, row.path, row.verdict, *numbers])
    head = ['case', 'decoder', 'events', 'CPU ms', 'wall ms', 'Mev/s', 'to ours at 1 ms']
    return tables.markdown(head, lines)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--cases', nargs='+', help='sensor:Mev/s[:profile]')
    parser.add_argument('--rounds', type=int, default=MIN_ROUNDS)
    parser.add_argument('--quick', action='store_true', help='two cases that take a minute')
    parser.add_argument('--peers', default=os.environ.get('PEERS'), help='folders of peers')
    parser.add_argument('--sketches', default=os.environ.get('SKETCHES'), help='folder')
    parser.add_argument('--json', type=Path)
    parser.add_argument('--page', type=Path, help='put the table into this page')
    return parser.parse_args()


def main():
    options = parsed()
    peers.use(options.peers)
    found = sketches.load(options.sketches)
    names = options.cases or (QUICK_CASES if options.quick else CASES)
    memory = limits.memory_limits()
    rows, loads, sizes = [], [], []
    in_memory = '/dev/shm' if Path('/dev/shm').is_dir() else None
    with tempfile.TemporaryDirectory(dir=in_memory) as folder:
        for name in names:
            windows = Windows(Case.of(name))
            case, num = str(windows.case), windows.all_events.size
            paths = paths_of(windows, found, Path(folder))
            made, load = rows_of(case, windows, paths, max(options.rounds, MIN_ROUNDS))
            num_words = windows.num_words * windows.num
            sizes.append([case, num, f'{2 * num_words / num:.2f}', f'{num_words / num:.2f}'])
            rows += made
            loads.append(load)
            print(f'{case}: load {load.average:.1f}', file=sys.stderr)
    load = max(loads, key=lambda each: each.average)
    text = '\n'.join([
        tables.facts(memory, load),
        '',
        tables.markdown(['stream', 'events', 'bytes an event', 'words an event'], sizes),
        table(rows),
    ])  # fmt: skip
    print(text)
    if options.json:
        document = {'machine': tables.machine(), 'memory': memory, 'load': load, 'rows': rows}
        tables.write_json(options.json, document | {'streams': sizes})
    if options.page:
        tables.put_into_page(options.page, 'decode', text)


if __name__ == '__main__':
    main()
