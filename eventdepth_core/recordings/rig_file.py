"""
Rig files: cameras, frames and extrinsics of a robot in one YAML file (`config/rigs`).

The schema is `eventdepth_core/rig_schema.json`. Calibration files of other tools (Kalibr, ROS,
DSEC) are read as well, then without frames.

Laws: an unknown, missing or wrong key is a CameraFileError with file and dotted key; a path that
is no file may be the name of a shipped rig; a rig without an image camera shares the event
camera's view, and its frame.

"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eventdepth_core.errors import CameraFileError, InputError
from eventdepth_core.install import installed_file
from eventdepth_core.recordings.calibration_node import CalibrationNode, read_calibration
from eventdepth_core.recordings.camera_files import read_camera
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.types import Camera, Float64, Rectification, Rig

SCHEMA_PATH = Path(__file__).parents[1] / 'rig_schema.json'
SHIPPED = ('config', 'rigs')
EXTRINSICS = ('event_from_image', 'event_from_points')
INTRINSICS = ('width', 'height', 'fx', 'fy', 'cx', 'cy')

Content = dict[str, Any]  # Any: YAML, checked against the schema before it is used


@dataclass(frozen=True, slots=True, eq=False)
class NamedRig:
    """A rig and the frame of each of its sensors, as far as they are known."""

    rig: Rig
    frames: Mapping[StreamName, str] = field(default_factory=dict)


def rig_from_file(path: str | Path) -> NamedRig:
    """
    Read a rig file, a calibration file, or the shipped rig of a name (`dsec`, `mvsec`).

    Raises
    ------
    CameraFileError
        If the file is missing, unreadable or not what its schema says.

    """
    place = rig_path(path)
    root = read_calibration(place)
    if not root.has('cameras'):
        read = read_camera(place)
        return NamedRig(read if isinstance(read, Rig) else Rig(event=read))
    _check_schema(root)
    try:
        return NamedRig(_rig(root), _frames(root))
    except InputError as error:
        raise CameraFileError(f'Expected a rig in {place}: {error}') from error


def rig_path(path: str | Path) -> Path:
    """
    Return the file that `path` means: itself, or that of a shipped rig.

    Raises
    ------
    CameraFileError
        If there is no such file; names the shipped ones.

    """
    given = Path(path).expanduser()
    if given.is_file():
        return given
    shipped = {file.stem: file for file in sorted(installed_file(*SHIPPED).glob('*.yaml'))}
    if str(path) in shipped:
        return shipped[str(path)]
    raise CameraFileError(
        f'Expected a rig file or a rig out of {", ".join(shipped)}, got {str(path)!r}.'
    )


def _rig(root: CalibrationNode) -> Rig:
    cameras = root.child('cameras')
    event = _camera(cameras, 'event')
    image = _camera(cameras, 'image')
    reference = 'event' if event is not None else 'image'
    for name in ('event', 'image'):
        if name != reference and cameras.has(name) and cameras.child(name).has('rectification'):
            raise (
                cameras.child(name)
                .child('rectification')
                .error(f'a rectification of the reference camera ({reference}) only', 'one here')
            )
    transforms = {name: _transform(root, name) for name in EXTRINSICS}
    if event is not None and image is not None and transforms['event_from_image'] is None:
        raise CameraFileError(
            f'Expected the key extrinsics.event_from_image in {root.path}, got none with two '
            'cameras.'
        )
    return Rig(
        event=event,
        image=image,
        rectification=_rectification(cameras.child(reference)),
        **transforms,
    )


def _camera(cameras: CalibrationNode, name: str) -> Camera | None:
    if not cameras.has(name):
        return None
    content = _content(cameras.child(name))
    return Camera(
        **{key: content[key] for key in INTRINSICS},
        distortion=tuple(content.get('distortion', ())),
        distortion_model=content.get('distortion_model', 'plumb_bob'),
    )


def _rectification(camera: CalibrationNode) -> Rectification | None:
    if not camera.has('rectification'):
        return None
    node = camera.child('rectification')
    content = _content(node)
    return Rectification(
        rotation=node.child('rotation').matrix(3, 3),
        camera=Camera(**{key: content[key] for key in INTRINSICS}),
    )


def _transform(root: CalibrationNode, name: str) -> Float64 | None:
    if not root.has('extrinsics') or not root.child('extrinsics').has(name):
        return None
    return root.child('extrinsics').child(name).matrix(4, 4)


def _frames(root: CalibrationNode) -> Mapping[StreamName, str]:
    cameras = _content(root.child('cameras'))
    event = cameras.get('event', {}).get('frame')
    image = cameras['image'].get('frame') if 'image' in cameras else event
    points = _content(root.child('points')).get('frame') if root.has('points') else None
    listed: dict[StreamName, str | None] = {'events': event, 'image': image, 'points': points}
    return MappingProxyType({name: frame for name, frame in listed.items() if frame})


def _content(node: CalibrationNode) -> Content:
    if not isinstance(node.content, dict):
        raise node.error('a mapping', type(node.content).__name__)
    return node.content


def _check_schema(root: CalibrationNode) -> None:
    import jsonschema

    schema = json.loads(SCHEMA_PATH.read_text(encoding='utf-8'))
    validator = jsonschema.Draft7Validator(schema)
    errors = sorted(validator.iter_errors(root.content), key=lambda each: len(each.absolute_path))
    if not errors:
        return
    error = errors[0]
    key = '.'.join(str(part) for part in error.absolute_path)
    if error.validator == 'additionalProperties':
        known = list(error.schema['properties'])
        unknown = next(str(name) for name in error.instance if name not in known)
        near = get_close_matches(unknown, known, n=1)
        advice = f'did you mean {near[0]}?' if near else f'known are {", ".join(known)}.'
        dotted = f'{key}.{unknown}' if key else unknown
        raise CameraFileError(f'Expected no key {dotted} in {root.path}: {advice}')
    place = key or 'the rig'
    raise CameraFileError(
        f'Expected {root.path}: {place} to fit its schema, got: {error.message}.'
    )
