"""
depth.mcap: what a live depth node would have published, as a ROS 2 bag.

Every message of a frame has the same header: the frame's stamp and the frame id of the reference
camera. Laws: depth and standard deviation are metres, NaN where not valid; the bytes depend on
the frames alone (record time = stamp), so equal frames give equal files.

"""

from pathlib import Path
from types import TracebackType

from eventdepth_core.errors import InputError
from eventdepth_core.recordings import McapRecorder
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import CAMERA_INFO, IMAGE
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header
from eventdepth_core.rendering import RunningScale
from eventdepth_core.types import DepthFrame, Float32, UInt8
import numpy as np

DEPTH_TOPIC = '/eventdepth/depth/image'
INFO_TOPIC = '/eventdepth/depth/camera_info'
STD_TOPIC = '/eventdepth/depth/std'
PREVIEW_TOPIC = '/eventdepth/depth/image_color'
EVENTS_TOPIC = '/eventdepth/event_image'
NS_PER_US = 1_000


class FrameRecorder:
    """
    Writes frames into a bag; a context manager that finishes the file.

    `frame_id` names the optical frame of the reference camera. InputError if the folder of `path`
    cannot be made or written.

    """

    def __init__(self, path: Path, *, frame_id: str) -> None:
        try:
            self._recorder = McapRecorder(path, overwrite=True)
        except OSError as error:
            raise InputError(
                f'Expected a folder that can be written at {path.parent}, got {error.strerror}.'
            ) from error
        self._frame_id = frame_id
        self._scale = RunningScale()

    def write(self, frame: DepthFrame, event_picture: UInt8 | None) -> None:
        """Append one frame; `event_picture` uint8 (H, W, 3) in the frame's camera, if any."""
        header = Header(frame.stamp_us * NS_PER_US, self._frame_id)
        depth_m = _measured(frame.depth_m, frame)
        self._write_image(DEPTH_TOPIC, depth_m, '32FC1', header)
        self._write_image(STD_TOPIC, _measured(frame.std_m, frame), '32FC1', header)
        info = encode_message(info_from_camera(frame.camera, header))
        self._recorder.write(INFO_TOPIC, CAMERA_INFO, info, header.stamp_ns)
        preview = self._scale.update(depth_m).colours(depth_m)
        self._write_image(PREVIEW_TOPIC, preview, 'rgb8', header)
        if event_picture is not None:
            self._write_image(EVENTS_TOPIC, event_picture, 'rgb8', header)

    def __enter__(self) -> 'FrameRecorder':
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._recorder.__exit__(error_type, error, traceback)

    def _write_image(
        self, topic: str, picture: Float32 | UInt8, encoding: str, header: Header
    ) -> None:
        message = encode_message(raw_image(picture, encoding, header))
        self._recorder.write(topic, IMAGE, message, header.stamp_ns)


def _measured(values_m: Float32, frame: DepthFrame) -> Float32:
    return np.where(frame.valid, values_m, np.float32(np.nan)).astype(np.float32)
