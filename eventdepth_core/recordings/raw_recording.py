"""
Prophesee .raw files: header lines that start with %, then EVT2 or EVT3 words.

The words are passed on as they are, in packets cut at word borders. The header names encoding
and size in one of several ways (`% evt 3.0`, `% format EVT3;height=720;width=1280`,
`% geometry 640x480`, `% plugin_name`, `% integrator_name` and more, which do not matter here).

Law: the packets joined are the file after its header, whatever the packet size; a last
incomplete word is counted as `truncated` and left out.

"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.recording import Recording, StreamSummary
from eventdepth_core.types import EventPacket

PACKET_BYTES = 1 << 16
MAX_HEADER_BYTES = 1 << 16

_WORD_BYTES = {'evt2': 4, 'evt3': 2}
_ENCODINGS = {
    '2': 'evt2',
    '2.0': 'evt2',
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
_GENERATION = re.compile(r'^(?:sensor_)?generation\s+([\d.]+)', re.IGNORECASE)


class RawRecording(Recording):
    """
    An opened .raw file; `size` is (height, width) for a header without one.

    Raises RecordingError if the header names no encoding that we know, or no size is known.

    """

    kind = 'raw'

    def __init__(self, path: Path, size: tuple[int, int] | None = None) -> None:
        super().__init__(path)
        lines, self._start = _header(path)
        self._encoding = _encoding(path, lines)
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
    for pattern in (_FORMAT, _VERSION):
        for match in filter(None, map(pattern.match, lines)):
            encoding = _ENCODINGS.get(match[1])
            if encoding is not None:
                return encoding
    raise RecordingError(
        f'Expected a header "% evt 2.0" or "% evt 3.0" (or "% format EVT3;...") in {path}, '
        f'got {lines}.'
    )


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
