"""
Ground as height fields: a road with camber and bumps, and land that may rise beside it.

Law: `height` is the height that the ray caster sees, on the same triangles.

"""

from dataclasses import dataclass

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.parts import Kind, Part
from training.simulate.solids import Shape, solid

GRID = 65
LAND_HALF_M = 150.0
_ROAD_HALF_LENGTH_M = 110.0
_MIDDLE_Z_M = 80.0
_ROAD_LIFT_M = 0.01
_LEAST_RANGE_M = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """`fields` (2, GRID, GRID) of land and road over their half extents; `half_m` (2, 3)."""

    fields: Float64
    half_m: Float64
    centre_m: Float64

    def parts(self, land: str) -> list[Part]:
        """Return the two fields as parts of a world."""
        kinds = (Kind.TERRAIN, Kind.ROAD)
        tiles = (None, float(2.0 * self.half_m[1, 0]))
        return [
            Part(
                solid=solid(Shape.FIELD, self.centre_m[k], self.half_m[k]),
                kind=kinds[k],
                materials=(land, 'lanes')[k : k + 1],
                model=k,
                tile_m=tiles[k],
            )
            for k in range(2)
        ]

    def height(self, x: float, z: float) -> float:
        """Return y of the upper surface at a place."""
        heights = [self._height(k, x, z) for k in range(2)]
        return min(height for height in heights if height is not None)

    def _height(self, k: int, x: float, z: float) -> float | None:
        place = (np.array([x, z]) - self.centre_m[k, [0, 2]]) / self.half_m[k, [0, 2]]
        if k == 1 and np.abs(place).max() > 1.0:
            return None
        grid = np.clip((place + 1.0) / 2.0 * (GRID - 1), 0.0, GRID - 1.0)
        column, row = np.minimum(grid.astype(int), GRID - 2)
        fx, fz = grid - [column, row]
        corners = self.fields[k, row : row + 2, column : column + 2]
        if fx + fz <= 1.0:
            unit = corners[0, 0] + fx * (corners[0, 1] - corners[0, 0])
            unit += fz * (corners[1, 0] - corners[0, 0])
        else:
            unit = corners[1, 1] + (1.0 - fx) * (corners[1, 0] - corners[1, 1])
            unit += (1.0 - fz) * (corners[0, 1] - corners[1, 1])
        return float(self.centre_m[k, 1] + unit * self.half_m[k, 1])


def terrain(
    rng: np.random.Generator, *, half_road_m: float, flat_m: float, hills_m: float
) -> Terrain:
    """Draw a road of `half_road_m` and land that is flat within `flat_m` of its middle."""
    axis = np.linspace(-1.0, 1.0, GRID)
    x = axis * LAND_HALF_M
    rise = np.clip((np.abs(x) - flat_m) / 40.0, 0.0, 1.0)
    waves = sum(
        rng.normal()
        * np.sin(rng.uniform(-3.0, 3.0) * np.pi * axis[:, None] + rng.uniform(0, 6.3))
        * np.sin(rng.uniform(1.0, 6.0) * np.pi * axis[None] + rng.uniform(0, 6.3))
        for _ in range(6)
    )
    rough = 0.04 * hills_m * rng.standard_normal((GRID, GRID))
    land = -hills_m * rise * (0.8 + waves / 2 + rough)
    land -= 0.02 * np.minimum(hills_m, 1.0) * rise * rng.standard_normal((GRID, GRID))
    across = axis[None] ** 2
    crown = rng.uniform(0.01, 0.04)
    road = crown * across + 0.0015 * np.cumsum(rng.standard_normal((GRID, 1)), axis=0)
    road += 0.003 * rng.standard_normal((GRID, GRID))
    road -= road.max() + _ROAD_LIFT_M
    return _scaled((land, road), (LAND_HALF_M, half_road_m), (LAND_HALF_M, _ROAD_HALF_LENGTH_M))


def _scaled(
    heights: tuple[Float64, Float64], half_x: tuple[float, float], half_z: tuple[float, float]
) -> Terrain:
    low = np.array([float(each.min()) for each in heights])
    high = np.array([float(each.max()) for each in heights])
    # wider than the heights: a surface on the rim of its box might be missed by rounding
    half_y = 1.02 * np.maximum((high - low) / 2, _LEAST_RANGE_M)
    middle = (high + low) / 2
    fields = np.stack([(each - m) / h for each, m, h in zip(heights, middle, half_y, strict=True)])
    return Terrain(
        fields=np.ascontiguousarray(fields),
        half_m=np.column_stack([half_x, half_y, half_z]),
        centre_m=np.column_stack([np.zeros(2), middle, np.full(2, _MIDDLE_Z_M)]),
    )
