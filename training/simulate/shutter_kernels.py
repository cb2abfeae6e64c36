"""Compiled exposure: each pixel is the mean of rays over its area, at the times of its own row."""

from eventdepth_core.types import Float32, Float64
from training.simulate.caster_kernels import nearest_hit, shade_colour
from training.simulate.compilation import kernel
from training.simulate.lens_kernels import inner_ray
from training.simulate.stage import Lens, Stage


@kernel
def expose_rows(
    stage: Stage, lens: Lens, first_row: int, row_step: int, places: Float64, colour: Float32
) -> None:
    """
    Fill the colour (rows, W, 3) of the rows from `first_row` on.

    Ray j of a pixel in row y goes through `places[j]` (J, 2), pixels from the centre, and is cast
    at pose (y - first_row) * row_step + j.

    """
    pixel_angle = 1.0 / lens.fx
    num_rays, shapes = places.shape[0], stage.surfaces.shape
    for row in range(colour.shape[0]):
        y = first_row + row
        for x in range(colour.shape[1]):
            tile = (y >> 4) * stage.tiles.columns + (x >> 4)
            red, green, blue = 0.0, 0.0, 0.0
            for j in range(num_rays):
                k = row * row_step + j
                ray = inner_ray(lens, x, y, x + places[j, 0], y + places[j, 1])
                hit = nearest_hit(stage.views, k, shapes, stage.tiles, tile, ray)
                r, g, b = shade_colour(stage, k, hit, ray, pixel_angle)
                red, green, blue = red + r, green + g, blue + b
            colour[row, x, 0] = red / num_rays
            colour[row, x, 1] = green / num_rays
            colour[row, x, 2] = blue / num_rays
