"""
What a manifest says, as frozen types: everything that the runtime must know about a model.

Law: a `Bundle` exists only for a manifest that passed the schema; nothing of it is looked up by
string after loading, except graphs and calibration subsets, which are named by the manifest.

"""

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
from pathlib import Path
from typing import Literal, TypeAlias

from eventdepth_core.errors import BundleError, ChecksumError
from eventdepth_core.types import ENTERED, Entered, MODALITIES, Modality

Task: TypeAlias = Literal['metric_depth', 'relative_depth']
Reference: TypeAlias = Literal['events', 'image']

DEFAULT_MIN_DEPTH_M = 0.1
DEFAULT_MAX_DEPTH_M = 200.0
LETTER_OF: Mapping[Entered, str] = {'events': 'E', 'image': 'I', 'points': 'P', 'motion': 'M'}


@dataclass(frozen=True, slots=True)
class EventsInput:
    """How events become a tensor: representation, time convention, bins and window."""

    representation: str
    convention: str
    span: Literal['window', 'events']
    bins: int
    window_us: int
    interval_us: int
    normalisation: str


@dataclass(frozen=True, slots=True)
class ImageInput:
    """How an image becomes a tensor; `height` and `width` only where a graph fixes them."""

    channels: int
    normalisation: str
    height: int | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class PointsInput:
    """The form of sparse depth, its range in metres and one sigma of its log range."""

    form: str
    min_depth_m: float
    max_depth_m: float
    range_sigma_log: float


@dataclass(frozen=True, slots=True)
class SemanticsInput:
    """The classes of a label image, index by index."""

    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs that a bundle can use; None for those that it cannot."""

    events: EventsInput | None = None
    image: ImageInput | None = None
    points: PointsInput | None = None
    semantics: SemanticsInput | None = None

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The modalities that the bundle can use, in the order of its experts."""
        return tuple(name for name in MODALITIES if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class GridSize:
    """The layout grid: about `pixels` cells, both sides multiples of `multiple`."""

    pixels: int
    multiple: int


@dataclass(frozen=True, slots=True)
class SensorSize:
    """The completion head's grid: the sensor's own up to `max_pixels`, padded to `multiple`."""

    multiple: int
    max_pixels: int


@dataclass(frozen=True, slots=True)
class Latent:
    """One level of the posterior: `channels` at 1/`stride` of the layout grid."""

    name: str
    channels: int
    stride: int


@dataclass(frozen=True, slots=True)
class GraphFile:
    """One ONNX graph of a bundle; `gflop` at the bundle's nominal size where it was counted."""

    name: str
    path: Path
    sha256: str
    gflop: float | None = None


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Denoising steps: how many by default, and the table of each (0 and empty: none)."""

    default_steps: int = 0
    steps: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """What depth and variance mean, and the range in metres in which depth is valid."""

    depth: str
    variance: str
    min_depth_m: float = DEFAULT_MIN_DEPTH_M
    max_depth_m: float = DEFAULT_MAX_DEPTH_M


@dataclass(frozen=True, slots=True)
class CalibrationFactors:
    """Factors on the standard deviations of log depth: of each pixel and of the global scale."""

    pixel: float = 1.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """
    A loaded model bundle; `folder` holds its files, the rest is its manifest.

    `is_verified` tells whether its graphs have to equal their checksums whenever they are read.

    """

    folder: Path
    name: str
    version: str
    task: Task
    reference: Reference
    licence: str
    inputs: Inputs
    grid: GridSize
    sensor: SensorSize
    canonical_focal_px: float
    latents: tuple[Latent, ...]
    graphs: Mapping[str, GraphFile]
    scheduler: Scheduler
    outputs: Outputs
    calibration: Mapping[str, CalibrationFactors]
    provenance: Mapping[str, object]
    data_licences: tuple[object, ...]
    metrics: tuple[Mapping[str, object], ...]
    description: str = ''
    precision: str = 'float32'
    gflop: float | None = None
    is_verified: bool = True

    def graph(self, name: str) -> GraphFile:
        """
        Return the graph called `name`.

        Raises
        ------
        BundleError
            If the bundle has no such graph.

        """
        if name not in self.graphs:
            raise BundleError(
                f'Expected a graph out of {", ".join(self.graphs)} in bundle {self.name}, '
                f'got {name!r}.'
            )
        return self.graphs[name]

    def graph_content(self, name: str) -> bytes:
        """
        Read the graph called `name`.

        Raises
        ------
        BundleError
            If the bundle has no such graph.
        ChecksumError
            If `is_verified` and the file is not, or no longer, the one of the manifest.

        """
        graph = self.graph(name)
        content = graph.path.read_bytes()
        if self.is_verified:
            actual = hashlib.sha256(content).hexdigest()
            if actual != graph.sha256:
                raise ChecksumError(str(graph.path), graph.sha256, actual)
        return content

    def calibration_of(self, entered: tuple[Entered, ...]) -> CalibrationFactors:
        """
        Return the factors of a subset of what may enter, 1 where none were fitted.

        Where none were fitted with motion, those of points stand for it.

        """
        key = subset_key(entered)
        if key not in self.calibration and 'motion' in entered:
            key = subset_key((*(name for name in entered if name != 'motion'), 'points'))
        return self.calibration.get(key, CalibrationFactors())


def subset_key(entered: tuple[Entered, ...]) -> str:
    """Name a subset by its letters in the order E, I, P, M: `('image', 'points')` -> 'IP'."""
    return ''.join(LETTER_OF[name] for name in ENTERED if name in entered)
