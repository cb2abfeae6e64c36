"""
What every opened recording offers, whatever it was stored as.

Laws: samples come in the order in which they were recorded or happened; a bad message is never
yielded, it is counted by its reason in `dropped`; `samples()` starts from the beginning at each
call; an empty recording has no samples.

"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, TypeAlias

from eventdepth_core.types import Rig, Sample

RecordingKind: TypeAlias = Literal[
    'rosbag2',
    'raw',
    'aedat4',
    'text',
    'folder',
    'carla',
    'ddos',
    'dsec',
    'frames',
    'm3ed',
    'mvsec',
    'nyu',
    'sled',
]
CameraSource: TypeAlias = Literal['recording', 'file', 'assumed', 'none']
StreamName: TypeAlias = Literal['events', 'image', 'points', 'depth', 'pose']
STREAM_NAMES: tuple[StreamName, ...] = ('events', 'image', 'points', 'depth', 'pose')


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """
    One stream of a recording.

    `type_name` is the message type or file format, `topic` where it comes from, `count` the
    number of messages, packets or files where that is known before reading; `encoding`, `width`,
    `height` (pixels) and `frame_id` those of its first message; `alternatives` are further
    sources of the same kind that were not chosen.

    """

    name: StreamName
    type_name: str
    topic: str
    count: int | None = None
    encoding: str = ''
    width: int | None = None
    height: int | None = None
    frame_id: str = ''
    alternatives: tuple[str, ...] = ()


class Recording(ABC):
    """
    An opened recording: a context manager that yields typed samples.

    `path` and `kind` say what was opened; `streams` what it holds; `rig` the sensors where they
    are known and `camera_source` from where; `start_us` and `end_us` the recording's own clock
    at its first and last message, None where that is not known before reading; `unplaced` names
    the streams of which nothing says where they look from; `remarks` say why something that
    lies there is not among the streams.

    """

    kind: RecordingKind

    def __init__(self, path: Path) -> None:
        self.path = path
        self.streams: Mapping[StreamName, StreamSummary] = {}
        self.rig: Rig | None = None
        self.camera_source: CameraSource = 'none'
        self.unplaced: frozenset[StreamName] = frozenset()
        self.remarks: tuple[str, ...] = ()
        self.start_us: int | None = None
        self.end_us: int | None = None
        self._dropped: Counter[str] = Counter()

    @property
    def dropped(self) -> Mapping[str, int]:
        """What was skipped so far, as counts by reason."""
        return MappingProxyType(self._dropped)

    @abstractmethod
    def samples(self) -> Iterator[Sample]:
        """Yield every sample in time order."""

    def check_rig(self) -> None:
        """
        Check that the streams fit the rig, once it is settled; it may be the user's.

        Raises
        ------
        CameraFileError
            If a stream lies in the view of another camera.

        """
        return

    def close(self) -> None:
        """Release files; harmless when repeated."""
        return

    def __enter__(self) -> 'Recording':
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
