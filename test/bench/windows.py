"""One synthetic stream, cut into windows of 50 ms and packets, as bytes, words and events."""

from dataclasses import dataclass
from itertools import pairwise

from eventdepth_core.events import packet_encoder
import numpy as np
from streams import STREAMS

SIZES = {
    'qvga': (240, 320),
    'davis': (260, 346),
    'vga': (480, 640),
    'hd': (720, 1280),
}
WINDOW_US = 50_000
PACKET_US = 1_000
START_US = 16_700_000  # the 24-bit time of EVT3 wraps in the second window
MAX_EVENTS = 4_000_000


@dataclass(frozen=True)
class Case:
    """A sensor by its name and a rate."""

    sensor: str
    rate_mev_s: float
    profile: str = 'edges'

    @classmethod
    def of(cls, text):
        """Return the case of a text such as 'vga:10' or 'hd:50:dense'."""
        sensor, rate, *profile = text.split(':')
        if sensor not in SIZES:
            raise ValueError(f'Expected a sensor out of {", ".join(SIZES)}, got {sensor!r}.')
        return cls(sensor, float(rate), *profile)

    @property
    def size(self):
        """Return (height, width)."""
        return SIZES[self.sensor]

    @property
    def stem(self):
        """Return a name for files."""
        return f'{self.sensor}-{self.rate_mev_s:g}-{self.profile}'

    def __str__(self):
        sensor = f'{self.sensor.upper()} {self.rate_mev_s:g} Mev/s'
        return sensor if self.profile == 'edges' else f'{sensor} {self.profile}'


class Windows:
    """The windows of one stream; `num` are enough for two wraps of the measurement, at most 4."""

    def __init__(self, case, *, num=4):
        self.case, self.size = case, case.size
        most = int(MAX_EVENTS / (case.rate_mev_s * WINDOW_US))
        self.num = max(2, min(num, most))
        self.start_us = [START_US + i * WINDOW_US for i in range(self.num)]
        self.all_events = STREAMS[case.profile](
            size=case.size,
            rate_hz=case.rate_mev_s * 1e6,
            start_us=START_US,
            duration_us=self.num * WINDOW_US,
            seed=1,
        )
        edges = np.arange(self.num + 1) * WINDOW_US + START_US
        cuts = np.searchsorted(self.all_events['t'], edges)
        self.events = [self.all_events[a:b] for a, b in pairwise(cuts)]
        self.packets = self.cut(PACKET_US)
        self.words = [
            np.concatenate([np.frombuffer(packet, '<u2') for packet in window])
            for window in self.packets
        ]
        self.num_events = self.all_events.size / self.num
        self.num_words = sum(words.size for words in self.words) / self.num

    def end_us(self, i):
        """Return where window `i` ends."""
        return self.start_us[i] + WINDOW_US

    def cut(self, packet_us):
        """Return the packets of each window, all of one encoder."""
        encoder = packet_encoder('evt3', self.size[1], self.size[0])
        packets = []
        for start_us, events in zip(self.start_us, self.events, strict=True):
            edges = np.arange(start_us, start_us + WINDOW_US + 1, packet_us)
            edges[-1] = start_us + WINDOW_US
            cuts = np.searchsorted(events['t'], edges)
            packets.append([encoder.encode(events[a:b]) for a, b in pairwise(cuts)])
        return packets

    @property
    def head(self):
        """Return what stands in front of the words in a file."""
        height, width = self.size
        return f'% evt 3.0\n% format EVT3;height={height};width={width}\n% end\n'

    def files(self, folder):
        """Write each window as a file of its own and return the paths."""
        height, width = self.size
        paths = []
        for i, events in enumerate(self.events):
            path = folder / f'{self.case.stem}-{i}.raw'
            octets = packet_encoder('evt3', width, height).encode(events)
            path.write_bytes(self.head.encode() + octets)
            paths.append(path)
        return paths
