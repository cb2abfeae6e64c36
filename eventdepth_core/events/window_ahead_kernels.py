"""Single bins of a voxel grid whose bins stand where intervals meet: those of `voxel_kernels`."""

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.moment_kernels import SHIFT
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray


@kernel
def voxel_plane(
    moments: NDArray[np.int64],
    before: Integer,
    own: Integer,
    spacing_us: Integer,
    plane: Float32,
) -> None:
    """Write one bin from the whole interval `before` it and its `own`, -1 for an empty one."""
    scale = 1.0 / spacing_us
    distance = np.float64(spacing_us)
    if own < 0 and before < 0:
        plane[:] = 0.0
    elif own < 0:
        for i in range(plane.size):
            late = moments[before, i]
            plane[i] = np.float32(np.float64((late << (64 - SHIFT)) >> (64 - SHIFT)) * scale)
    elif before < 0:
        for i in range(plane.size):
            packed = moments[own, i]
            s1 = (packed << (64 - SHIFT)) >> (64 - SHIFT)
            s0 = (packed - s1) >> SHIFT
            plane[i] = np.float32((distance * np.float64(s0) - np.float64(s1)) * scale)
    else:
        for i in range(plane.size):
            late = moments[before, i]
            later = np.float64((late << (64 - SHIFT)) >> (64 - SHIFT))
            packed = moments[own, i]
            s1 = (packed << (64 - SHIFT)) >> (64 - SHIFT)
            s0 = (packed - s1) >> SHIFT
            plane[i] = np.float32((later + distance * np.float64(s0) - np.float64(s1)) * scale)


@kernel
def last_voxel_planes(
    moments: NDArray[np.int64],
    before: Integer,
    own: Integer,
    spacing_us: Integer,
    plane: Float32,
    last_plane: Float32,
) -> None:
    """Write the last two bins: around the whole interval `own`, `before` it another one."""
    scale = 1.0 / spacing_us
    distance = np.float64(spacing_us)
    for i in range(plane.size):
        late = moments[before, i]
        later = np.float64((late << (64 - SHIFT)) >> (64 - SHIFT))
        packed = moments[own, i]
        s1 = (packed << (64 - SHIFT)) >> (64 - SHIFT)
        s0 = (packed - s1) >> SHIFT
        plane[i] = np.float32((later + distance * np.float64(s0) - np.float64(s1)) * scale)
        last_plane[i] = np.float32(np.float64(s1) * scale)
