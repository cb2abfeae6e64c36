"""
Writes ROS 2 bags in MCAP that rosbag2 reads as its own.

`McapRecorder('out/bag')` makes a bag folder with `bag_0.mcap` and `metadata.yaml`;
`McapRecorder('out/depth.mcap')` makes that one file, which holds the same metadata inside.
Everything is written under `<name>.partial` and renamed when it is complete.

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

    def __init__(self, path: str | Path, *, overwrite: bool = False) -> None:
        with needed_package('mcap'):
            from mcap.writer import CompressionType, Writer
        self.path = Path(path)
        if self.path.exists() and not overwrite:
            raise RecordingError(f'Expected no file or folder at {self.path}, got one.')
        self._is_folder = self.path.suffix != '.mcap'
        self.partial_path = self.path.with_name(f'{self.path.name}{PARTIAL_SUFFIX}')
        name = f'{self.path.name}_0.mcap' if self._is_folder else self.path.name
        self._bag = BagRecord(file_name=name)
        self._channels: dict[str, int] = {}
        self._topics: dict[str, TopicRecord] = {}
        self._schemas: dict[str, int] = {}
        self._is_open = True
        self._file = self._create(name)
        self._writer = Writer(self._file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
        self._writer.start(profile=PROFILE, library=LIBRARY)

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
                'offered_qos_profiles': yaml_text(qos_metadata(qos)).rstrip('\n'),
                'topic_type_hash': record.type_hash,
            },
        )
        self._topics[topic] = record
        self._bag.topics.append(record)

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

    def close(self) -> None:
        """Complete the bag and give it its name; harmless when repeated."""
        if not self._is_open:
            return
        self._is_open = False
        metadata = bag_metadata(self._bag)
        self._writer.add_metadata('rosbag2', {'serialized_metadata': yaml_text(metadata)})
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap leaves it untyped
        self._file.close()
        if self._is_folder:
            text = yaml_text({'rosbag2_bagfile_information': metadata})
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

    def _create(self, name: str) -> IO[bytes]:
        """Make the partial file or folder, replacing what an earlier crash left."""
        if not self._is_folder:
            self.partial_path.parent.mkdir(parents=True, exist_ok=True)
            return self.partial_path.open('wb')
        if self.partial_path.exists():
            shutil.rmtree(self.partial_path)
        self.partial_path.mkdir(parents=True)
        (self.partial_path / 'INCOMPLETE.txt').write_text(INCOMPLETE_TEXT)
        return (self.partial_path / name).open('wb')
