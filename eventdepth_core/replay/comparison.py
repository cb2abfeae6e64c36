"""
Frames of a live graph against their references, as they come.

The same numbers as the comparison within a replay: the metrics of the frames of each subset of
inputs under one profile. Laws: memory does not grow with the frames; a
reference of another size is refused and never resized; a pair without a common pixel takes no
part in the means.

"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation import (
    constant_median,
    fill_baselines,
    profile_named,
    RunningEvaluation,
)
from eventdepth_core.evaluation.protocol import images_of
from eventdepth_core.rendering import points_overlay, robust_scale
from eventdepth_core.replay.pictures import Album
from eventdepth_core.replay.reference import NO_MODALITY
from eventdepth_core.report import FramePicture, SubsetMetrics
from eventdepth_core.types import Camera, DepthFrame, Entered, Float32, Scale, UInt8
import numpy as np

CONSTANT: Final = 'median of the reference'
UNKNOWN: Final[Literal['unknown']] = 'unknown'
"""Stands for the inputs and the scale of a frame whose mode was not told."""


class SizeMismatchError(InputError):
    """Predicted depth and reference of different sizes."""

    reason = 'size_mismatch'


@dataclass(frozen=True, slots=True)
class Mode:
    """Which modalities a frame was made of, what its metres are worth, what its window lacked."""

    modalities: tuple[Entered, ...] = ()
    scale: Scale | Literal['unknown'] = 'unknown'
    incomplete: tuple[str, ...] = ()

    @property
    def subset(self) -> str:
        """The modalities as one word, e.g. `events+image`."""
        if self.scale == UNKNOWN:
            return UNKNOWN
        return '+'.join(self.modalities) or NO_MODALITY


@dataclass(frozen=True, slots=True, eq=False)
class ComparedDepth:
    """
    One predicted depth, with its reference where there is one.

    `depth_m`, and `target_m`, `std_m` and `sparse_m` (measured points) where there are any,
    float32 (H, W) metres, NaN = none; `elapsed_s` since the first frame.

    """

    depth_m: Float32
    target_m: Float32 | None
    stamp_us: int
    elapsed_s: float
    mode: Mode
    std_m: Float32 | None = None
    sparse_m: Float32 | None = None


class Comparison:
    """
    Gathers metrics, baselines and pictures of pairs.

    Parameters
    ----------
    profile : str
        One of `eventdepth_core.evaluation.list_profiles()`.
    num_pictures : int
        How many pairs to show in the end.
    has_baselines : bool
        Whether trivial predictions are measured on each pair as well.

    Raises
    ------
    ProfileError
        If there is no such profile.

    """

    def __init__(self, profile: str, *, num_pictures: int = 6, has_baselines: bool = True) -> None:
        profile_named(profile)
        self.profile = profile
        self._has_baselines = has_baselines
        self._album = Album(num_pictures)
        self._evaluations: dict[str, RunningEvaluation] = {}
        self._baselines: dict[str, RunningEvaluation] = {}
        self.modalities: Counter[str] = Counter()
        self.scales: Counter[str] = Counter()
        self.incomplete: Counter[str] = Counter()
        self.num_compared = 0

    def add(self, pair: ComparedDepth, inputs: Callable[[], UInt8 | None]) -> dict[str, float]:
        """
        Compare a pair and return the metrics of this frame, none without a reference.

        Parameters
        ----------
        pair : ComparedDepth
            Predicted depth and its reference.
        inputs : callable
            Returns the picture of what entered, uint8 (h, w, 3) or None; called only for pairs
            that are kept for the pictures.

        Raises
        ------
        SizeMismatchError
            If the sizes differ.

        """
        values = {} if pair.target_m is None else self._compared(pair, pair.target_m)
        self._keep_picture(pair, inputs)
        return values

    def metrics(self) -> tuple[SubsetMetrics, ...]:
        """Return the metrics over the frames of each subset of inputs."""
        return _subset_metrics(sorted(self._evaluations.items()))

    def baselines(self) -> tuple[SubsetMetrics, ...]:
        """Return those of each trivial prediction over the frames that it was made for."""
        return _subset_metrics(self._baselines.items())

    def pictures(self) -> tuple[FramePicture, ...]:
        """Return an even choice of the pairs."""
        return self._album.chosen()

    def _compared(self, pair: ComparedDepth, target_m: Float32) -> dict[str, float]:
        if pair.depth_m.shape != target_m.shape:
            raise SizeMismatchError(
                f'Expected a reference of {pair.depth_m.shape}, got {target_m.shape}.'
            )
        values = self._measured(self._evaluations, pair.mode.subset, pair.depth_m, pair)
        if values['n'] > 0:
            self._count(pair.mode)
            if self._has_baselines:
                self._measure_baselines(pair, target_m)
        return values

    def _measured(
        self,
        group: dict[str, RunningEvaluation],
        name: str,
        predicted_m: Float32,
        pair: ComparedDepth,
    ) -> dict[str, float]:
        """Add a prediction to the group's evaluation of that name; return its own metrics."""
        evaluation = group.setdefault(name, RunningEvaluation(self.profile))
        std_m = pair.std_m if predicted_m is pair.depth_m else None
        values: dict[str, float] = {}
        for maps in images_of(predicted_m, np.asarray(pair.target_m), std_m):
            values = evaluation.add(evaluation.judge(maps))
        return values

    def _count(self, mode: Mode) -> None:
        self.num_compared += 1
        self.modalities[mode.subset] += 1
        self.scales[mode.scale] += 1
        self.incomplete.update(mode.incomplete)

    def _measure_baselines(self, pair: ComparedDepth, target_m: Float32) -> None:
        predictions = {CONSTANT: constant_median(target_m, pair.depth_m.shape)}
        if pair.sparse_m is not None and np.isfinite(pair.sparse_m).any():
            fills = fill_baselines(pair.sparse_m)
            predictions |= {
                'points, nearest': fills.nearest,
                'points, linear in 1/z': fills.linear,
                'points, spread switch': fills.switch,
            }
        for name, predicted_m in predictions.items():
            self._measured(self._baselines, name, predicted_m, pair)

    def _keep_picture(self, pair: ComparedDepth, inputs: Callable[[], UInt8 | None]) -> None:
        if not self._album.wants(pair.target_m):
            self._album.skip(pair.target_m)
            return
        picture = inputs()
        if picture is None:
            picture = np.full((*pair.depth_m.shape, 3), 255, np.uint8)
        picture = _with_points(picture, pair)
        self._album.add(_shown_frame(pair), picture, pair.target_m, elapsed_s=pair.elapsed_s)


def _with_points(picture: UInt8, pair: ComparedDepth) -> UInt8:
    """Return the picture with the measured points on it, where they entered and fit."""
    sparse_m = pair.sparse_m
    if sparse_m is None or 'points' not in pair.mode.modalities:
        return picture
    if sparse_m.shape != picture.shape[:2]:
        return picture
    return points_overlay(picture, sparse_m, robust_scale([pair.depth_m, sparse_m]))


def _shown_frame(pair: ComparedDepth) -> DepthFrame:
    """
    Return the pair as the album takes it; pictures need no intrinsics.

    Depth whose mode was not told is taken at its word: metres.

    """
    height, width = pair.depth_m.shape
    std_m = np.full_like(pair.depth_m, np.nan) if pair.std_m is None else pair.std_m
    return DepthFrame(
        depth_m=pair.depth_m,
        std_m=std_m,
        valid=np.isfinite(pair.depth_m),
        stamp_us=pair.stamp_us,
        modalities=pair.mode.modalities,
        scale='metric' if pair.mode.scale == UNKNOWN else pair.mode.scale,
        camera=Camera(width, height, width, width, (width - 1) / 2, (height - 1) / 2),
        incomplete=pair.mode.incomplete,
    )


def _subset_metrics(
    evaluations: Iterable[tuple[str, RunningEvaluation]],
) -> tuple[SubsetMetrics, ...]:
    return tuple(
        SubsetMetrics(name, each.tally.num_images_used, each.metrics())
        for name, each in evaluations
        if each.tally.num_images_used
    )
