"""
sensor_msgs/CameraInfo to Camera and back.

Laws: a camera survives the way there and back; an uncalibrated message (K = 0) is no camera;
binning and regions of interest are refused, not ignored.

"""

from eventdepth_core.recordings import camera_info
from eventdepth_core.recordings.messages import RawCameraInfo
from eventdepth_core.types import Camera
from eventdepth_ros.conversions.headers import raw_header
import numpy as np
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header as HeaderMessage


def raw_camera_info(message: CameraInfo) -> RawCameraInfo:
    """Return a message as the core's raw camera info."""
    roi = message.roi
    return RawCameraInfo(
        header=raw_header(message.header),
        height=message.height,
        width=message.width,
        distortion_model=message.distortion_model,
        d=np.array(message.d, np.float64),
        k=np.array(message.k, np.float64),
        r=np.array(message.r, np.float64),
        p=np.array(message.p, np.float64),
        binning=(message.binning_x, message.binning_y),
        roi=(roi.x_offset, roi.y_offset, roi.height, roi.width),
        roi_do_rectify=roi.do_rectify,
    )


def camera_from_message(message: CameraInfo) -> Camera | None:
    """
    Return the camera of a message, None where the sender is not calibrated.

    Raises
    ------
    DecodeError
        For a distortion without a model here, binning, a region of interest, or numbers that are
        no camera.

    """
    return camera_info.camera_from_info(raw_camera_info(message))


def camera_info_message(camera: Camera, header: HeaderMessage) -> CameraInfo:
    """Return the message of a camera with R = identity and P = [K 0], under `header`."""
    raw = camera_info.info_from_camera(camera)
    return CameraInfo(
        header=header,
        height=raw.height,
        width=raw.width,
        distortion_model=raw.distortion_model,
        d=raw.d.tolist(),
        k=raw.k,
        r=raw.r,
        p=raw.p,
    )
