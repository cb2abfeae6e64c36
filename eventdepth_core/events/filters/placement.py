"""Filters of places: a region of interest, and the view flipped and turned."""

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import filter_kernels as kernels
from eventdepth_core.events.filters.event_filter import EventFilter
from eventdepth_core.types import Events
import numpy as np


class RegionOfInterest(EventFilter):
    """
    Keeps the events of x <= column < x + width and y <= row < y + height.

    With `is_cropped` the region is the new sensor: events are moved and `output_size` is its size.

    Raises
    ------
    InputError
        For a region that is empty or reaches beyond the sensor.

    """

    def __init__(
        self,
        size: tuple[int, int],
        *,
        origin: tuple[int, int],
        region: tuple[int, int],
        is_cropped: bool = False,
    ) -> None:
        super().__init__(size)
        (y, x), (height, width) = origin, region
        ends = y + height, x + width
        if min(y, x) < 0 or min(region) <= 0 or ends[0] > size[0] or ends[1] > size[1]:
            raise InputError(
                f'Expected a region within (height, width) {size}, got {region} at {origin}.'
            )
        self._bounds = y, x, ends[0], ends[1]
        shift = (-x, -y) if is_cropped else (0, 0)
        self._columns = (1, 0, shift[0])
        self._rows = (0, 1, shift[1])
        self.output_size = region if is_cropped else size

    def _keep(self, events: Events, out: Events) -> int:
        return int(kernels.place(events, self._bounds, self._columns, self._rows, out))


class Orientation(EventFilter):
    """
    Shows events as the image would be: np.rot90(image flipped along the given axes, turns).

    `quarter_turns` go counter-clockwise; odd ones swap the sides of `output_size`.

    """

    def __init__(
        self,
        size: tuple[int, int],
        *,
        flip_x: bool = False,
        flip_y: bool = False,
        quarter_turns: int = 0,
    ) -> None:
        super().__init__(size)
        height, width = size
        matrix = np.eye(3, dtype=np.int64)  # (x, y, 1) -> (x, y, 1)
        if flip_x:
            matrix = np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]]) @ matrix
        if flip_y:
            matrix = np.array([[1, 0, 0], [0, -1, height - 1], [0, 0, 1]]) @ matrix
        for _ in range(quarter_turns % 4):
            matrix = np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]]) @ matrix
            height, width = width, height
        self.output_size = height, width
        (a, b, c), (d, e, f) = matrix[:2].tolist()
        self._columns = a, b, c
        self._rows = d, e, f

    def _keep(self, events: Events, out: Events) -> int:
        bounds = 0, 0, self.size[0], self.size[1]
        return int(kernels.place(events, bounds, self._columns, self._rows, out))
