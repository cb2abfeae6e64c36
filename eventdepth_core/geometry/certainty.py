"""
Depth that is certain enough: a frame without the pixels whose standard deviation is too large.

Laws: a limit of infinity changes nothing; pixels that leave have NaN in depth and standard
deviation; the given frame stays as it is; a valid pixel without a standard deviation leaves.

"""

from dataclasses import replace

from eventdepth_core.errors import InputError
from eventdepth_core.types import DepthFrame
import numpy as np


def certain_frame(frame: DepthFrame, *, max_std_m: float) -> DepthFrame:
    """
    Return the frame with only the pixels whose standard deviation is at most `max_std_m`.

    Raises
    ------
    InputError
        Unless `max_std_m` is positive.

    """
    if not max_std_m > 0:
        raise InputError(f'Expected max_std_m > 0, got {max_std_m}.')
    valid = frame.valid & (frame.std_m <= np.float32(max_std_m))  # (H, W)
    nan = np.float32(np.nan)
    return replace(
        frame,
        depth_m=np.where(valid, frame.depth_m, nan),
        std_m=np.where(valid, frame.std_m, nan),
        valid=valid,
    )
