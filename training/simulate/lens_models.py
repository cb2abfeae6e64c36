"""
Lenses by name and by chance: narrow to fisheye, plumb_bob and equidistant distortion.

`davis` has the distortion of the DAVIS240C of the event camera data set (Mueggler et al., 2017),
`fisheye` that of the DAVIS346 of MVSEC (Zhu et al., 2018). Law: the horizontal field of view is
the asked one, and each pixel looks ahead.

"""

from dataclasses import dataclass
from typing import get_args, Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.distortion import distort_normalised
from eventdepth_core.types import Camera, DistortionModel
import numpy as np
from training.simulate.lenses import lens_of
from training.simulate.solids import log_uniform

LensKind: TypeAlias = Literal['narrow', 'normal', 'wide', 'fisheye']
LENS_KINDS: tuple[LensKind, ...] = get_args(LensKind)
FIELDS_OF_VIEW_DEG: dict[LensKind, tuple[float, float]] = {
    'narrow': (15.0, 42.0),
    'normal': (42.0, 75.0),
    'wide': (75.0, 110.0),
    'fisheye': (100.0, 150.0),
}
_MAX_TRIALS = 100


@dataclass(frozen=True, slots=True)
class LensModel:
    """A distortion as `Camera` has it; () is none."""

    distortion: tuple[float, ...] = ()
    model: DistortionModel = 'plumb_bob'


LENS_PRESETS: dict[str, LensModel] = {
    'pinhole': LensModel(),
    'davis': LensModel((-0.368, 0.150, -0.0003, -0.0003, 0.0)),
    'fisheye': LensModel((-0.048, 0.0113, -0.0554, 0.0215), 'equidistant'),
}


def camera_of_view(size: tuple[int, int], fov_deg: float, lens: LensModel) -> Camera:
    """
    Return a camera of (height, width) `size` whose horizontal field of view is `fov_deg`.

    Raises
    ------
    InputError
        For a field that the lens cannot see, in the corners too.

    """
    height, width = size
    half = np.tan(np.deg2rad(fov_deg) / 2)
    unit = Camera(width, height, 1.0, 1.0, 0.0, 0.0, lens.distortion, lens.model)
    edge = float(distort_normalised(np.array([[half, 0.0]]), unit)[0, 0])
    if not edge > 0:
        raise InputError(
            f'Expected a field of view that {lens.model} {lens.distortion} sees, '
            f'got {fov_deg} degrees.'
        )
    focal = float(width / 2 / edge)
    centre = ((width - 1) / 2, (height - 1) / 2)
    camera = Camera(width, height, focal, focal, *centre, lens.distortion, lens.model)
    lens_of(camera)
    return camera


def random_lens_camera(
    rng: np.random.Generator, size: tuple[int, int], *, kind: LensKind | None = None
) -> Camera:
    """Draw a camera of a kind, of any kind if None: field of view, distortion, centre, aspect."""
    for _ in range(_MAX_TRIALS):
        drawn = kind or LENS_KINDS[rng.integers(len(LENS_KINDS))]
        fov_deg = log_uniform(rng, *FIELDS_OF_VIEW_DEG[drawn])
        lens = _fisheye_lens(rng) if drawn == 'fisheye' else _radial_lens(rng)
        try:
            camera = _off_centre(rng, camera_of_view(size, fov_deg, lens))
            lens_of(camera)
        except InputError:
            continue
        return camera
    raise InputError(
        f'Expected a {kind or "random"} camera of {size} pixels within {_MAX_TRIALS} trials, '
        'got none.'
    )


def _radial_lens(rng: np.random.Generator) -> LensModel:
    """Draw barrels more often than cushions; k2 works against k1, as fits of real lenses do."""
    if rng.random() < 0.25:
        return LensModel()
    k1 = rng.uniform(-0.42, 0.12)
    k2 = float(-0.4 * k1 * rng.uniform(0.3, 1.3))
    p1, p2 = (float(each) for each in 5e-4 * rng.normal(size=2))
    return LensModel((float(k1), k2, p1, p2, 0.0))


def _fisheye_lens(rng: np.random.Generator) -> LensModel:
    spread = np.array([0.04, 0.015, 0.01, 0.003])
    return LensModel(tuple(float(each) for each in spread * rng.normal(size=4)), 'equidistant')


def _off_centre(rng: np.random.Generator, camera: Camera) -> Camera:
    return Camera(
        camera.width,
        camera.height,
        camera.fx,
        float(camera.fy * rng.uniform(0.985, 1.015)),
        float(camera.cx + camera.width / 60 * rng.normal()),
        float(camera.cy + camera.width / 60 * rng.normal()),
        camera.distortion,
        camera.distortion_model,
    )
