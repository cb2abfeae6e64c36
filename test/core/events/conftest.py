"""Real event packets straight out of their bags, with a reader of a few lines of its own."""

from collections.abc import Callable
from pathlib import Path
import sqlite3
import struct

from eventdepth_core.types import EventPacket
from mcap.reader import make_reader
import pytest

BAGS = {
    'evt3': 'evt3_vga/test_events_1.db3',
    'libcaer_cmp': 'libcaer_cmp_davis346/test_events_2_0.mcap',
    'libcaer': 'libcaer_rollover/libcaer_rollover_0.db3',
    'mono': 'mono/test_data_mono_cd_0.db3',
}


@pytest.fixture(scope='session')
def recorded_packets(data_root: Path) -> Callable[[str], list[EventPacket]]:
    def read(encoding: str) -> list[EventPacket]:
        path = data_root / 'event_bags' / BAGS[encoding]
        raw = _sqlite_messages(path) if path.suffix == '.db3' else _mcap_messages(path)
        return [_packet(message) for message in raw]

    return read


def _sqlite_messages(path: Path) -> list[bytes]:
    with sqlite3.connect(f'file:{path}?immutable=1', uri=True) as connection:
        return [row[0] for row in connection.execute('select data from messages order by id')]


def _mcap_messages(path: Path) -> list[bytes]:
    with path.open('rb') as file:
        return [message.data for _, _, message in make_reader(file).iter_messages()]


def _packet(cdr: bytes) -> EventPacket:
    """Read stamp, frame, height, width, seq, time base, encoding, byte order and payload."""
    body = cdr[4:]
    (frame_size,) = struct.unpack_from('<I', body, 8)
    at = _aligned(12 + frame_size, 4)
    height, width = struct.unpack_from('<II', body, at)
    at = _aligned(at + 8, 8)
    seq, time_base_ns, name_size = struct.unpack_from('<QQI', body, at)
    at += 20
    encoding = body[at : at + name_size - 1].decode()
    at = _aligned(at + name_size + 1, 4)
    (num_bytes,) = struct.unpack_from('<I', body, at)
    payload = body[at + 4 : at + 4 + num_bytes]
    return EventPacket(encoding, width, height, time_base_ns, payload, seq=seq)


def _aligned(at: int, size: int) -> int:
    return -(-at // size) * size
