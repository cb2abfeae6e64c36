"""
A rig as the calibration files of DSEC: cam_to_cam.yaml, cam_to_lidar.yaml and rectify_map.h5.

cam0 is the event camera, camRect0 its rectified one, cam1 the image camera and camRect1, where
the images have no distortion, the same. Law: `read_camera` gives the rig back, with what is not
distorted as its own rectification; what the rig does not know is left out.

"""

from pathlib import Path

from eventdepth_core.errors import needed_package
from eventdepth_core.geometry.cameras import pixel_grid, undistort_points
from eventdepth_core.recordings.bag_metadata import yaml_text
from eventdepth_core.recordings.poses import inverse
from eventdepth_core.types import Camera, Float64, Rig
import numpy as np

_MODELS = {'plumb_bob': 'radtan', 'equidistant': 'equidistant'}


def write_calibration(rig: Rig, folder: Path, *, has_images: bool) -> None:
    """Write what a rig with an event camera knows into `folder`."""
    if rig.event is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    image_from_event = _image_from_event(rig) if has_images else None
    content = _cam_to_cam(rig, rig.event, image_from_event)
    (folder / 'cam_to_cam.yaml').write_text(yaml_text(content))
    if rig.event_from_points is not None and image_from_event is not None:
        lidar_from_image = inverse(image_from_event @ rig.event_from_points)
        text = yaml_text({'T_lidar_camRect1': lidar_from_image.tolist()})
        (folder / 'cam_to_lidar.yaml').write_text(text)


def write_rectify_map(rig: Rig, path: Path) -> None:
    """Write where each pixel of the event camera lies rectified: float32 (H, W, 2), x then y."""
    if rig.event is None:
        return
    with needed_package('h5py'):
        import h5py
    points_px = undistort_points(pixel_grid(rig.event), rig.event, rig.rectification)
    with h5py.File(path, 'w') as file:
        file['rectify_map'] = points_px.reshape(*rig.event.size, 2).astype(np.float32)


def _cam_to_cam(rig: Rig, event: Camera, image_from_event: Float64 | None) -> dict[str, object]:
    rectification = rig.rectification
    rotation = np.eye(3) if rectification is None else rectification.rotation
    rectified = _pinhole(event) if rectification is None else rectification.camera
    cameras = {
        'cam0': _camera(event, 'event', is_rectified=False),
        'camRect0': _camera(rectified, 'event', is_rectified=True),
    }
    extrinsics = {'R_rect0': rotation.tolist()}
    image = rig.image or event
    if image_from_event is not None:
        cameras['cam1'] = _camera(image, 'frame', is_rectified=False)
        extrinsics['T_10'] = image_from_event.tolist()
        if not image.is_distorted:
            cameras['camRect1'] = _camera(_pinhole(image), 'frame', is_rectified=True)
            extrinsics['R_rect1'] = np.eye(3).tolist()
    return {'intrinsics': cameras, 'extrinsics': extrinsics}


def _image_from_event(rig: Rig) -> Float64 | None:
    """Return how the image camera stands, None where that is unknown."""
    if rig.image is None:
        return np.eye(4)
    return None if rig.event_from_image is None else inverse(rig.event_from_image)


def _camera(camera: Camera, kind: str, *, is_rectified: bool) -> dict[str, object]:
    described: dict[str, object] = {
        'camera_type': kind,
        'camera_location': 'left',
        'is_rectified': is_rectified,
        'camera_model': 'pinhole',
        'resolution': [camera.width, camera.height],
        'camera_matrix': [camera.fx, camera.fy, camera.cx, camera.cy],
    }
    if not is_rectified:
        distortion = camera.distortion or (0.0, 0.0, 0.0, 0.0)
        described['distortion_model'] = _MODELS[camera.distortion_model]
        described['distortion_coeffs'] = list(distortion)
    return described


def _pinhole(camera: Camera) -> Camera:
    return Camera(camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy)
