"""
ROS 2 bags: a folder with metadata.yaml, a folder without, or one bare .mcap or .db3 file.

The kind of a file is told by its first bytes, not by what the metadata or the suffix says, so a
wrong or empty storage id does no harm. Files packed with zstd are unpacked beside, messages
packed one by one are unpacked on the way.

"""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
import shutil
from tempfile import TemporaryDirectory

from eventdepth_core.errors import needed_package, RecordingError
from eventdepth_core.recordings.mcap_storage import MCAP_MAGIC, McapStorage
from eventdepth_core.recordings.sqlite_storage import SQLITE_MAGIC, SqliteStorage
from eventdepth_core.recordings.storage import BagStorage, BagTopic, StoredMessage
import yaml

ZSTD_MAGIC = b'\x28\xb5\x2f\xfd'
BAG_SUFFIXES = ('.mcap', '.db3', '.zstd', '.partial')


class Bag:
    """
    The files of one bag, read one after the other.

    Raises RecordingError if there is no file, or none of them can be read.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unpacked: TemporaryDirectory[str] | None = None
        self._storages: list[BagStorage] = []
        self.dropped: Counter[str] = Counter()
        failures: list[str] = []
        for file in bag_files(path):
            try:
                self._storages.append(self._open(file))
            except RecordingError as error:
                failures.append(str(error))
                self.dropped['unreadable_file'] += 1
        if not self._storages:
            self.close()
            raise RecordingError(' '.join(failures))
        self.topics = self._joined_topics()
        starts = [each.start_ns for each in self._storages if each.start_ns is not None]
        ends = [each.end_ns for each in self._storages if each.end_ns is not None]
        self.start_ns = min(starts, default=None)
        self.end_ns = max(ends, default=None)

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics, file after file."""
        for storage in self._storages:
            for message in storage.messages(topics):
                if message.raw[:4] != ZSTD_MAGIC:
                    yield message
                    continue
                unpacked = _unpacked_message(message)
                if unpacked is None:
                    self.dropped['undecodable'] += 1
                else:
                    yield unpacked

    def damage(self) -> Counter[str]:
        """Return what could not be read so far, as counts by reason."""
        total = Counter(self.dropped)
        for storage in self._storages:
            total.update(storage.dropped)
        return total

    def close(self) -> None:
        """Release the files."""
        for storage in self._storages:
            storage.close()
        if self._unpacked is not None:
            self._unpacked.cleanup()

    def _open(self, file: Path) -> BagStorage:
        magic = _first_bytes(file)
        if magic.startswith(ZSTD_MAGIC):
            return self._open(self._unpack(file))
        if magic.startswith(MCAP_MAGIC):
            return McapStorage(file)
        if magic.startswith(SQLITE_MAGIC):
            return SqliteStorage(file)
        raise RecordingError(
            f'Expected an MCAP or sqlite3 bag file, got {magic[:8]!r} at the start of {file}.'
        )

    def _unpack(self, file: Path) -> Path:
        """Unpack a zstd file into a temporary folder; keep what a truncated one gives."""
        with needed_package('zstandard'):
            from zstandard import ZstdDecompressor, ZstdError

        if self._unpacked is None:
            self._unpacked = TemporaryDirectory(prefix='eventdepth_bag_')
        target = Path(self._unpacked.name) / file.name.removesuffix('.zstd')
        with file.open('rb') as packed, target.open('wb') as unpacked:
            try:
                shutil.copyfileobj(ZstdDecompressor().stream_reader(packed), unpacked)
            except ZstdError:
                self.dropped['truncated'] += 1
        return target

    def _joined_topics(self) -> tuple[BagTopic, ...]:
        """Return the topics of all files by name, counts added."""
        joined: dict[str, BagTopic] = {}
        for topic in (topic for storage in self._storages for topic in storage.topics):
            known = joined.get(topic.name)
            number = topic.count
            if known is not None:
                is_counted = number is not None and known.count is not None
                number = (number or 0) + (known.count or 0) if is_counted else None
            joined[topic.name] = BagTopic(topic.name, topic.type_name, number)
        return tuple(joined[name] for name in sorted(joined))


def bag_files(path: Path) -> list[Path]:
    """
    Return the storage files of a bag in order.

    Raises
    ------
    RecordingError
        If the folder holds none, or none of those that metadata.yaml names.

    """
    if path.is_file():
        return [path]
    metadata = path / 'metadata.yaml'
    named = _named_files(metadata) if metadata.is_file() else []
    files = [file for file in named if file.is_file()] or sorted(
        file for file in path.iterdir() if file.is_file() and file.suffix in BAG_SUFFIXES
    )
    if not files:
        expected = ', '.join(file.name for file in named) or 'a .mcap or .db3 file'
        raise RecordingError(f'Expected {expected} in the bag {path}, got no such file.')
    return files


def _named_files(metadata: Path) -> list[Path]:
    """Return the files that metadata.yaml lists, whatever folder it wrote before their names."""
    try:
        content = yaml.safe_load(metadata.read_text())
        names = content['rosbag2_bagfile_information']['relative_file_paths']
        return [metadata.parent / PurePosixPath(str(name)).name for name in names]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        return []


def _first_bytes(file: Path) -> bytes:
    with file.open('rb') as opened:
        return opened.read(16)


def _unpacked_message(message: StoredMessage) -> StoredMessage | None:
    """Return a zstd message unpacked, None where it is damaged or cut."""
    with needed_package('zstandard'):
        from zstandard import ZstdDecompressor, ZstdError

    decompressor = ZstdDecompressor().decompressobj()
    try:
        raw = decompressor.decompress(message.raw)
    except ZstdError:
        return None
    return StoredMessage(message.topic, message.stamp_ns, raw) if decompressor.eof else None
