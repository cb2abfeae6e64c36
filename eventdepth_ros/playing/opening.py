"""
One door from a path to a `Playable`, whatever was recorded.

Topics of a bag are the bag's; other recordings take the names given.

"""

from dataclasses import dataclass, field
from pathlib import Path

from eventdepth_core.recordings import open_recording
from eventdepth_ros.playing.bag_playable import BagPlayable, is_bag
from eventdepth_ros.playing.playable import Playable, TopicNames
from eventdepth_ros.playing.sample_playable import DEFAULT_PACKET_US, SamplePlayable


@dataclass(frozen=True, slots=True)
class PlayableOptions:
    """
    How a recording is opened.

    `camera_file` and `fov_deg` (horizontal, degrees) as in `open_recording`; `names` and
    `packet_us` for recordings without topics.

    """

    camera_file: str | None = None
    fov_deg: float | None = None
    names: TopicNames = field(default_factory=TopicNames)
    packet_us: int = DEFAULT_PACKET_US


def open_playable(path: str | Path, options: PlayableOptions | None = None) -> Playable:
    """
    Open a recording of any kind for playing.

    Raises
    ------
    RecordingError
        If there is nothing readable.
    CameraFileError
        For a calibration that is unreadable or of another sensor size.

    """
    options = options or PlayableOptions()
    path = Path(path)
    if path.exists() and is_bag(path):
        return BagPlayable(path, camera_file=options.camera_file, fov_deg=options.fov_deg)
    recording = open_recording(path, camera=options.camera_file, fov_deg=options.fov_deg)
    return SamplePlayable(recording, options.names, options.packet_us)
