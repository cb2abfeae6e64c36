"""
What samples are drawn from: families, textures, intrinsics and the focus of the lens.

The recorded recipe made the data sets of the shipped bundles and never changes. `worlds` draws
what a split may see: its families and models, its photos and materials, its fields of view.
Law: splits share none of these.

"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from training.simulate.families import (
    FAMILIES,
    Family,
    family_named,
    FAMILY_SHARES,
    WORLDS,
)
from training.simulate.photos import Split
from training.simulate.textures import texture_pool, TexturePool
from training.simulate.trajectory import Pace
from training.simulate.world_textures import world_pool

MIN_FOV_DEG, MAX_FOV_DEG = 40.0, 110.0
_FOV_BIN_DEG = 2.0
_FOV_CYCLE = 10
_HELD_OUT_BINS: dict[Split, tuple[int, ...]] = {
    'train': tuple(range(8)),
    'val': (8,),
    'test': (9,),
}
_PLAIN_IN_TRAINING = 0.2
# light that passes pixels slowly asks for fewer sub-frames a pixel, and for more in slow windows
_FOCUSED_PACE = Pace(min_steps=8, max_steps=16, step_px=1.0)


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    A way to draw samples.

    `families` with `shares`; `pool` makes the textures of a shard; `fov_deg` draws a horizontal
    field of view; `blur_px` lowest and highest sigma of the lens, None = one ray a pixel; `pace`
    cuts windows into sub-frames.

    """

    name: str
    families: tuple[Family, ...]
    shares: tuple[float, ...]
    pool: Callable[[np.random.Generator, Split], TexturePool]
    fov_deg: Callable[[np.random.Generator], float]
    blur_px: tuple[float, float] | None = None
    pace: Pace = field(default_factory=Pace)


def world_recipe(split: Split) -> Recipe:
    """Return what a split draws: half rooms, half streets; in training also plain families."""
    chosen = tuple(world for world in WORLDS if world.split == split)
    rooms = sum(world.name.startswith('indoor') for world in chosen)
    shares = [
        0.5 / (rooms if world.name.startswith('indoor') else len(chosen) - rooms)
        for world in chosen
    ]
    families: tuple[Family, ...] = chosen
    if split == 'train':
        families = chosen + FAMILIES
        shares = [(1.0 - _PLAIN_IN_TRAINING) * share for share in shares]
        shares += [_PLAIN_IN_TRAINING * share for share in FAMILY_SHARES]
    return Recipe(
        name='worlds',
        families=families,
        shares=tuple(shares),
        pool=world_pool,
        fov_deg=lambda rng: split_fov_deg(rng, split),
        blur_px=(0.4, 0.9),
        pace=_FOCUSED_PACE,
    )


def family_recipe(name: str, split: Split) -> Recipe:
    """Return the recipe of one family alone, with the textures and intrinsics of a split."""
    worlds = world_recipe(split)
    return Recipe(
        name=name,
        families=(family_named(name),),
        shares=(1.0,),
        pool=worlds.pool,
        fov_deg=worlds.fov_deg,
        blur_px=worlds.blur_px,
        pace=worlds.pace,
    )


def split_fov_deg(rng: np.random.Generator, split: Split) -> float:
    """Draw a field of view from the bins of 2 degrees that belong to a split."""
    count = int((MAX_FOV_DEG - MIN_FOV_DEG) / _FOV_BIN_DEG)
    bins = [n for n in range(count) if n % _FOV_CYCLE in _HELD_OUT_BINS[split]]
    return MIN_FOV_DEG + _FOV_BIN_DEG * (bins[rng.integers(len(bins))] + float(rng.random()))


RECORDED = Recipe(
    name='recorded',
    families=FAMILIES,
    shares=FAMILY_SHARES,
    pool=texture_pool,
    fov_deg=lambda rng: float(rng.uniform(42.0, 95.0)),
)
