"""Which recording is meant, and under which topics it will be played."""

from dataclasses import dataclass, replace
from pathlib import Path

from eventdepth_core.bundle import load_bundle
from eventdepth_core.errors import BundleError, InputError, InstallationError
from eventdepth_core.install import installed_file
from eventdepth_core.recordings.bag_recording import BagRecording
from eventdepth_core.recordings.definitions import TF_MESSAGE
from eventdepth_core.recordings.opening import open_recording
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.types import MODALITIES

COMPRESSED = '/compressed'
TOPICS_WITHOUT_BAG: dict[StreamName, str] = {
    'events': '/camera/events',
    'image': '/camera/image_raw',
    'points': '/lidar/points',
    'depth': '/ground_truth/depth',
    'pose': '/tf',
}
"""What the player calls the streams of a recording that has no topics."""


@dataclass(frozen=True, slots=True)
class RecordedTopics:
    """
    Topic of each stream of a recording, '' where it has none.

    `pose_type` is the type of the messages on `pose`.

    """

    events: str = ''
    image: str = ''
    points: str = ''
    depth: str = ''
    pose: str = ''
    pose_type: str = ''

    @property
    def image_transport(self) -> str:
        """How the images come, as the depth node calls it."""
        return 'compressed' if self.image.endswith(COMPRESSED) else 'raw'

    @property
    def image_base(self) -> str:
        """The topic of the images without its transport."""
        return self.image.removesuffix(COMPRESSED)

    def usable_by(self, bundle: str) -> 'RecordedTopics':
        """
        Return the same without the inputs that a bundle does not take.

        A bundle that cannot be read takes all: the depth node, which loads it, says what is wrong.

        """
        try:
            usable = load_bundle(bundle, verify=False).inputs.modalities
        except BundleError:
            return self
        return replace(self, **{name: '' for name in MODALITIES if name not in usable})


def recording_path(text: str) -> Path:
    """
    Return the recording, which may be a shipped one: `config/demo`.

    Raises
    ------
    InputError
        If there is no such file.

    """
    path = Path(text).expanduser()
    if path.exists():
        return path.resolve()
    try:
        return installed_file(text)
    except InstallationError as error:
        raise InputError(f'Expected a recording for bag, got no file {text!r}.') from error


def topics_of(recording: str | Path) -> RecordedTopics:
    """
    Look into a recording for its topics.

    Raises
    ------
    RecordingError
        If it cannot be read.

    """
    with open_recording(recording) as opened:
        is_bag = isinstance(opened, BagRecording)
        topics = {
            name: stream.topic if is_bag else TOPICS_WITHOUT_BAG[name]
            for name, stream in opened.streams.items()
        }
    pose_type = ''
    if 'pose' in topics:
        pose_type = opened.streams['pose'].type_name if is_bag else TF_MESSAGE
    return RecordedTopics(
        events=topics.get('events', ''),
        image=topics.get('image', ''),
        points=topics.get('points', ''),
        depth=topics.get('depth', ''),
        pose=topics.get('pose', ''),
        pose_type=pose_type,
    )
