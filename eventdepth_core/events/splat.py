"""
Voxel grids on positions between pixels, bilinear in x and y.

An event belongs to one sensor pixel, so its shares in the four cells around its rectified position
are those of the pixel: a grid in sensor pixels and one pass over it give what sharing each event
would, at no cost per event. Laws: whole positions move cells as they are; the sum is kept except
for what falls outside; a grid of zeros stays zero.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.events import splat_kernels
from eventdepth_core.types import Float32
import numpy as np


class BilinearSplat:
    """
    The way from sensor pixels to positions in an output image.

    Parameters
    ----------
    positions
        float (height, width, 2): x and y in output pixels of every sensor pixel; NaN for none.
    output_size
        (height, width) of the output in pixels.

    Raises
    ------
    InputError
        For another shape, or an output size that is not positive.

    """

    def __init__(self, positions: Float32, output_size: tuple[int, int]) -> None:
        if positions.ndim != 3 or positions.shape[2] != 2 or min(output_size) <= 0:
            raise InputError(
                'Expected positions (height, width, 2) and a positive output size, '
                f'got {positions.shape} and {output_size}.'
            )
        self.size = positions.shape[:2]
        self.output_size = output_size
        height, width = output_size
        x, y = np.moveaxis(positions.astype(np.float64), 2, 0)
        with np.errstate(invalid='ignore'):
            is_inside = (x > -1) & (x < width) & (y > -1) & (y < height)
        x, y = np.where(is_inside, x, 0.0), np.where(is_inside, y, 0.0)
        column, row = np.floor(x), np.floor(y)
        # one cell more at each side, so that no corner needs a question
        self._padded = (height + 2, width + 2)
        corners = (row + 1) * self._padded[1] + column + 1
        self._corners = np.where(is_inside, corners, -1).astype(np.int32).reshape(-1)
        self._shares = np.stack([x - column, y - row], axis=-1, dtype=np.float32).reshape(-1, 2)
        self._scratch = np.zeros(self._padded[0] * self._padded[1], np.float64)

    def __call__(self, grid: Float32, *, out: Float32 | None = None) -> Float32:
        """
        Return `grid` float32 (..., height, width) on the output's cells: (..., H, W).

        Raises
        ------
        InputError
            For another type or shape of `grid` or `out`.

        """
        if grid.dtype != np.float32 or grid.shape[-2:] != self.size:
            raise InputError(
                f'Expected a grid float32 (..., {self.size[0]}, {self.size[1]}), '
                f'got {grid.dtype} of shape {grid.shape}.'
            )
        shape = (*grid.shape[:-2], *self.output_size)
        out = np.empty(shape, np.float32) if out is None else out
        if out.dtype != np.float32 or out.shape != shape or not out.flags.c_contiguous:
            raise InputError(
                f'Expected out as contiguous float32 {shape}, got {out.dtype} {out.shape}.'
            )
        planes = np.ascontiguousarray(grid).reshape(-1, self._corners.size)
        for plane, target in zip(planes, out.reshape(-1, *self.output_size), strict=True):
            splat_kernels.splat_plane(
                plane, self._corners, self._shares, self._padded[1], self._scratch
            )
            target[...] = self._scratch.reshape(self._padded)[1:-1, 1:-1]
        return out
