"""
MCAP storage, read record by record.

The file is walked once at opening, from record to record without reading the messages, so a
missing summary (a recorder that was killed) makes no difference. Chunks, and messages that
stand outside chunks, are then read in time order.

Laws: a file with and without summary yields the same; a damaged chunk is counted and skipped; a
file cut anywhere yields every message before the cut that can be unpacked.

"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
import heapq
from io import BytesIO
from itertools import count
from pathlib import Path
import struct
from typing import TYPE_CHECKING
import zlib

from eventdepth_core.errors import EventDepthError, needed_package, RecordingError
from eventdepth_core.recordings.storage import BagTopic, StoredMessage

if TYPE_CHECKING:
    from mcap.records import Channel, Schema, Statistics

MCAP_MAGIC = b'\x89MCAP0\r\n'

_RECORD_HEADER = struct.Struct('<BQ')
_MESSAGE_HEADER = struct.Struct('<HIQQ')
_CHUNK_HEADER = struct.Struct('<QQQII')
_MESSAGE_INDEX_HEADER = struct.Struct('<H')


class Opcode(IntEnum):
    """The kinds of records that are looked at."""

    FOOTER = 0x02
    SCHEMA = 0x03
    CHANNEL = 0x04
    MESSAGE = 0x05
    CHUNK = 0x06
    MESSAGE_INDEX = 0x07
    STATISTICS = 0x0B


_TABLES = (Opcode.SCHEMA, Opcode.CHANNEL, Opcode.STATISTICS)


@dataclass(slots=True)
class _Block:
    """A chunk, or a message outside chunks: where it lies and what times it spans."""

    opcode: int
    offset: int
    num_bytes: int
    start_ns: int
    end_ns: int
    channels: set[int]
    is_cut: bool = False


class McapStorage:
    """
    One .mcap file, opened for reading.

    Raises RecordingError if it is not MCAP or describes no channel, MissingDependencyError
    without the package mcap.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open('rb')
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}
        self._statistics: Statistics | None = None
        self._blocks: list[_Block] = []
        self.dropped: Counter[str] = Counter()
        try:
            self._walk()
            if self._statistics is None:
                self._survey()
            self._blocks = [block for block in self._blocks if not self._is_empty(block)]
        except EventDepthError:
            self.close()
            raise
        self._blocks.sort(key=lambda block: block.start_ns)
        self.topics = self._named_topics()
        self.start_ns = min((block.start_ns for block in self._blocks), default=None)
        self.end_ns = max((block.end_ns for block in self._blocks), default=None)

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics, ascending in record time."""
        self.dropped.pop('unreadable_chunk', None)
        names = {key: each.topic for key, each in self._channels.items() if each.topic in topics}
        pending: list[tuple[int, int, StoredMessage]] = []
        serial = count()
        for block in self._blocks:
            if block.channels and block.channels.isdisjoint(names):
                continue
            while pending and pending[0][0] < block.start_ns:
                yield heapq.heappop(pending)[2]
            for key, stamp_ns, raw in self._block_messages(block):
                if key in names:
                    message = StoredMessage(names[key], stamp_ns, raw)
                    heapq.heappush(pending, (stamp_ns, next(serial), message))
        while pending:
            yield heapq.heappop(pending)[2]

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _walk(self) -> None:
        """Note where every block lies and read the tables, without reading messages."""
        size = self._path.stat().st_size
        if self._file.read(len(MCAP_MAGIC)) != MCAP_MAGIC:
            raise RecordingError(f'Expected an MCAP file, got other bytes in {self._path}.')
        offset = len(MCAP_MAGIC)
        while offset + _RECORD_HEADER.size <= size:
            self._file.seek(offset)
            opcode, num_bytes = _RECORD_HEADER.unpack(self._file.read(_RECORD_HEADER.size))
            offset += _RECORD_HEADER.size
            if opcode == Opcode.FOOTER:
                return
            is_cut = offset + num_bytes > size
            self._note(opcode, offset, min(num_bytes, size - offset), is_cut=is_cut)
            offset += num_bytes
        self.dropped['truncated'] = 1
        if self._blocks:
            self._blocks[-1].channels.clear()  # its index may be cut: read it whatever it holds

    def _note(self, opcode: int, offset: int, num_bytes: int, *, is_cut: bool) -> None:
        """Keep what one record says; the file stands at the record's body."""
        if opcode == Opcode.CHUNK and num_bytes >= _CHUNK_HEADER.size:
            header = self._file.read(_CHUNK_HEADER.size)
            start_ns, end_ns, unpacked_bytes, _, _ = _CHUNK_HEADER.unpack(header)
            block = _Block(opcode, offset, num_bytes, start_ns, end_ns, set(), is_cut)
            if unpacked_bytes > 0:
                self._blocks.append(block)
        elif opcode == Opcode.MESSAGE and not is_cut and num_bytes >= _MESSAGE_HEADER.size:
            key, _, stamp_ns, _ = _MESSAGE_HEADER.unpack(self._file.read(_MESSAGE_HEADER.size))
            self._blocks.append(_Block(opcode, offset, num_bytes, stamp_ns, stamp_ns, {key}))
        elif opcode == Opcode.MESSAGE_INDEX and self._blocks and not is_cut:
            self._blocks[-1].channels.add(_MESSAGE_INDEX_HEADER.unpack(self._file.read(2))[0])
        elif opcode in _TABLES and not is_cut:
            self._note_table(opcode, self._file.read(num_bytes))

    def _note_table(self, opcode: int, body: bytes) -> None:
        """Keep a schema, a channel or the statistics; a damaged one is passed over."""
        with needed_package('mcap'):
            from mcap.data_stream import ReadDataStream
            from mcap.exceptions import McapError
            from mcap.records import Channel, Schema, Statistics
        stream = ReadDataStream(BytesIO(body))
        try:
            if opcode == Opcode.SCHEMA:
                schema = Schema.read(stream)
                self._schemas[schema.id] = schema
            elif opcode == Opcode.CHANNEL:
                channel = Channel.read(stream)
                self._channels[channel.id] = channel
            else:
                self._statistics = Statistics.read(stream)
        except (McapError, struct.error, UnicodeDecodeError):
            self.dropped['damaged_table'] += 1

    def _survey(self) -> None:
        """Find schemas and channels inside the chunks, for a file without a summary."""
        for block in self._blocks:
            if block.opcode == Opcode.CHUNK:
                for opcode, body in _records(self._unpacked(block)):
                    if opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                        self._note_table(opcode, bytes(body))

    def _is_empty(self, block: _Block) -> bool:
        """Say whether a chunk holds no message, which its times do not tell from stamp 0."""
        if block.opcode != Opcode.CHUNK or block.end_ns > 0:
            return False
        unpacked = self._unpacked(block)  # empty where damaged: kept, so that reading counts it
        has_message = any(opcode == Opcode.MESSAGE for opcode, _ in _records(unpacked))
        return len(unpacked) > 0 and not has_message

    def _named_topics(self) -> tuple[BagTopic, ...]:
        """Return the CDR topics by name, channels of one topic taken together."""
        topics: dict[str, BagTopic] = {}
        counts = None if self._statistics is None else self._statistics.channel_message_counts
        for key, channel in sorted(self._channels.items()):
            schema = self._schemas.get(channel.schema_id)
            if schema is None or channel.message_encoding != 'cdr':
                continue
            number = None if counts is None else counts.get(key, 0)
            known = topics.get(channel.topic)
            if number is not None and known is not None and known.count is not None:
                number += known.count
            topics[channel.topic] = BagTopic(channel.topic, _full_name(schema.name), number)
        if not self._channels:
            raise RecordingError(f'Expected channels in {self._path}, got none that is readable.')
        return tuple(topics.values())

    def _block_messages(self, block: _Block) -> Iterator[tuple[int, int, bytes]]:
        """Yield (channel, record time in ns, CDR bytes) of a block in file order."""
        if block.opcode == Opcode.MESSAGE:
            yield _message(self._read(block))
            return
        for opcode, body in _records(self._unpacked(block)):
            if opcode == Opcode.MESSAGE and len(body) >= _MESSAGE_HEADER.size:
                yield _message(body)

    def _unpacked(self, block: _Block) -> memoryview:
        """Return the records of a chunk; nothing, counted, if they cannot be unpacked."""
        body = self._read(block)
        _, _, _, checksum, name_bytes = _CHUNK_HEADER.unpack_from(body)
        start = _CHUNK_HEADER.size + name_bytes
        compression = bytes(body[_CHUNK_HEADER.size : start]).decode(errors='replace')
        try:
            unpacked = _decompress(compression, body[start + 8 :])
        except (ValueError, RuntimeError):
            self.dropped['unreadable_chunk'] += 1
            return memoryview(b'')
        if not block.is_cut and checksum and zlib.crc32(unpacked) != checksum:
            self.dropped['unreadable_chunk'] += 1
            return memoryview(b'')
        return memoryview(unpacked)

    def _read(self, block: _Block) -> memoryview:
        self._file.seek(block.offset)
        return memoryview(self._file.read(block.num_bytes))


def _message(body: memoryview) -> tuple[int, int, bytes]:
    key, _, stamp_ns, _ = _MESSAGE_HEADER.unpack_from(body)
    return key, stamp_ns, bytes(body[_MESSAGE_HEADER.size :])


def _records(unpacked: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield (opcode, body) of the whole records at the front of a chunk."""
    offset = 0
    while offset + _RECORD_HEADER.size <= len(unpacked):
        opcode, num_bytes = _RECORD_HEADER.unpack_from(unpacked, offset)
        offset += _RECORD_HEADER.size
        if offset + num_bytes > len(unpacked):
            return
        yield opcode, unpacked[offset : offset + num_bytes]
        offset += num_bytes


def _decompress(compression: str, packed: memoryview) -> bytes | memoryview:
    """
    Unpack as much as there is.

    Raises ValueError for an unknown compression and for damaged bytes, lz4 RuntimeError.

    """
    if compression == '':
        return packed
    if compression == 'zstd':
        with needed_package('zstandard'):
            from zstandard import ZstdDecompressor, ZstdError
        try:
            return ZstdDecompressor().decompressobj().decompress(packed)
        except ZstdError as error:
            raise ValueError(str(error)) from error
    if compression == 'lz4':
        with needed_package('lz4'):
            from lz4.frame import LZ4FrameDecompressor
        return bytes(LZ4FrameDecompressor().decompress(packed))
    raise ValueError(f'Expected compression zstd or lz4, got {compression!r}.')


def _full_name(name: str) -> str:
    """Return package/msg/Name also for the short form package/Name."""
    return name.replace('/', '/msg/') if name.count('/') == 1 else name
