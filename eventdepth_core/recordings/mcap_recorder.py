"""
Writes ROS 2 bags in MCAP that rosbag2 reads as its own.

`McapRecorder('out/bag')` makes a bag folder with `bag_0.mcap` and `metadata.yaml`;
`McapRecorder('out/depth.mcap')` makes that one file, which holds the same metadata inside.
Everything is written under `<name>.partial` and renamed when it is complete. A bag folder may be
split into files, each complete in itself, and taken up again at such a border.

Laws: the same messages give the same bytes (no clock, no random number enters); a name without
`.partial` is complete; what a crash leaves can be opened by `open_recording` up to the last
whole chunk, and a folder says so in INCOMPLETE.txt.

"""

from pathlib import Path
import shutil
from types import TracebackType
from typing import IO

from eventdepth_core.errors import InputError, needed_package, RecordingError
from eventdepth_core.recordings.bag_metadata import (
    bag_metadata,
    BagRecord,
    FileRecord,
    qos_metadata,
    QosProfile,
    TopicRecord,
    yaml_text,
)
from eventdepth_core.recordings.definitions import message_definition, type_hash

CHUNK_BYTES = 1 << 20
LIBRARY = 'eventdepth_ros'
PROFILE = 'ros2'
SCHEMA_ENCODING = 'ros2msg'
MESSAGE_ENCODING = 'cdr'
PARTIAL_SUFFIX = '.partial'
INCOMPLETE_TEXT = (
    'This recording was not closed. The .mcap file beside holds every message up to its last\n'
    'whole chunk; `eventdepth replay` and open_recording() read it as it is.\n'
)


class McapRecorder:
    """
    A context manager that writes messages, given as CDR bytes, into a bag.

    Leaving the context without an error completes the bag; with one, what was written stays
    under `<name>.partial`. RecordingError if the target exists and `overwrite` is false,
    MissingDependencyError without the package mcap; neither leaves a file.

    """

    def __init__(
        self, path: str | Path, *, overwrite: bool = False, resumed: BagRecord | None = None
    ) -> None:
        with needed_package('mcap'):
            import mcap.writer  # noqa: F401 (told now, before a file is there)
        self.path = Path(path)
        if self.path.exists() and not overwrite:
            raise RecordingError(f'Expected no file or folder at {self.path}, got one.')
        self._is_folder = self.path.suffix != '.mcap'
        self.partial_path = self.path.with_name(f'{self.path.name}{PARTIAL_SUFFIX}')
        self._bag = BagRecord([]) if resumed is None else resumed
        self._channels: dict[str, int] = {}
        self._topics = {each.name: each for each in self._bag.topics}
        self._schemas: dict[str, int] = {}
        self._is_open = True
        self._prepare(is_resumed=resumed is not None)
        self._open_file()

    @property
    def bag(self) -> BagRecord:
        """What was written so far, to be read only."""
        return self._bag

    @property
    def is_folder(self) -> bool:
        """Whether a bag folder is written, which may have several files."""
        return self._is_folder

    def add_topic(
        self, topic: str, type_name: str, qos: tuple[QosProfile, ...] = (QosProfile(),)
    ) -> None:
        """
        Announce a topic, with the QoS its messages were offered with.

        Raises
        ------
        InputError
            For a type without a definition, or a topic that is already there with another type.

        """
        known = self._topics.get(topic)
        if known is not None:
            if known.type_name != type_name:
                raise InputError(f'Expected {known.type_name} on topic {topic}, got {type_name}.')
            return
        record = TopicRecord(topic, type_name, type_hash(type_name), qos)
        self._register(record)
        self._topics[topic] = record
        self._bag.topics.append(record)

    def _register(self, record: TopicRecord) -> None:
        """Announce a topic in the file that is open."""
        topic, type_name = record.name, record.type_name
        if type_name not in self._schemas:
            self._schemas[type_name] = self._writer.register_schema(
                name=type_name,
                encoding=SCHEMA_ENCODING,
                data=message_definition(type_name).encode(),
            )
        self._channels[topic] = self._writer.register_channel(
            topic=topic,
            message_encoding=MESSAGE_ENCODING,
            schema_id=self._schemas[type_name],
            metadata={
                'offered_qos_profiles': yaml_text(qos_metadata(record.qos)).rstrip('\n'),
                'topic_type_hash': record.type_hash,
            },
        )

    def write(self, topic: str, type_name: str, raw: bytes, stamp_ns: int) -> None:
        """
        Append one message, `raw` in CDR with its encapsulation, at record time `stamp_ns`.

        Raises
        ------
        InputError
            As `add_topic`, for a negative stamp, and after `close`.

        """
        if not self._is_open:
            raise InputError(f'Expected an open recorder, got {self.path}, which is closed.')
        if stamp_ns < 0:
            raise InputError(f'Expected stamp_ns >= 0, got {stamp_ns}.')
        self.add_topic(topic, type_name)
        record = self._topics[topic]
        self._writer.add_message(
            channel_id=self._channels[topic],
            log_time=stamp_ns,
            publish_time=stamp_ns,
            sequence=record.num_messages,
            data=raw,
        )
        self._bag.add(record, stamp_ns)

    def next_file(self) -> None:
        """
        Complete the file and begin the next one of the folder.

        Raises
        ------
        InputError
            For a bag of a single file.

        """
        if not self._is_folder:
            raise InputError(f'Expected a bag folder to split, got the file {self.path}.')
        self._finish_file()
        self._open_file()

    def close(self) -> None:
        """Complete the bag and give it its name; harmless when repeated."""
        if not self._is_open:
            return
        self._is_open = False
        self._finish_file()
        if self._is_folder:
            text = yaml_text({'rosbag2_bagfile_information': bag_metadata(self._bag)})
            (self.partial_path / 'metadata.yaml').write_text(text)
            (self.partial_path / 'INCOMPLETE.txt').unlink()
            if self.path.exists():
                shutil.rmtree(self.path)
        self.partial_path.replace(self.path)

    def abort(self) -> None:
        """Stop writing and leave what there is under the partial name."""
        if self._is_open:
            self._is_open = False
            self._writer.finish()  # type: ignore[no-untyped-call]  # mcap leaves it untyped
            self._file.close()

    def __enter__(self) -> 'McapRecorder':
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error_type is None:
            self.close()
        else:
            self.abort()

    def _prepare(self, *, is_resumed: bool) -> None:
        """Make the partial folder anew, or remove the file that was open in a resumed one."""
        if not self._is_folder:
            self.partial_path.parent.mkdir(parents=True, exist_ok=True)
            return
        if is_resumed:
            kept = {file.name for file in self._bag.files}
            for file in self.partial_path.glob('*.mcap'):
                if file.name not in kept:
                    file.unlink()
            return
        if self.partial_path.exists():
            shutil.rmtree(self.partial_path)
        self.partial_path.mkdir(parents=True)
        (self.partial_path / 'INCOMPLETE.txt').write_text(INCOMPLETE_TEXT)

    def _open_file(self) -> None:
        """Begin a file, with all topics that are known."""
        from mcap.writer import CompressionType, Writer

        name = self.path.name
        if self._is_folder:
            name = f'{name}_{len(self._bag.files)}.mcap'
        place = self.partial_path / name if self._is_folder else self.partial_path
        self._bag.files.append(FileRecord(name))
        self._file: IO[bytes] = place.open('wb')
        self._writer = Writer(self._file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
        self._writer.start(profile=PROFILE, library=LIBRARY)
        self._schemas = {}
        for record in self._bag.topics:
            self._register(record)

    def _finish_file(self) -> None:
        """Complete the file that is open; it holds what the bag is up to here."""
        metadata = yaml_text(bag_metadata(self._bag))
        self._writer.add_metadata('rosbag2', {'serialized_metadata': metadata})
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap leaves it untyped
        self._file.close()
