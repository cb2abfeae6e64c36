"""
Where the planes of a completion batch lie on the layout grid, so that a layout can be laid there.

Law: a box over the whole sensor grid gives what the pipeline gives: the layout's content enlarged
to the sensor's content, its edges repeated in the padding.

"""

from dataclasses import dataclass

from eventdepth_core.preparation import LayoutGrid, SensorGrid
from eventdepth_core.types import Float32
import numpy as np
import torch
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the sensor grid: rows [top, top + height), columns [left, left + width)."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, planes: Float32) -> Float32:
        """Cut planes (C, H, W) or (H, W) to the box."""
        rows = slice(self.top, self.top + self.height)
        return np.ascontiguousarray(planes[..., rows, self.left : self.left + self.width])


@dataclass(frozen=True, slots=True)
class Placement:
    """The grids of the frame that all samples of a batch share, and the box of each."""

    grid: LayoutGrid
    sensor: SensorGrid
    boxes: tuple[Box, ...]

    def on_sensor(self, planes: torch.Tensor) -> torch.Tensor:
        """Enlarge planes (B, C, h, w) of the layout grid to the boxes, (B, C, H, W)."""
        grid, sensor = self.grid, self.sensor
        content = planes[
            ...,
            grid.top : grid.top + grid.content_height,
            grid.left : grid.left + grid.content_width,
        ]
        size = (sensor.content_height, sensor.content_width)
        enlarged = functional.interpolate(content, size=size, mode='bilinear', align_corners=False)
        margins = (0, sensor.width - size[1], 0, sensor.height - size[0])
        whole = functional.pad(enlarged, margins, mode='replicate') if any(margins) else enlarged
        return torch.stack(
            [
                plane[:, box.top : box.top + box.height, box.left : box.left + box.width]
                for plane, box in zip(whole, self.boxes, strict=True)
            ]
        )
