"""
The layout grid and the sensor grid: isotropic resize + pad, and back.

Laws: the aspect ratio is kept (one scale for both axes); `fit` then `crop` of a constant plane is
the same constant; a size that already fits is not resampled.

"""

from dataclasses import dataclass
import math

import cv2
from eventdepth_core.bundle import GridSize, SensorSize
from eventdepth_core.errors import InputError
from eventdepth_core.types import Float32
import numpy as np

MIN_SIDE_PX = 8


@dataclass(frozen=True, slots=True)
class LayoutGrid:
    """
    How a sensor image of (sensor_height, sensor_width) lies, centred, in the layout grid.

    `scale` is grid pixels per sensor pixel; the content fills rows [top, top + content_height)
    and columns [left, left + content_width) of (height, width).

    """

    height: int
    width: int
    content_height: int
    content_width: int
    sensor_height: int
    sensor_width: int
    scale: float

    @property
    def top(self) -> int:
        """First content row."""
        return (self.height - self.content_height) // 2

    @property
    def left(self) -> int:
        """First content column."""
        return (self.width - self.content_width) // 2

    def fit(self, plane: Float32, *, pad: float | None = 0.0) -> Float32:
        """
        Area-resample `plane` float32 (sensor_height, sensor_width) into the grid.

        The border takes the value `pad`, or repeats the edge for None.

        """
        content = resized(plane, self.content_height, self.content_width)
        rows = (self.top, self.height - self.content_height - self.top)
        columns = (self.left, self.width - self.content_width - self.left)
        if rows == columns == (0, 0):
            return content
        if pad is None:
            return np.pad(content, (rows, columns), mode='edge')
        return np.pad(content, (rows, columns), constant_values=pad)

    def crop(self, plane: Float32) -> Float32:
        """Take the content of `plane` (height, width) and resample it to the sensor's size."""
        content = plane[
            self.top : self.top + self.content_height,
            self.left : self.left + self.content_width,
        ]
        return resized(content, self.sensor_height, self.sensor_width)


@dataclass(frozen=True, slots=True)
class SensorGrid:
    """A camera's own grid: (content_height, content_width), padded to the right and below."""

    height: int
    width: int
    content_height: int
    content_width: int
    sensor_height: int
    sensor_width: int

    @property
    def scale(self) -> float:
        """Grid pixels per sensor pixel, 1 unless the sensor is larger than the bundle allows."""
        return self.content_width / self.sensor_width

    def fit(self, plane: Float32, *, pad: float | None = 0.0) -> Float32:
        """Resample `plane` (sensor_height, sensor_width) if need be and pad it."""
        content = resized(plane, self.content_height, self.content_width)
        margins = (
            (0, self.height - self.content_height),
            (0, self.width - self.content_width),
        )
        if pad is None:
            return np.pad(content, margins, mode='edge')
        return np.pad(content, margins, constant_values=pad)

    def crop(self, plane: Float32) -> Float32:
        """Undo `fit`: (height, width) -> (sensor_height, sensor_width)."""
        content = plane[: self.content_height, : self.content_width]
        return resized(content, self.sensor_height, self.sensor_width)


def layout_grid(size: tuple[int, int], spec: GridSize) -> LayoutGrid:
    """
    Return the layout grid for a sensor of `size` = (height, width).

    Raises
    ------
    InputError
        For a sensor side below 8 px.

    """
    sensor_height, sensor_width = _checked(size)
    aspect = sensor_width / sensor_height
    height = _rounded(math.sqrt(spec.pixels / aspect), spec.multiple)
    width = _rounded(math.sqrt(spec.pixels * aspect), spec.multiple)
    scale = min(height / sensor_height, width / sensor_width)
    return LayoutGrid(
        height=height,
        width=width,
        content_height=min(height, max(1, round(sensor_height * scale))),
        content_width=min(width, max(1, round(sensor_width * scale))),
        sensor_height=sensor_height,
        sensor_width=sensor_width,
        scale=scale,
    )


def sensor_grid(size: tuple[int, int], spec: SensorSize) -> SensorGrid:
    """
    Return the padded sensor grid for a sensor of `size` = (height, width).

    Raises
    ------
    InputError
        For a sensor side below 8 px.

    """
    sensor_height, sensor_width = _checked(size)
    scale = min(1.0, math.sqrt(spec.max_pixels / (sensor_height * sensor_width)))
    content_height = max(1, round(sensor_height * scale))
    content_width = max(1, round(sensor_width * scale))
    return SensorGrid(
        height=-(-content_height // spec.multiple) * spec.multiple,
        width=-(-content_width // spec.multiple) * spec.multiple,
        content_height=content_height,
        content_width=content_width,
        sensor_height=sensor_height,
        sensor_width=sensor_width,
    )


def resized(plane: Float32, height: int, width: int) -> Float32:
    """Resample a float32 plane: area mean when shrinking, bilinear when growing."""
    if plane.shape == (height, width):
        return plane
    shrinks = height <= plane.shape[0] and width <= plane.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    contiguous = np.ascontiguousarray(plane, dtype=np.float32)
    return np.asarray(
        cv2.resize(contiguous, (width, height), interpolation=interpolation),
        dtype=np.float32,
    )


def _rounded(length: float, multiple: int) -> int:
    return max(multiple, round(length / multiple) * multiple)


def _checked(size: tuple[int, int]) -> tuple[int, int]:
    if min(size) < MIN_SIDE_PX:
        raise InputError(
            f'Expected a sensor of at least {MIN_SIDE_PX} px a side, '
            f'got {size[0]} x {size[1]} (height x width).'
        )
    return size
