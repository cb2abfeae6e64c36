"""
A bag as topics: every message as it was recorded, byte by byte.

What stands on a topic named tf_static is latched. A camera that the user gives replaces the
CameraInfo beside the streams it belongs to; extrinsics that come with it join /tf_static.

"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.bag import Bag, BAG_SUFFIXES
from eventdepth_core.recordings.definitions import CAMERA_INFO, TF_MESSAGE
from eventdepth_core.recordings.recording import Recording
from eventdepth_core.recordings.rig_messages import (
    camera_topics,
    CameraTopic,
    due_infos,
    FrameNames,
    static_transforms,
    TF_STATIC,
)
from eventdepth_ros.playing.playable import Playable, TimedMessage, Track


def is_bag(path: Path) -> bool:
    """Return whether a path is a bag folder or one of its files."""
    if not path.is_dir():
        return path.suffix.lower() in BAG_SUFFIXES
    names = [each.name for each in path.iterdir()]
    return 'metadata.yaml' in names or any(Path(name).suffix in BAG_SUFFIXES for name in names)


class BagPlayable(Playable):
    """
    A bag; `camera_file` and `fov_deg` give it a camera as in `open_recording`.

    Raises RecordingError and CameraFileError as `open_recording` does.

    """

    def __init__(
        self, path: Path, *, camera_file: str | None = None, fov_deg: float | None = None
    ) -> None:
        self._cameras: tuple[CameraTopic, ...] = ()
        self._rig_transforms: bytes | None = None
        if camera_file is not None or fov_deg is not None:
            with open_recording(path, camera=camera_file, fov_deg=fov_deg) as recording:
                self._take_rig(recording)
        self._bag = Bag(path)
        self.start_ns, self.end_ns = self._bag.start_ns, self._bag.end_ns
        self.latched = tuple(self._latched())
        self.tracks = tuple(self._tracks())

    @property
    def dropped(self) -> dict[str, int]:
        """What could not be read so far, as counts by reason."""
        return dict(self._bag.damage())

    def messages(self) -> Iterator[TimedMessage]:
        """Yield what is not latched, in order of record time."""
        topics = [track.topic for track in self.tracks if track.num_latched == 0]
        replaced = {each.topic for each in self._cameras}
        last_ns: int | None = None
        for stored in self._bag.messages([topic for topic in topics if topic not in replaced]):
            for topic, raw in due_infos(self._cameras, last_ns, stored.stamp_ns):
                last_ns = stored.stamp_ns
                yield TimedMessage(topic, stored.stamp_ns, raw)
            yield TimedMessage(stored.topic, stored.stamp_ns, stored.raw)

    def close(self) -> None:
        """Release the files."""
        self._bag.close()

    def _take_rig(self, recording: Recording) -> None:
        """Keep the camera that the bag itself does not tell."""
        rig, streams = recording.rig, recording.streams
        if rig is None or recording.camera_source == 'recording':
            return
        topics = {name: stream.topic for name, stream in streams.items()}
        frame = {name: stream.frame_id for name, stream in streams.items()}
        frames = FrameNames(
            events=frame.get('events', ''),
            image=frame.get('image', frame.get('depth', '')),
            points=frame.get('points', ''),
        )
        image_topic = topics.get('image', topics.get('depth', ''))
        self._cameras = camera_topics(rig, topics.get('events', ''), image_topic, frames)
        if recording.camera_source == 'file' and all((frames.events, frames.points)):
            self._rig_transforms = static_transforms(rig, frames, 1000 * (recording.start_us or 0))

    def _latched(self) -> Iterator[TimedMessage]:
        """Yield the static transforms of the bag, then those of the user."""
        topics = [
            topic.name
            for topic in self._bag.topics
            if topic.type_name == TF_MESSAGE and topic.name.endswith('tf_static')
        ]
        for stored in self._bag.messages(topics):
            yield TimedMessage(stored.topic, stored.stamp_ns, stored.raw)
        if self._rig_transforms is not None:
            yield TimedMessage(TF_STATIC, self.start_ns or 0, self._rig_transforms)

    def _tracks(self) -> Iterator[Track]:
        num_latched = Counter(message.topic for message in self.latched)
        known = {topic.name: topic.type_name for topic in self._bag.topics}
        known.update({each.topic: CAMERA_INFO for each in self._cameras})
        if self._rig_transforms is not None:
            known.setdefault(TF_STATIC, TF_MESSAGE)
        for topic in sorted(known):
            yield Track(topic, known[topic], num_latched[topic])
