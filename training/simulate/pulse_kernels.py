"""Compiled pulses of a LiDAR: each along its own direction, from its own pose."""

from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster_kernels import nearest_hit, surface_point
from training.simulate.compilation import kernel
from training.simulate.stage import Stage


@kernel
def cast_pulses(
    stage: Stage,
    pose: NDArray[np.int64],
    directions: Float64,
    range_m: Float64,
    cosine: Float64,
) -> None:
    """
    Fill the distance along unit directions (N, 3), FAR_M where nothing is hit, from poses (N,).

    `cosine` is that of the angle between pulse and surface normal, 1 where nothing is hit.

    """
    shapes = stage.surfaces.shape
    for i in range(directions.shape[0]):
        ray = (directions[i, 0], directions[i, 1], directions[i, 2])
        hit = nearest_hit(stage.views, pose[i], shapes, stage.tiles, 0, ray)
        range_m[i], cosine[i] = hit[0], 1.0
        if hit[1] >= 0:
            cosine[i] = surface_point(stage.views, pose[i], stage.surfaces, hit, ray)[4]
