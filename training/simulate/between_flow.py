"""
Light between two images from dense optical flow alone.

Flow both ways by DIS (Kroeger et al., ECCV 2016, in OpenCV). At share s the flow to the images is
F_s0 = -(1 - s) s F_01 + s^2 F_10 and F_s1 = (1 - s)^2 F_01 - s (1 - s) F_10 (Jiang et al., Super
SloMo, CVPR 2018, eq. 4). A pixel whose two flows do not cancel is not seen in the other image.

"""

import cv2
from eventdepth_core.types import Float32
import numpy as np
from training.simulate.between import mixed_light, MOTION_QUANTILE, View

_SLACK_PX = 0.5
_SLACK_SHARE = 0.05


class FlowInterval:
    """
    Two views and the flow between them.

    `trusted` is the share of pixels whose flows there and back agree.

    """

    def __init__(self, first: View, second: View) -> None:
        self._views = (first, second)
        # One object for both ways: its buffers are of the image's size.
        dense = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._there = dense.calc(first.grey, second.grey, None)
        self._back = dense.calc(second.grey, first.grey, None)
        rows, columns = np.indices(first.grey.shape, dtype=np.float32)
        self._grid = np.stack([columns, rows], axis=-1)  # (H, W, 2)
        self._seen = (
            self._agreement(self._there, self._back),
            self._agreement(self._back, self._there),
        )
        self.trusted = float(self._seen[0].mean())
        length_px = np.linalg.norm(self._there, axis=-1)
        moved = length_px[self._seen[0] > 0] if self.trusted > 0 else length_px
        self.motion_px = float(np.quantile(moved, MOTION_QUANTILE))

    def light(self, share: float) -> Float32:
        """Return the light (H, W) at a share in (0, 1] of the interval."""
        if share == 1.0:
            return self._views[1].light
        s = np.float32(share)
        to_first = -(1 - s) * s * self._there + s * s * self._back
        to_second = (1 - s) * (1 - s) * self._there - s * (1 - s) * self._back
        maps = (self._grid + to_first, self._grid + to_second)
        lights = tuple(
            sampled(view.light, where, cv2.INTER_CUBIC)
            for view, where in zip(self._views, maps, strict=True)
        )
        seen = tuple(
            sampled(agrees, where, cv2.INTER_LINEAR) * _inside(where)
            for agrees, where in zip(self._seen, maps, strict=True)
        )
        return mixed_light((lights[0], lights[1]), (seen[0], seen[1]), share)

    def _agreement(self, flow: Float32, other: Float32) -> Float32:
        returned = flow + sampled(other, self._grid + flow, cv2.INTER_LINEAR)
        length = np.linalg.norm(flow, axis=-1)
        agrees = np.linalg.norm(returned, axis=-1) < _SLACK_PX + _SLACK_SHARE * length
        return np.asarray(agrees * _inside(self._grid + flow), np.float32)


def sampled(picture: Float32, where: Float32, method: int) -> Float32:
    """Return `picture` at positions (H, W, 2), columns x, y; its border goes on outside."""
    taken: Float32 = cv2.remap(
        picture, where.astype(np.float32), None, method, borderMode=cv2.BORDER_REPLICATE
    )
    return taken


def _inside(where: Float32) -> Float32:
    height, width = where.shape[:2]
    x, y = where[..., 0], where[..., 1]
    is_inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return is_inside.astype(np.float32)
