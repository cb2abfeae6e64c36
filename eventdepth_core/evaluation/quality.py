"""
What one frame says about itself: how much of it is valid, and how sure it is.

Laws: every `STRIDE`-th row and column is looked at, so the cost does not matter to a live node;
no valid pixel gives a share of 0 and a NaN median; the frame is never changed.

"""

from dataclasses import dataclass
from typing import Final

from eventdepth_core.types import DepthFrame
import numpy as np

STRIDE: Final = 4


@dataclass(frozen=True, slots=True)
class FrameQuality:
    """Share of the pixels that are valid, 0 to 1, and the median of their std in metres."""

    valid_share: float
    median_std_m: float


def frame_quality(frame: DepthFrame) -> FrameQuality:
    """Return the quality of a frame."""
    thin = np.s_[::STRIDE, ::STRIDE]
    valid = frame.valid[thin]
    std_m = frame.std_m[thin][valid]
    known_m = std_m[np.isfinite(std_m)]
    return FrameQuality(
        valid_share=float(valid.mean()) if valid.size else 0.0,
        median_std_m=float(np.median(known_m)) if known_m.size else float('nan'),
    )
