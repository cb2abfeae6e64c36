"""
Prophesee .raw files: header lines that start with %, then EVT2, EVT2.1 or EVT3 words.

The words are passed on in packets cut at word borders. The header names encoding and size in one
of several ways (`% evt 3.0`, `% format EVT3;height=720;width=1280`, `% geometry 640x480`,
`% plugin_name`, `% integrator_name` and more, which do not matter here). EVT2.1 files of some
sensors hold the upper half of each word first: `% endianness legacy`, or no such line and a
vendor's system of before the change; their halves are put in order here.

Law: the packets joined are the file after its header (halves in order), whatever the packet size;
a last incomplete word is counted as `truncated` and left out.

"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.recording import Recording, StreamSummary
from eventdepth_core.types import EventPacket
import numpy as np

PACKET_BYTES = 1 << 16
MAX_HEADER_BYTES = 1 << 16

_WORD_BYTES = {'evt2': 4, 'evt21': 8, 'evt3': 2}
_ENCODINGS = {
    '2': 'evt2',
    '2.0': 'evt2',
    '21': 'evt21',
    '2.1': 'evt21',
    '3': 'evt3',
    '3.0': 'evt3',
}
_VERSION = re.compile(r'^evt\s+([\d.]+)', re.IGNORECASE)
_FORMAT = re.compile(r'^format\s+EVT([\d.]+)', re.IGNORECASE)
_GEOMETRY = re.compile(r'^geometry\s+(\d+)\s*x\s*(\d+)', re.IGNORECASE)
_NAMED_SIZE = re.compile(r'\b(width|height)\s*=\s*(\d+)', re.IGNORECASE)
# Sensors whose files may carry no geometry, by the generation in `% system_ID` or `% generation`.
_SIZE_BY_GENERATION = {
    '3.0': (480, 640),
    '3.1': (480, 640),
    '4.0': (720, 1280),
    '4.1': (720, 1280),
    '4.2': (720, 1280),
}
_ENDIANNESS = re.compile(r'^endianness\s+(\w+)', re.IGNORECASE)
_FORMAT_ENDIANNESS = re.compile(r'^format\s.*\bendianness\s*=\s*(\w+)', re.IGNORECASE)
_INTEGRATOR = re.compile(r'^(?:camera_|plugin_)?integrator_name\s+(.+)', re.IGNORECASE)
_SYSTEM = re.compile(r'^system_ID\s+(\d+)', re.IGNORECASE)
_FIRST_LITTLE_SYSTEM = 0x37  # of the vendor's own: the first that sends EVT2.1 words in order
_GENERATION = re.compile(r'^(?:sensor_)?generation\s+([\d.]+)', re.IGNORECASE)


class RawRecording(Recording):
    """
    An opened .raw file; `size` is (height, width) for a header without one.

    Raises RecordingError if the header names no encoding that we know or a byte order other than
    little-endian, or no size is known.

    """

    kind = 'raw'

    def __init__(self, path: Path, size: tuple[int, int] | None = None) -> None:
        super().__init__(path)
        lines, self._start = _header(path)
        self._encoding = _encoding(path, lines)
        self._has_swapped_halves = self._encoding == 'evt21' and _is_legacy(lines)
        found = _size(lines) or size
        if found is None:
            raise RecordingError(
                f'Expected the sensor size in the header of {path} (% geometry 640x480) or a '
                f'camera, got {lines}.'
            )
        self._height, self._width = found
        num_bytes = max(path.stat().st_size - self._start, 0)
        self.streams = {
            'events': StreamSummary(
                name='events',
                type_name='raw',
                topic=path.name,
                count=-(-num_bytes // PACKET_BYTES),
                encoding=self._encoding,
                width=self._width,
                height=self._height,
            )
        }

    def samples(self) -> Iterator[EventPacket]:
        """Yield the words of the file in packets."""
        self._dropped = Counter()
        word_bytes = _WORD_BYTES[self._encoding]
        with self.path.open('rb') as file:
            file.seek(self._start)
            seq = 0
            while block := file.read(PACKET_BYTES):
                rest = len(block) % word_bytes
                if rest > 0:
                    self._dropped['truncated'] += 1
                    block = block[: len(block) - rest]
                if self._has_swapped_halves:
                    block = np.frombuffer(block, '<u4').reshape(-1, 2)[:, ::-1].tobytes()
                yield EventPacket(self._encoding, self._width, self._height, 0, block, seq)
                seq += 1


def _header(path: Path) -> tuple[list[str], int]:
    """Return the header lines without their % and the offset of the first word."""
    lines: list[str] = []
    with path.open('rb') as file:
        while True:
            start = file.tell()
            line = file.readline(MAX_HEADER_BYTES)
            if not line.startswith((b'% ', b'%\n')) or not line.endswith(b'\n'):
                return lines, start
            text = line[1:].decode(errors='replace').strip()
            if text == 'end':
                return lines, file.tell()
            lines.append(text)


def _encoding(path: Path, lines: list[str]) -> str:
    order = _byte_order(lines)
    if order not in {None, 'little', 'legacy'}:
        raise RecordingError(f'Expected little-endian words in {path}, got endianness {order}.')
    for pattern in (_FORMAT, _VERSION):
        for match in filter(None, map(pattern.match, lines)):
            encoding = _ENCODINGS.get(match[1])
            if encoding is not None:
                return encoding
    raise RecordingError(
        f'Expected a header "% evt 2.0", "% evt 2.1" or "% evt 3.0" (or "% format EVT3;...") in '
        f'{path}, got {lines}.'
    )


def _byte_order(lines: list[str]) -> str | None:
    """Return the byte order that the header names in lower case, None where it names none."""
    for pattern in (_FORMAT_ENDIANNESS, _ENDIANNESS):
        for match in filter(None, map(pattern.match, lines)):
            return match[1].lower()
    return None


def _is_legacy(lines: list[str]) -> bool:
    """Return whether the upper half of each 64-bit word comes first."""
    order = _byte_order(lines)
    if order is not None:
        return order == 'legacy'
    makers = {match[1].strip() for match in filter(None, map(_INTEGRATOR.match, lines))}
    systems = [int(match[1]) for match in filter(None, map(_SYSTEM.match, lines))]
    is_vendors_own = makers <= {'Prophesee'} and bool(systems)
    return is_vendors_own and 0 < systems[0] < _FIRST_LITTLE_SYSTEM


def _size(lines: list[str]) -> tuple[int, int] | None:
    """Return (height, width) from the header lines, None without a size."""
    for line in lines:
        geometry = _GEOMETRY.match(line)
        if geometry is not None:
            return int(geometry[2]), int(geometry[1])
        named = {name.lower(): int(number) for name, number in _NAMED_SIZE.findall(line)}
        if len(named) == 2:
            return named['height'], named['width']
    for match in filter(None, map(_GENERATION.match, lines)):
        return _SIZE_BY_GENERATION.get(match[1])
    return None
