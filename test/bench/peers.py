"""
Peers, where they are installed: what others decode and accumulate with.

`use(folders)` puts the folders of peers behind everything else on the path, so that they never
replace what the repository itself stands on. A peer that is absent is None and its row says so;
nothing here is needed by the repository.

"""

import contextlib
import importlib
import io
import os
import sys

import numpy as np

NOT_INSTALLED = 'not installed here'
LOW_TIME = (1 << 24) - 1


def use(folders):
    """Make the peers of `folders`, separated as in a PATH, importable."""
    for folder in filter(None, (folders or '').split(os.pathsep)):
        if folder not in sys.path:
            sys.path.append(folder)


def module(name):
    """Return a module, None where it is absent or does not load."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # evlib tells what it lacks
            return importlib.import_module(name)
    except ImportError:
        return None


class EventCameraPy:
    """event_camera_py: packets in, structured events out (C++, holds the GIL)."""

    takes = 'packets'

    def __init__(self, size):
        self._new = module('event_camera_py').Decoder
        self.height, self.width = size

    def start(self):
        """Begin a stream."""
        self._decoder = self._new()

    def decode(self, packets):
        """Return the events of packets, joined, because it holds those of one call only."""
        self._decoder.decode_bytes('evt3', self.width, self.height, 0, b''.join(packets))
        return self._decoder.get_cd_events()

    @staticmethod
    def columns(events, start_us):
        """Return t from `start_us` on, x, y and p as 0 or 1."""
        return events['t'] - np.int32(start_us), events['x'], events['y'], events['p']


class FileDecoder:
    """What all decoders of files share."""

    takes = 'file'

    def __init__(self, size):
        self.size = size

    def start(self):
        """Begin a stream; a file is one by itself."""

    @staticmethod
    def columns(events, start_us):
        """Return t from `start_us` on, x, y and p as 0 or 1; a file knows 24 bits of time."""
        start = start_us & LOW_TIME
        return events['t'].astype(np.int64) - start, events['x'], events['y'], events['p']


class Faery(FileDecoder):
    """faery: a file in, chunks of structured events out (Rust)."""

    def decode(self, path):
        """Return the events of a file."""
        height, width = self.size
        with module('faery').evt.Decoder(str(path), (width, height), 'evt3') as decoder:
            return np.concatenate([chunk['events'] for chunk in decoder])

    @staticmethod
    def columns(events, start_us):
        """Return the columns as all do; polarities are booleans here."""
        t, x, y, p = FileDecoder.columns(events, start_us)
        return t, x, y, p.view(np.int8)


class Evlib(FileDecoder):
    """evlib: a file in, a polars frame out (Rust)."""

    def decode(self, path):
        """Return the columns of a file."""
        frame = module('evlib').load_events(str(path), sort=False).collect()
        times_us = frame['t'].to_physical().to_numpy()
        polarity = (frame['polarity'].to_numpy() > 0).view(np.int8)
        return {
            't': times_us,
            'x': frame['x'].to_numpy(),
            'y': frame['y'].to_numpy(),
            'p': polarity,
        }


class Expelliarmus(FileDecoder):
    """expelliarmus: a file in, structured events out (C)."""

    def decode(self, path):
        """Return the events of a file."""
        return module('expelliarmus').Wizard(encoding='evt3').read(str(path))


DECODERS = {
    'event_camera_py': EventCameraPy,
    'faery': Faery,
    'evlib': Evlib,
    'expelliarmus': Expelliarmus,
}


def decoder(name, size):
    """Return the peer's decoder, None where it is not installed."""
    return None if module(name) is None else DECODERS[name](size)


def verdict(columns, events, start_us):
    """
    Return 'exact', or what is wrong with decoded `columns` (t, x, y, p) beside the true `events`.

    Times of `columns` count from `start_us`; the order must be that of the stream.

    """
    t, x, y, p = columns
    if len(t) != events.size:
        return f'wrong number: {len(t) - events.size:+d} events'
    expected = events['t'] - start_us, events['x'], events['y'], events['p'] > 0
    for name, found, true in zip('txyp', (t, x, y, np.asarray(p) > 0), expected, strict=True):
        num_wrong = int(np.count_nonzero(np.asarray(found) != true))
        if num_wrong:
            return f'wrong {name}: {100 * num_wrong / events.size:.1f} % of events'
    return 'exact'
