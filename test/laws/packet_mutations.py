"""
Mutated packets through every packet decoder, encoder, filter and accumulator, with bounds checks.

    NUMBA_BOUNDSCHECK=1 EVENTDEPTH_CACHE=folder python test/laws/packet_mutations.py --num 10000

Run as a process of its own, because numba's bounds check is for a whole process and its machine
code must not get into the ordinary cache. Real packets come from `EVENTDEPTH_DATA` where it is
set, beside generated ones of every encoding. Prints what it did as JSON; ends with an error at the
first thing that must not be: an exception of a decoder, one outside the EventDepthError family of
anything else, an index out of bounds, an event outside the sensor, events that do not come back.

"""

import argparse
from collections import Counter
import json
import os
from pathlib import Path
import sys
import time

from eventdepth_core.compilation import kernel
from eventdepth_core.errors import EventDepthError
from eventdepth_core.events import event_accumulator, RepresentationSpec
from eventdepth_core.events.filters import (
    BackgroundActivity,
    FilterChain,
    HotPixels,
    Orientation,
    RefractoryPeriod,
)
from eventdepth_core.events.packet_decoder import ENCODINGS, packet_decoder, WORD_BYTES
from eventdepth_core.events.packet_encoder import packet_encoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import EVENT_DTYPE, EventPacket, TRIGGER_DTYPE
import numpy as np

BAGS = ('evt3_vga', 'libcaer_cmp_davis346', 'libcaer_rollover', 'mono')
SIZES = ((640, 480), (346, 260), (33, 7), (1, 1), (2048, 2))
CHUNK_BYTES = 1_024
NUM_CHUNKS = 96
LIFE = 64  # mutations before a decoder begins anew
OUTPUT_SIZE = (12, 16)
WINDOW = {'window_us': 40_000, 'interval_us': 5_000}
SPECS = (
    RepresentationSpec(bins=5, **WINDOW),
    RepresentationSpec(bins=4, convention='tonic', **WINDOW),
    RepresentationSpec(bins=4, convention='event_cube', polarities='split', **WINDOW),
    RepresentationSpec('histogram', 'stacked', bins=4, **WINDOW),
    RepresentationSpec('count', 'plain', bins=1, **WINDOW),
    RepresentationSpec('last_timestamp', 'plain', bins=1, **WINDOW),
    RepresentationSpec('time_surface', 'linear', bins=1, **WINDOW),
)


@kernel
def entry(values, i):
    """Return an entry, the canary of the bounds check."""
    return values[np.uint64(i)]


def check_that_bounds_are_checked():
    try:
        entry(np.zeros(3), 3)
    except IndexError:
        return
    sys.exit('Expected bounds checks in this process, got none: set NUMBA_BOUNDSCHECK=1.')


def recorded_chunks(root):
    """Return pieces of real packets, {encoding: [(octets, time base)]}."""
    found = {}
    for name in BAGS:
        with open_recording(root / 'event_bags' / name) as recording:
            for packet in recording.samples():
                if not isinstance(packet, EventPacket):
                    continue
                chunks = found.setdefault(packet.encoding, [])
                octets = np.frombuffer(packet.payload[:CHUNK_BYTES], np.uint8)
                chunks.append((octets, packet.time_base_ns))
                if len(chunks) >= NUM_CHUNKS:
                    break
    return found


def generated_chunks(generator):
    """Return pieces of generated streams of every encoding, as `recorded_chunks`."""
    found = {}
    for encoding in ENCODINGS:
        width, height = SIZES[0]
        encoder = packet_encoder(encoding, width, height)
        found[encoding] = chunks = []
        now_us = 0 if encoding.startswith('evt') else 1_700_000_000_000_000
        for _ in range(NUM_CHUNKS):
            events = generated_events(encoding, generator, now_us)
            time_base_ns = 0 if encoding.startswith('evt') else now_us * 1_000
            octets = np.frombuffer(encoder.encode(events, time_base_ns), np.uint8)
            chunks.append((octets[:CHUNK_BYTES], time_base_ns))
            now_us += 1_000
    return found


def generated_events(encoding, generator, now_us):
    num = int(generator.integers(1, 400))
    is_trigger = encoding == 'trigger'
    events = np.zeros(num, TRIGGER_DTYPE if is_trigger else EVENT_DTYPE)
    events['t'] = now_us + np.sort(generator.integers(0, 20, num)) * 50
    events['p'] = generator.choice((-1, 1), num)
    if is_trigger:
        events['id'] = generator.integers(0, 32, num)
        return events
    events['x'] = generator.integers(0, 640, num)
    events['y'] = generator.integers(0, 480) + generator.integers(0, 2, num)
    events['y'] %= 480
    order = ['t', 'x', 'p', 'y'] if encoding == 'libcaer_cmp' else ['t', 'y', 'p', 'x']
    return np.sort(events, order=order)


def flip_bits(octets, _other, generator):
    num = int(generator.integers(1, 17))
    places = generator.integers(0, octets.size, num)
    octets[places] ^= np.uint8(1) << generator.integers(0, 8, num, dtype=np.uint8)
    return octets


def cut(octets, _other, generator):
    return octets[: generator.integers(0, octets.size)]


def cut_front(octets, _other, generator):
    return octets[generator.integers(0, octets.size) :]


def splice(octets, other, generator):
    at, into = generator.integers(0, octets.size), generator.integers(0, other.size + 1)
    return np.concatenate([octets[:at], other[into:], octets[at:]])


def overwrite(octets, _other, generator):
    start = generator.integers(0, octets.size)
    end = start + generator.integers(1, 33)
    kind = generator.integers(0, 3)
    if kind == 2:
        octets[start:end] = generator.integers(0, 256, octets[start:end].size)
    else:
        octets[start:end] = 0xFF * kind
    return octets


def repeat(octets, _other, generator):
    start = generator.integers(0, octets.size)
    return np.concatenate([octets, *[octets[start : start + 64]] * 5])


def noise(_octets, other, generator):
    return generator.integers(0, 256, other.size, dtype=np.uint8)


MUTATIONS = (flip_bits, flip_bits, flip_bits, cut, cut_front, splice, splice, overwrite, repeat)
MUTATIONS += (noise,)


class Stream:
    """One encoding at one size: a decoder, an encoder, accumulators and filters that live on."""

    def __init__(self, encoding, size, generator):
        self.encoding = encoding
        self.width, self.height = size
        self.generator = generator
        self.decoder = packet_decoder(encoding, *size)
        self.spec = SPECS[generator.integers(len(SPECS))]
        cells = generator.integers(-1, np.prod(OUTPUT_SIZE), self.width * self.height)
        self.accumulator = event_accumulator(
            self.spec,
            width=self.width,
            height=self.height,
            lookup=cells.astype(np.int32),
            output_size=OUTPUT_SIZE,
        )
        rows_first = self.height, self.width
        turned = Orientation(rows_first, flip_x=True, quarter_turns=1)
        self.filters = FilterChain(
            [
                HotPixels(rows_first, epoch_us=20_000, memory_us=80_000, max_share=0.1),
                RefractoryPeriod(rows_first, period_us=100),
                turned,
                BackgroundActivity(turned.output_size, support_us=3_000),
            ]
        )

    def take(self, octets, time_base_ns, counts):
        events = self.decoder.decode(octets, time_base_ns)
        counts['events'] += events.size
        counts['triggers'] += self.decoder.triggers.size
        self.check(events, self.width, self.height)
        choice = self.generator.integers(0, 8)
        if choice < 4:
            self.accumulate(octets, time_base_ns, counts)
        elif choice < 6:
            kept = self.filters.apply(events)
            self.check(kept, self.height, self.width)
            counts['filtered'] += events.size - kept.size
        else:
            self.encode_again(events, counts)
        if choice == 0:
            self.decoder.resynchronise()
            self.accumulator.resynchronise()

    def check(self, events, width, height):
        if events.size == 0:
            return
        is_inside = events['x'].max() < width and events['y'].max() < height
        if not is_inside or (np.abs(events['p']) != 1).any():
            sys.exit(f'Expected events within {width} x {height} from {self.encoding}, got others')

    def accumulate(self, octets, time_base_ns, counts):
        try:
            self.accumulator.push_packet(self.encoding, octets, time_base_ns)
            newest_us = self.accumulator.newest_us
            if newest_us is None or self.generator.integers(0, 4):
                return
            off_grid_us = int(self.generator.integers(-30_000, 30_000))
            end_us = newest_us - newest_us % 5_000 if off_grid_us % 2 else newest_us + off_grid_us
            tensor = self.accumulator.tensor(end_us)
        except EventDepthError as error:
            counts[f'refused {error.reason}'] += 1
            return
        counts['tensors'] += 1
        if tensor.dtype.kind == 'f' and not np.isfinite(tensor).all():
            sys.exit(f'Expected finite numbers in {self.spec}, got others')

    def encode_again(self, events, counts):
        is_trigger = self.encoding == 'trigger'
        wanted = np.sort(self.decoder.triggers if is_trigger else events, order='t')
        time_base_ns = int(wanted['t'][0]) * 1_000 if wanted.size else 0
        encoder = packet_encoder(self.encoding, self.width, self.height)
        try:
            payload = encoder.encode(wanted, time_base_ns)
        except EventDepthError as error:
            counts[f'refused {error.reason}'] += 1
            return
        again = packet_decoder(self.encoding, self.width, self.height)
        found = again.decode(payload, time_base_ns)
        found = again.triggers if is_trigger else found
        if wanted.size:
            found['t'] += wanted['t'][0] - found['t'][0]  # but for turns of a relative clock
        if found.tolist() != wanted.tolist():
            sys.exit(f'Expected the events that were encoded as {self.encoding}, got others')
        counts['encoded'] += wanted.size


def time_base_of(time_base_ns, generator):
    choice = generator.integers(0, 8)
    if choice == 0:
        return int(generator.integers(0, 1 << 64, dtype=np.uint64))
    return time_base_ns + int(choice == 1) * int(generator.integers(0, 1 << 32))


def resident_bytes():
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def run(num, seed, root):
    generator = np.random.default_rng(seed)
    chunks = generated_chunks(generator)
    for encoding, recorded in (recorded_chunks(root) if root else {}).items():
        chunks[encoding] += recorded
    streams, counts = {}, Counter()
    warm_bytes, start_s = 0, time.perf_counter()
    for i in range(num):
        encoding = ENCODINGS[generator.integers(len(ENCODINGS))]
        known = chunks[encoding]
        octets, time_base_ns = known[generator.integers(len(known))]
        from_another = ENCODINGS[generator.integers(len(ENCODINGS))] if i % 4 == 0 else encoding
        others = chunks[from_another]
        other, _ = others[generator.integers(len(others))]
        mutate = MUTATIONS[generator.integers(len(MUTATIONS))]
        stream, life = streams.get(encoding, (None, 0))
        if life == 0:
            size = SIZES[min(generator.integers(2 * len(SIZES)), len(SIZES) - 1) if i % 2 else 0]
            stream, life = Stream(encoding, size, generator), LIFE
        streams[encoding] = stream, life - 1
        mutant = mutate(octets.copy(), other, generator)
        if generator.integers(0, 2):  # whole words go further
            mutant = mutant[: mutant.size // WORD_BYTES[encoding] * WORD_BYTES[encoding]]
        stream.take(mutant, time_base_of(time_base_ns, generator), counts)
        if i == num // 5:
            warm_bytes = resident_bytes()
    return {
        'num_mutations': num,
        'seed': seed,
        'wall_s': round(time.perf_counter() - start_s, 1),
        'growth_mib': round((resident_bytes() - warm_bytes) / (1 << 20), 1),
        'resident_mib': round(resident_bytes() / (1 << 20), 1),
        'encodings': {name: len(chunks[name]) for name in chunks},
        'counts': {name: int(count) for name, count in sorted(counts.items())},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--num', type=int, default=10_000)
    parser.add_argument('--seed', type=int, default=0)
    arguments = parser.parse_args()
    check_that_bounds_are_checked()
    root = os.environ.get('EVENTDEPTH_DATA')
    report = run(arguments.num, arguments.seed, Path(root) if root else None)
    sys.stdout.write(json.dumps(report) + '\n')


if __name__ == '__main__':
    main()
