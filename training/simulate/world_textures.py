"""
The textures of worlds: those of the recorded recipe, and all materials of a split.

Law: pools of different splits have no tile in common.

"""

from functools import cache

from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray
from training.simulate.materials import material_tile, MATERIALS, TILES_A_MATERIAL
from training.simulate.photos import Split
from training.simulate.textures import texture_planes, texture_pool, TexturePlanes, TexturePool


def world_pool(rng: np.random.Generator, split: Split) -> TexturePool:
    """Draw 68 textures and add the materials of the split; a turned twin is `name/turned`."""
    drawn = texture_pool(rng, split)
    planes, numbers = _materials(split)
    start = len(drawn.planes.luma)
    return TexturePool(
        planes=TexturePlanes(
            luma=np.concatenate([drawn.planes.luma, planes.luma]),
            colour=np.concatenate([drawn.planes.colour, planes.colour]),
        ),
        by_mode=drawn.by_mode,
        by_material={name: start + which for name, which in numbers.items()},
    )


@cache
def _materials(split: Split) -> tuple[TexturePlanes, dict[str, NDArray[np.int64]]]:
    tiles: list[Float32] = []
    numbers: dict[str, NDArray[np.int64]] = {}
    for name, material in MATERIALS.items():
        made = [material_tile(name, split, number) for number in range(TILES_A_MATERIAL)]
        numbers[name] = np.arange(len(tiles), len(tiles) + len(made))
        tiles += made
        if material.is_turned:
            numbers[f'{name}/turned'] = np.arange(len(tiles), len(tiles) + len(made))
            tiles += [np.ascontiguousarray(tile.transpose(1, 0, 2)) for tile in made]
    return texture_planes(tiles), numbers
