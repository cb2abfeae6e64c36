"""
Cameras from files: Kalibr camchains, ROS camera_info YAML, DSEC's cam_to_cam.yaml; or assumed.

The schema is told by the keys: `intrinsics.cam0` is DSEC, `cam0` is Kalibr, `camera_matrix` and
`image_width` are ROS.

"""

import math
from pathlib import Path

from eventdepth_core.errors import CameraFileError, InputError
from eventdepth_core.recordings.calibration_node import CalibrationNode, read_calibration
from eventdepth_core.recordings.poses import inverse
from eventdepth_core.types import (
    Camera,
    DistortionModel,
    Float64,
    Rectification,
    Rig,
    rigid_transform,
)
import numpy as np

_MODELS: dict[str, DistortionModel] = {
    'plumb_bob': 'plumb_bob',
    'radtan': 'plumb_bob',
    'rational_polynomial': 'plumb_bob',
    'none': 'plumb_bob',
    'equidistant': 'equidistant',
    'equi': 'equidistant',
    'fisheye': 'equidistant',
}
MAX_FOV_DEG = 179.0


def read_camera(path: str | Path) -> Camera | Rig:
    """
    Return the camera, or the rig, that a calibration file describes.

    In a Kalibr camchain cam0 is the event camera and cam1, where there is one, the image camera.
    A DSEC file gives cam0 with its rectification, the rectified frame camera camRect1, and the
    LiDAR where `cam_to_lidar.yaml` lies beside.

    Raises
    ------
    CameraFileError
        If the file is unreadable, of another schema or incomplete; names file and dotted key.

    """
    root = read_calibration(Path(path))
    try:
        if root.has('intrinsics') and root.child('intrinsics').has('cam0'):
            return _dsec_rig(root)
        if root.has('cam0'):
            return _kalibr_rig(root)
        if root.has('camera_matrix') and root.has('image_width'):
            return _ros_camera(root)
    except InputError as error:
        raise CameraFileError(f'Expected a camera in {path}: {error}') from error
    raise CameraFileError(
        f'Expected the key intrinsics.cam0 (DSEC), cam0 (Kalibr) or camera_matrix with '
        f'image_width (ROS) in {path}, got {_keys(root)}.'
    )


def assumed_camera(width: int, height: int, fov_deg: float) -> Camera:
    """
    Return a camera without distortion from its horizontal field of view in degrees.

    Raises
    ------
    InputError
        For a field of view outside (0, 179] degrees.

    """
    if not 0 < fov_deg <= MAX_FOV_DEG:
        raise InputError(f'Expected fov_deg in (0, {MAX_FOV_DEG:g}], got {fov_deg}.')
    focal_px = width / 2 / math.tan(math.radians(fov_deg) / 2)
    return Camera(width, height, focal_px, focal_px, (width - 1) / 2, (height - 1) / 2)


def _ros_camera(root: CalibrationNode) -> Camera:
    """Return the camera of a camera_info YAML."""
    k = root.child('camera_matrix').child('data').matrix(3, 3)
    model = 'none'
    coefficients: tuple[float, ...] = ()
    if root.has('distortion_coefficients'):
        model = root.child('distortion_model').choice(*_MODELS)
        coefficients = _flat(root.child('distortion_coefficients').child('data'))
    return Camera(
        width=int(root.child('image_width').matrix(1)[0]),
        height=int(root.child('image_height').matrix(1)[0]),
        fx=float(k[0, 0]),
        fy=float(k[1, 1]),
        cx=float(k[0, 2]),
        cy=float(k[1, 2]),
        distortion=_checked(root.child('camera_matrix'), model, coefficients),
        distortion_model=_MODELS[model],
    )


def _kalibr_rig(root: CalibrationNode) -> Camera | Rig:
    """Return cam0, with cam1 as the image camera where the chain goes on."""
    event = pinhole_camera(root.child('cam0'), 'intrinsics')
    if not root.has('cam1'):
        return event
    node = root.child('cam1')
    image_from_event = rigid_matrix(node.child('T_cn_cnm1'))
    return Rig(
        event=event,
        image=pinhole_camera(node, 'intrinsics'),
        event_from_image=inverse(image_from_event),
    )


def _dsec_rig(root: CalibrationNode) -> Rig:
    """Return the left event camera, its rectification, and the left rectified frame camera."""
    cameras, extrinsics = root.child('intrinsics'), root.child('extrinsics')
    rectification = Rectification(
        rotation=rotation_matrix(extrinsics.child('R_rect0')),
        camera=pinhole_camera(cameras.child('camRect0'), 'camera_matrix'),
    )
    event = pinhole_camera(cameras.child('cam0'), 'camera_matrix')
    if not cameras.has('camRect1'):
        return Rig(event=event, rectification=rectification)
    rectified_from_frame = np.eye(4)
    rectified_from_frame[:3, :3] = rotation_matrix(extrinsics.child('R_rect1'))
    image_from_event = rectified_from_frame @ rigid_matrix(extrinsics.child('T_10'))
    event_from_image = inverse(image_from_event)
    return Rig(
        event=event,
        image=pinhole_camera(cameras.child('camRect1'), 'camera_matrix'),
        event_from_image=event_from_image,
        event_from_points=_dsec_points(root.path, event_from_image),
        rectification=rectification,
    )


def _dsec_points(path: Path, event_from_image: Float64) -> Float64 | None:
    """Return event_from_lidar from the file beside, None without one."""
    lidar_file = path.with_name('cam_to_lidar.yaml')
    if not lidar_file.is_file():
        return None
    lidar_from_image = rigid_matrix(read_calibration(lidar_file).child('T_lidar_camRect1'))
    return event_from_image @ inverse(lidar_from_image)


def pinhole_camera(node: CalibrationNode, intrinsics: str) -> Camera:
    """Return a camera in the form that Kalibr and DSEC share: fx fy cx cy and a size."""
    if node.has('camera_model'):
        node.child('camera_model').choice('pinhole')
    fx, fy, cx, cy = node.child(intrinsics).numbers(4)
    width, height = node.child('resolution').size()
    model = 'none'
    coefficients: tuple[float, ...] = ()
    if node.has('distortion_coeffs'):
        model = node.child('distortion_model').choice(*_MODELS)
        coefficients = _flat(node.child('distortion_coeffs'))
    return Camera(
        width=width,
        height=height,
        fx=fx,
        fy=fy,
        cx=cx,
        cy=cy,
        distortion=_checked(node, model, coefficients),
        distortion_model=_MODELS[model],
    )


def _flat(node: CalibrationNode) -> tuple[float, ...]:
    return node.numbers(*range(15))


def _checked(
    node: CalibrationNode, model: str, coefficients: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the coefficients that our models take; none may be lost."""
    num_kept = 4 if _MODELS[model] == 'equidistant' else 5
    kept = () if model == 'none' else coefficients[:num_kept]
    if any(coefficients[len(kept) :]):
        raise node.error(f'{num_kept} distortion coefficients for {model}', f'{coefficients}')
    return kept


def rigid_matrix(node: CalibrationNode) -> Float64:
    """Return a rigid 4x4 transform of a file, checked."""
    try:
        return rigid_transform(node.matrix(4, 4), name=node.key, tolerance=1e-3)
    except InputError as error:
        raise node.error('a rigid transform', str(error)) from error


def rotation_matrix(node: CalibrationNode) -> Float64:
    """Return a rotation of a file, checked."""
    transform = np.eye(4)
    transform[:3, :3] = node.matrix(3, 3)
    try:
        return rigid_transform(transform, name=node.key, tolerance=1e-3)[:3, :3]
    except InputError as error:
        raise node.error('a rotation', str(error)) from error


def _keys(root: CalibrationNode) -> str:
    return ', '.join(map(str, root.content)) if isinstance(root.content, dict) else ''
