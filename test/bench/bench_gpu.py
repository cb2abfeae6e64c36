"""
The event core on a CUDA device: raw bytes uploaded and decoded there, beside what else one does.

    python test/bench/bench_gpu.py [--cases vga:1 vga:10 vga:50] [--rounds 20] [--quick]
        [--json FILE] [--page FILE]

Without a CUDA device nothing is timed: the same code runs on CPU tensors, its grids are compared
with those of the CPU path bit for bit, and the bytes that would move are counted. With one: the
time to upload the bytes of a window, its float32 tensor and 16 bytes an event, each from pinned
memory; decoding and adding on the device; and the CPU path followed by the upload of its tensor.
Wall times around synchronised calls, medians, quartile distances and p99.

"""

import argparse
from dataclasses import dataclass
from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import peers
from rounds import current_load, measure, MIN_ROUNDS, ratio_text, times_of, TOTAL
import tables
from tensor_paths import Incremental, TorchAccumulator
import torch_forms
from windows import Case, Windows

torch = torch_forms.torch
BINS = 5
CASES, QUICK_CASES = ('vga:1', 'vga:10', 'vga:50', 'hd:10', 'hd:50'), ('vga:1', 'vga:10')
EVENT_BYTES = 16
NO_DEVICE = 'not measured: no CUDA here'


@dataclass(frozen=True)
class Row:
    """One case: what moves, whether the grids agree, and the times by path."""

    case: str
    raw_bytes: int
    tensor_bytes: int
    event_bytes: int
    is_same: bool
    times: dict


class Upload:
    """A copy of `octets` from pinned memory to the device."""

    def __init__(self, num_bytes):
        self.host = torch.zeros(num_bytes, dtype=torch.uint8).pin_memory()
        self.device = torch.zeros(num_bytes, dtype=torch.uint8, device='cuda')

    def window(self, i, watch):
        """Copy once."""
        watch.start()
        self.device.copy_(self.host, non_blocking=True)
        torch.cuda.synchronize()
        watch.lap()


class OnDevice(TorchAccumulator):
    """Bytes up, decoded, added and normalised there."""

    is_slow = False

    def __init__(self, windows, bins):
        super().__init__(windows, bins, device='cuda')

    def window(self, i, watch):
        """Run the device path to its end."""
        if i == 0:
            self.accumulator.reset()
        watch.start()
        for packet in self.windows.packets[i]:
            self.accumulator.push_packet('evt3', packet)
        self.raw = self.accumulator.tensor(self.windows.end_us(i))
        self.out = torch_forms.normalised(self.raw)
        torch.cuda.synchronize()
        watch.lap()


class OnHost(Incremental):
    """The CPU path, its normalised tensor written into pinned memory and uploaded."""

    def __init__(self, windows, bins):
        super().__init__(windows, bins)
        self.pinned = torch.zeros(self.out.shape).pin_memory()
        self.out = self.pinned.numpy()
        self.device = torch.zeros(self.out.shape, device='cuda')

    def window(self, i, watch):
        """Laps: 'arrival', 'tick' and 'upload'."""
        super().window(i, watch)
        self.device.copy_(self.pinned, non_blocking=True)
        torch.cuda.synchronize()
        watch.lap('upload')


def is_same_as_cpu(windows, device):
    """Return whether all windows give the grids of the CPU path, bit for bit."""
    height, width = windows.size
    ours, theirs = Incremental(windows, BINS), TorchAccumulator(windows, BINS, device=device)
    for i in range(windows.num):
        for packet in windows.packets[i]:
            ours.accumulator.push_packet('evt3', packet)
            theirs.accumulator.push_packet('evt3', packet)
        end_us = windows.end_us(i)
        grid = theirs.accumulator.tensor(end_us).cpu().numpy()
        if grid.shape != (BINS, height, width):
            return False
        if not np.array_equal(grid, ours.accumulator.tensor(end_us)):
            return False
    return True


def row_of(name, rounds, has_device):
    """Check one case and, on a device, measure it."""
    windows = Windows(Case.of(name))
    raw = int(2 * windows.num_words)
    tensor = BINS * windows.size[0] * windows.size[1] * 4
    events = int(EVENT_BYTES * windows.num_events)
    is_same = is_same_as_cpu(windows, 'cuda' if has_device else 'cpu')
    times = {}
    if has_device and is_same:
        paths = {
            'raw bytes up': Upload(raw),
            'tensor up': Upload(tensor),
            'events up': Upload(events),
            'all on the device': OnDevice(windows, BINS),
            'CPU path, then up': OnHost(windows, BINS),
        }
        samples, _ = measure(paths, windows.num, rounds)
        times = {path: times_of(samples[path, TOTAL]) for path in paths}
    return Row(str(windows.case), raw, tensor, events, is_same, times)


def table(rows, load):
    """Return the rows as Markdown; times are wall times."""
    lines = []
    for row in rows:
        moved = [
            f'{each / 1e6:.2f}' for each in (row.raw_bytes, row.tensor_bytes, row.event_bytes)
        ]
        grids = 'those of the CPU' if row.is_same else 'wrong'
        share = f'{row.raw_bytes / row.tensor_bytes:.2f}'
        for path, times in (row.times or {NO_DEVICE: None}).items():
            spent = '' if times is None else f'{times.wall_ms:.3f} ± {times.wall_iqr_ms:.3f}'
            p99 = '' if times is None else f'{times.p99_ms:.3f}'
            lines.append([row.case, *moved, share, grids, path, spent, p99])
    head = [
        'case', 'MB raw', 'MB tensor', 'MB events', 'raw / tensor', 'grids', 'path', 'wall ms',
        'p99 ms',
    ]  # fmt: skip
    gains = [
        [row.case, ratio_text(_gain(row) if load.is_quiet else None)] for row in rows if row.times
    ]
    return tables.markdown(head, lines) + (
        '\n' + tables.markdown(['case', 'CPU path, then up / all on the device'], gains)
        if gains
        else ''
    )


def _gain(row):
    return row.times['CPU path, then up'].wall_ms / row.times['all on the device'].wall_ms


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--cases', nargs='+', help='sensor:Mev/s')
    parser.add_argument('--rounds', type=int, default=20)
    parser.add_argument('--quick', action='store_true', help='two cases')
    parser.add_argument('--json', type=Path)
    parser.add_argument('--page', type=Path, help='put the table into this page')
    return parser.parse_args()


def main():
    options = parsed()
    if torch is None:
        print(f'torch: {peers.NOT_INSTALLED}')
        return 0
    has_device = torch.cuda.is_available()
    names = options.cases or (QUICK_CASES if options.quick or not has_device else CASES)
    rows = [row_of(name, max(options.rounds, MIN_ROUNDS), has_device) for name in names]
    load = current_load()
    device = torch.cuda.get_device_name() if has_device else NO_DEVICE
    text = f'{device}; load {load.average:.1f} on {load.cores} cores.\n\n' + table(rows, load)
    print(text)
    if options.json:
        document = {'machine': tables.machine(), 'device': device, 'load': load, 'rows': rows}
        tables.write_json(options.json, document)
    if options.page:
        tables.put_into_page(options.page, 'gpu', text)
    return 0 if all(row.is_same for row in rows) else 1


if __name__ == '__main__':
    sys.exit(main())
