"""
Types that flow along the one way through the code: frozen, with units in their names.

bytes -> `EventPacket` -> `EVENT_DTYPE[n]` -> tensor -> posterior -> `DepthFrame` -> message.

Laws: an empty event array is a normal value; times are integers (µs sensor time unless a name
ends in `_ns`); intervals are half-open `[t0, t1)`; polarity is -1 or +1; depth is metres along
the optical axis with NaN for "not measured"; a transform `a_from_b` maps points of b into a.

"""

from collections.abc import Iterable
from dataclasses import dataclass, field
import math
from numbers import Real
import operator
from typing import Literal, TypeAlias

from eventdepth_core.errors import InputError
import numpy as np
from numpy.typing import NDArray

MAX_SIDE_PX = 16384
ROTATION_TOLERANCE = 1e-3

EVENT_DTYPE = np.dtype(
    [('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', 'i1')],
    align=True,
)
TRIGGER_DTYPE = np.dtype([('t', '<i8'), ('id', '<u2'), ('p', 'i1')], align=True)

# Structured dtypes have no static form in numpy's stubs, so the element type stays open.
Events: TypeAlias = NDArray[np.void]
Float32: TypeAlias = NDArray[np.float32]
Float64: TypeAlias = NDArray[np.float64]
Bool: TypeAlias = NDArray[np.bool_]
UInt8: TypeAlias = NDArray[np.uint8]

DistortionModel: TypeAlias = Literal['plumb_bob', 'equidistant']
Modality: TypeAlias = Literal['events', 'image', 'points']
Scale: TypeAlias = Literal['metric', 'prior', 'relative']

MODALITIES: tuple[Modality, ...] = ('events', 'image', 'points')

Entered: TypeAlias = Modality | Literal['motion']
"""What depth was made of; `motion` is depth swept out of events with known ego-motion."""
ENTERED: tuple[Entered, ...] = (*MODALITIES, 'motion')


@dataclass(frozen=True, slots=True)
class Camera:
    """
    A central camera: size in pixels, intrinsics in pixels, distortion coefficients.

    `plumb_bob` takes (k1, k2, p1, p2[, k3]), `equidistant` takes (k1, k2, k3, k4); an empty
    tuple means no distortion. Pixel centres lie at integer coordinates, as in ROS and OpenCV.

    Raises
    ------
    InputError
        For sides that are no integers from 1 to 16384, intrinsics that are no finite numbers, a
        focal length that is not positive, or a wrong kind or number of coefficients.

    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = ()
    distortion_model: DistortionModel = 'plumb_bob'

    def __post_init__(self) -> None:
        for name in ('width', 'height'):
            object.__setattr__(self, name, _side(getattr(self, name), name=f'Camera.{name}'))
        object.__setattr__(self, 'distortion', _coefficients(self.distortion))
        numbers = (self.fx, self.fy, self.cx, self.cy, *self.distortion)
        if not all(_is_finite(number) for number in numbers) or min(self.fx, self.fy) <= 0:
            raise InputError(f'Expected finite intrinsics with fx, fy > 0, got {numbers}.')
        self._check_distortion()

    def _check_distortion(self) -> None:
        counts = {'plumb_bob': (0, 4, 5), 'equidistant': (0, 4)}
        if not isinstance(self.distortion_model, str) or self.distortion_model not in counts:
            raise InputError(
                f'Expected distortion_model out of {", ".join(counts)}, '
                f'got {self.distortion_model!r}.'
            )
        if len(self.distortion) not in counts[self.distortion_model]:
            raise InputError(
                f'Expected {counts[self.distortion_model]} coefficients for '
                f'{self.distortion_model}, got {len(self.distortion)}.'
            )

    @property
    def matrix(self) -> Float64:
        """The 3x3 intrinsic matrix K, float64."""
        return np.array(
            [[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]],
            dtype=np.float64,
        )

    @property
    def size(self) -> tuple[int, int]:
        """The size as (height, width) in pixels."""
        return self.height, self.width

    @property
    def is_distorted(self) -> bool:
        """Whether any distortion coefficient differs from zero."""
        return any(self.distortion)


@dataclass(frozen=True, slots=True, eq=False)
class Rectification:
    """
    A rectified reference camera: points of the given one are turned by `rotation`.

    `rotation` is 3x3 float64 (rectified_from_given, DSEC's R_rect0); `camera` has no distortion.

    Raises
    ------
    InputError
        For a rotation that is not 3x3, finite and orthonormal with determinant +1 within 1e-3,
        or a camera that is no Camera or distorted.

    """

    rotation: Float64
    camera: Camera

    def __post_init__(self) -> None:
        object.__setattr__(self, 'rotation', _rotation(self.rotation))
        camera = self.camera
        if not isinstance(camera, Camera):
            raise InputError(
                f'Expected a Camera as Rectification.camera, got {type(camera).__name__}.'
            )
        # Zeros make an equidistant lens, not a pinhole.
        if camera.is_distorted or (camera.distortion_model == 'equidistant' and camera.distortion):
            raise InputError(
                'Expected a rectified camera without distortion as Rectification.camera, '
                f'got {camera.distortion_model} {camera.distortion}.'
            )


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """
    The sensors of one robot and how they stand to each other.

    `event_from_image` and `event_from_points` are 4x4 float64 in metres; without an event
    camera the image camera is the reference and `event_from_points` reads image_from_points.
    `Rig(event=c)` alone means that image and sparse depth share c's view.

    Raises
    ------
    InputError
        Without any camera, for a camera or rectification of another type, or for a transform
        that is not a rigid 4x4.

    """

    event: Camera | None = None
    image: Camera | None = None
    event_from_image: Float64 | None = None
    event_from_points: Float64 | None = None
    rectification: Rectification | None = None

    def __post_init__(self) -> None:
        if self.event is None and self.image is None:
            raise InputError('Expected a Rig with an event or an image camera, got neither.')
        for name, kind in (
            ('event', Camera),
            ('image', Camera),
            ('rectification', Rectification),
        ):
            part = getattr(self, name)
            if part is not None and not isinstance(part, kind):
                raise InputError(
                    f'Expected a {kind.__name__} or None as Rig.{name}, got {type(part).__name__}.'
                )
        for name in ('event_from_image', 'event_from_points'):
            transform = getattr(self, name)
            if transform is not None:
                object.__setattr__(self, name, rigid_transform(transform, name=name))

    @property
    def reference(self) -> Camera:
        """The given (not yet rectified) reference camera: the event camera where there is one."""
        camera = self.event if self.event is not None else self.image
        if camera is None:
            raise InputError('Expected a Rig with an event or an image camera, got neither.')
        return camera


@dataclass(frozen=True, slots=True)
class StageTiming:
    """Wall time of one estimate by stage, in milliseconds."""

    tensor_ms: float = 0.0
    encode_ms: float = 0.0
    fuse_ms: float = 0.0
    complete_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class DepthFrame:
    """
    One estimate in the rectified reference camera.

    `depth_m` float32 (H, W) metres along the optical axis, NaN where not `valid`; `std_m` float32
    (H, W) one standard deviation in metres; `valid` bool (H, W); `modalities` those that entered;
    `scale` says whether the metres were measured (`metric`), guessed from a learned prior
    (`prior`) or mean nothing (`relative`); `incomplete` lists why the window lacks data
    (`window_not_full`, `window_not_closed`, `sequence_gap`, `bad_packet`), empty when it does not;
    `motion_delay_us` how long after the stamp events and poses were used for `motion`.

    """

    depth_m: Float32
    std_m: Float32
    valid: Bool
    stamp_us: int
    modalities: tuple[Entered, ...]
    scale: Scale
    camera: Camera
    incomplete: tuple[str, ...] = ()
    timing: StageTiming = field(default_factory=StageTiming)
    motion_delay_us: int = 0


@dataclass(frozen=True, slots=True)
class EventPacket:
    """
    One driver packet: still encoded bytes.

    `time_base_ns` is the driver's time base, `seq` its sequence number, `stamp_us` the header
    stamp, `arrival_us` the record or arrival time on the host's clock; None where there is none.

    """

    encoding: str
    width: int
    height: int
    time_base_ns: int
    payload: bytes
    seq: int | None = None
    stamp_us: int | None = None
    arrival_us: int | None = None
    stream: str = 'events'


@dataclass(frozen=True, slots=True, eq=False)
class EventSlice:
    """Decoded events of a sensor of (height, width): `events` EVENT_DTYPE[n], t ascending, µs."""

    events: Events
    width: int
    height: int
    arrival_us: int | None = None
    stream: str = 'events'


@dataclass(frozen=True, slots=True, eq=False)
class ImageSample:
    """`image` uint8 (H, W) or (H, W, 3) in RGB order, taken at `stamp_us`."""

    image: UInt8
    stamp_us: int
    frame_id: str = ''
    stream: str = 'image'


@dataclass(frozen=True, slots=True, eq=False)
class PointsSample:
    """`points_m` float32 (N, 3) metres in the LiDAR's own frame, stamped `stamp_us`."""

    points_m: Float32
    stamp_us: int
    frame_id: str = ''
    stream: str = 'points'


@dataclass(frozen=True, slots=True, eq=False)
class DepthSample:
    """`depth_m` float32 (H, W) metres, NaN = none: a depth camera's image or ground truth."""

    depth_m: Float32
    stamp_us: int
    frame_id: str = ''
    stream: str = 'depth'


@dataclass(frozen=True, slots=True, eq=False)
class PoseSample:
    """`world_from_camera` float64 (4, 4), metres, at `stamp_us`."""

    world_from_camera: Float64
    stamp_us: int
    frame_id: str = ''
    stream: str = 'pose'


Sample: TypeAlias = (
    EventPacket | EventSlice | ImageSample | PointsSample | DepthSample | PoseSample
)


def rigid_transform(matrix: object, *, name: str, tolerance: float = 1e-4) -> Float64:
    """
    Return `matrix` as a float64 (4, 4) rigid transform, checked.

    Raises
    ------
    InputError
        If it is not 4x4 of real numbers, not finite, its rotation not orthonormal with
        determinant +1 within `tolerance`, or its last row not (0, 0, 0, 1).

    """
    transform = real_array(matrix, name=name).copy()
    if transform.shape != (4, 4):
        raise InputError(f'Expected {name} of shape (4, 4), got {transform.shape}.')
    if not np.isfinite(transform).all():
        raise InputError(f'Expected finite numbers in {name}, got {transform.tolist()}.')
    _check_orthonormal(transform[:3, :3], name, tolerance)
    if not np.allclose(transform[3], (0.0, 0.0, 0.0, 1.0)):
        raise InputError(f'Expected last row 0 0 0 1 in {name}, got {transform[3].tolist()}.')
    return transform


def real_array(values: object, *, name: str) -> Float64:
    """
    Return `values` as a float64 array, not copied where it is one.

    Raises
    ------
    InputError
        If they are ragged, or neither real numbers nor booleans: text, complex numbers, objects.

    """
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise InputError(f'Expected an array of numbers as {name}, got {error}.') from error
    if array.dtype.kind not in 'biuf':
        raise InputError(f'Expected real numbers in {name}, got dtype {array.dtype}.')
    return array.astype(np.float64, copy=False)


def _rotation(matrix: object) -> Float64:
    name = 'Rectification.rotation'
    rotation = real_array(matrix, name=name).copy()
    if rotation.shape != (3, 3):
        raise InputError(f'Expected {name} of shape (3, 3), got {rotation.shape}.')
    if not np.isfinite(rotation).all():
        raise InputError(f'Expected finite numbers in {name}, got {rotation.tolist()}.')
    _check_orthonormal(rotation, name, ROTATION_TOLERANCE)
    return rotation


def _check_orthonormal(rotation: Float64, name: str, tolerance: float) -> None:
    deviation = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
    if deviation > tolerance or np.linalg.det(rotation) < 0:
        raise InputError(
            f'Expected a rotation (orthonormal within {tolerance:g}, determinant +1) in {name}, '
            f'got a deviation of {deviation:.3g} and '
            f'determinant {np.linalg.det(rotation):.3g}.'
        )


def _side(value: object, *, name: str) -> int:
    try:
        side = operator.index(value)  # type: ignore[arg-type]  # what is no integer is refused
    except TypeError as error:
        raise InputError(f'Expected an integer as {name}, got {value!r}.') from error
    if not 0 < side <= MAX_SIDE_PX:
        raise InputError(
            f'Expected a positive size of at most {MAX_SIDE_PX} as {name}, got {side}.'
        )
    return side


def _coefficients(distortion: object) -> tuple[float, ...]:
    if isinstance(distortion, str | bytes) or not isinstance(distortion, Iterable):
        raise InputError(f'Expected a sequence of numbers as distortion, got {distortion!r}.')
    coefficients = tuple(distortion)
    if not all(_is_finite(k) for k in coefficients):
        raise InputError(f'Expected finite numbers in distortion, got {coefficients}.')
    return tuple(float(k) for k in coefficients)


def _is_finite(number: object) -> bool:
    return isinstance(number, Real) and math.isfinite(number)
