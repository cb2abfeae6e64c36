"""
A share of the measured points as input, the rest as the reference.

Law: which pixels are given depends on the seed, the stamp and the points alone.

"""

from eventdepth_core.pipeline.views import ReferenceView, sparse_depth
from eventdepth_core.types import DepthSample, Float32, PointsSample
import numpy as np


class PointsShare:
    """
    Splits the measured pixels of points in the reference view.

    `fraction` of them, chosen by `seed`, is given; the others are held back as a reference
    unless `has_reference` says that the recording brings one.

    """

    def __init__(
        self,
        view: ReferenceView,
        limits_m: tuple[float, float],
        *,
        fraction: float,
        seed: int,
        has_reference: bool,
    ) -> None:
        self._view = view
        self._limits_m = limits_m
        self._fraction = fraction
        self._seed = seed
        self._has_reference = has_reference

    @property
    def is_whole(self) -> bool:
        """Whether all points are given."""
        return self._fraction >= 1.0

    def split(self, sample: PointsSample) -> tuple[Float32, DepthSample | None]:
        """
        Return the given sparse depth (H, W) in metres, NaN elsewhere, and what is held back.

        Raises
        ------
        InputError
            For points of another shape than (N, 3).

        """
        measured_m = sparse_depth(self._view, sample.points_m, self._limits_m)
        generator = np.random.default_rng((self._seed, sample.stamp_us % 2**63))
        is_given = generator.random(measured_m.shape) < self._fraction
        nothing_m = np.float32(np.nan)
        given_m = np.where(is_given, measured_m, nothing_m).astype(np.float32)
        if self._has_reference:
            return given_m, None
        held_m = np.where(is_given, nothing_m, measured_m).astype(np.float32)
        return given_m, DepthSample(held_m, sample.stamp_us, sample.frame_id)
