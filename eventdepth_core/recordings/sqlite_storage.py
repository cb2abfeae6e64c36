"""
rosbag2's sqlite3 storage.

A whole file is read along its time index. SQLite's header says how many pages a file has to
have; one with fewer is truncated, and is read row by row in order of writing up to the hole.

"""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
import sqlite3
import struct
from urllib.parse import quote

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.storage import BagTopic, StoredMessage

SQLITE_MAGIC = b'SQLite format 3\x00'

# sqlite3 decodes SQLite's own messages, which quote damaged text.
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
_IN_TIME_ORDER = 'ORDER BY timestamp, id'
_IN_FILE_ORDER = 'ORDER BY id'


class SqliteStorage:
    """
    One .db3 file, opened for reading only.

    Raises RecordingError if it holds no readable table of topics.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.dropped: Counter[str] = Counter()
        self._order = _IN_FILE_ORDER if _is_truncated(path) else _IN_TIME_ORDER
        has_journal = path.with_name(f'{path.name}-wal').exists()
        mode = 'mode=ro' if has_journal else 'mode=ro&immutable=1'
        # Players open in one thread and read ahead in another, one after the other.
        self._connection = sqlite3.connect(
            f'file:{quote(str(path.absolute()))}?{mode}', uri=True, check_same_thread=False
        )
        try:
            self._prepare()
            self._topic_by_id = self._read_topics()
        except _UNREADABLE as error:
            self.close()
            raise RecordingError(
                f'Expected a rosbag2 sqlite3 file with a table of topics in {path}, got: {error}.'
            ) from error
        counts = self._counts()
        self.topics = tuple(
            BagTopic(topic.name, topic.type_name, counts.get(key) if counts else topic.count)
            for key, topic in self._topic_by_id.items()
        )
        self.start_ns, self.end_ns = self._bounds()

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics, ascending in record time."""
        keys = [key for key, topic in self._topic_by_id.items() if topic.name in topics]
        marks = ','.join('?' * len(keys))
        self.dropped.clear()
        query = f'SELECT topic_id, timestamp, data FROM messages WHERE topic_id IN ({marks})'
        try:
            for key, stamp_ns, raw in self._connection.execute(f'{query} {self._order}', keys):
                if isinstance(stamp_ns, int) and isinstance(raw, bytes):
                    yield StoredMessage(self._topic_by_id[key].name, stamp_ns, raw)
                else:
                    self.dropped['undecodable'] += 1
        except _UNREADABLE:
            self.dropped['truncated'] = 1

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _prepare(self) -> None:
        """Set what SQLite has to put up with."""
        self._connection.text_factory = _lenient_text
        if self._order == _IN_FILE_ORDER:
            # The one switch that lets SQLite open a file with missing pages; nothing is written.
            self._connection.execute('PRAGMA writable_schema=ON')

    def _read_topics(self) -> dict[int, BagTopic]:
        rows = self._connection.execute('SELECT id, name, type FROM topics ORDER BY id')
        return {
            key: BagTopic(name, type_name, None)
            for key, name, type_name in rows
            if isinstance(name, str) and isinstance(type_name, str)
        }

    def _counts(self) -> dict[int, int]:
        """Return the number of messages by topic; nothing where the file is damaged."""
        if self._order == _IN_FILE_ORDER:
            return {}
        try:
            query = 'SELECT topic_id, COUNT(*) FROM messages GROUP BY topic_id'
            counted = dict(self._connection.execute(query).fetchall())
        except _UNREADABLE:
            return {}
        return {key: counted.get(key, 0) for key in self._topic_by_id}

    def _bounds(self) -> tuple[int | None, int | None]:
        """Return the first and last record time."""
        try:
            query = 'SELECT MIN(timestamp), MAX(timestamp) FROM messages'
            start_ns, end_ns = self._connection.execute(query).fetchone()
        except _UNREADABLE:
            return None, None
        is_readable = isinstance(start_ns, int) and isinstance(end_ns, int)
        return (start_ns, end_ns) if is_readable else (None, None)


def _lenient_text(raw: bytes) -> str:
    return raw.decode(errors='replace')


def _is_truncated(path: Path) -> bool:
    """Return whether the file is shorter than the number of pages in its header asks for."""
    with path.open('rb') as file:
        header = file.read(100)
    if len(header) < 100:
        return True
    page_bytes: int = struct.unpack_from('>H', header, 16)[0]
    num_pages: int = struct.unpack_from('>I', header, 28)[0]
    return path.stat().st_size < num_pages * (65536 if page_bytes == 1 else page_bytes)
