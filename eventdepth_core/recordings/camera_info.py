"""
CameraInfo messages and the Camera they describe, both directions.

Laws: a camera survives the way there and back; an uncalibrated message (K = 0) is no camera.

"""

from eventdepth_core.errors import DecodeError, InputError
from eventdepth_core.recordings.messages import Header, RawCameraInfo
from eventdepth_core.types import Camera, DistortionModel
import numpy as np

_MODELS: dict[str, DistortionModel] = {
    '': 'plumb_bob',
    'plumb_bob': 'plumb_bob',
    'radtan': 'plumb_bob',
    'rational_polynomial': 'plumb_bob',
    'equidistant': 'equidistant',
    'fisheye': 'equidistant',
}


def camera_from_info(message: RawCameraInfo) -> Camera | None:
    """
    Return the camera of a message, None where the sender is not calibrated.

    Raises
    ------
    DecodeError
        For a distortion that we have no model of, for binning or a region of interest, and for
        numbers that are no camera.

    """
    if not message.k.any():
        return None
    full = (0, 0, message.height, message.width)
    if max(message.binning) > 1 or message.roi not in ((0, 0, 0, 0), full):
        raise DecodeError(
            f'Expected a camera without binning and region of interest, got binning '
            f'{message.binning} and region {message.roi}.'
        )
    try:
        return Camera(
            width=message.width,
            height=message.height,
            fx=float(message.k[0]),
            fy=float(message.k[4]),
            cx=float(message.k[2]),
            cy=float(message.k[5]),
            distortion=_coefficients(message),
            distortion_model=_MODELS[message.distortion_model],
        )
    except InputError as error:
        raise DecodeError(str(error)) from error


def info_from_camera(camera: Camera, header: Header | None = None) -> RawCameraInfo:
    """Return the message of a camera, with R = identity and P = [K 0]."""
    projection = np.zeros((3, 4))
    projection[:, :3] = camera.matrix
    coefficients = np.array(camera.distortion, np.float64)
    if camera.distortion_model == 'plumb_bob':
        coefficients = np.pad(coefficients, (0, 5 - len(coefficients)))
    return RawCameraInfo(
        header=header or Header(),
        height=camera.height,
        width=camera.width,
        distortion_model=camera.distortion_model,
        d=coefficients,
        k=camera.matrix.reshape(-1),
        r=np.eye(3).reshape(-1),
        p=projection.reshape(-1),
    )


def _coefficients(message: RawCameraInfo) -> tuple[float, ...]:
    """Return the coefficients our models take, checked that none is lost."""
    if message.distortion_model not in _MODELS:
        raise DecodeError(
            f'Expected a distortion model out of {", ".join(filter(None, _MODELS))}, '
            f'got {message.distortion_model!r}.'
        )
    num_kept = 4 if _MODELS[message.distortion_model] == 'equidistant' else 5
    if message.d[num_kept:].any():
        raise DecodeError(
            f'Expected {num_kept} coefficients for {message.distortion_model}, '
            f'got {message.d.tolist()}.'
        )
    kept = tuple(float(number) for number in message.d[:num_kept])
    return kept if any(kept) else ()
