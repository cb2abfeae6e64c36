"""
Scene families: each draws a layout of solids, a viewpoint in it and a way to move.

`FAMILIES` in the order of their ids in the data sets; `FAMILY_SHARES` how often each is drawn by
the recorded recipe. `WORLDS` have kinds, materials, shadows and things that move, and belong to
one split each; their ids follow those of `FAMILIES`.

"""

from training.simulate.families.base import Family, Layout
from training.simulate.families.drive import DriveFamily
from training.simulate.families.driving import DrivingFamily
from training.simulate.families.fly import FlyFamily
from training.simulate.families.indoor import IndoorFamily
from training.simulate.families.room import RoomFamily

FAMILIES: tuple[Family, ...] = (
    RoomFamily(name='room', min_scale=1.0, max_scale=1.0, texture_size_m=1.0),
    RoomFamily(name='table', min_scale=0.25, max_scale=0.6, texture_size_m=0.45),
    DriveFamily(),
    FlyFamily(),
)
FAMILY_NAMES: tuple[str, ...] = tuple(family.name for family in FAMILIES)
FAMILY_SHARES: tuple[float, ...] = (0.35, 0.20, 0.35, 0.10)

WORLDS: tuple[IndoorFamily | DrivingFamily, ...] = (
    IndoorFamily('living', 'train'),
    IndoorFamily('bedroom', 'train'),
    IndoorFamily('office', 'train'),
    IndoorFamily('kitchen', 'val'),
    IndoorFamily('classroom', 'test'),
    DrivingFamily('city', 'train'),
    DrivingFamily('suburb', 'train'),
    DrivingFamily('industrial', 'val'),
    DrivingFamily('country', 'test'),
)
EVERY_FAMILY: tuple[Family, ...] = FAMILIES + WORLDS
EVERY_NAME: tuple[str, ...] = tuple(family.name for family in EVERY_FAMILY)


def family_named(name: str) -> Family:
    """Return a family out of EVERY_NAME."""
    return EVERY_FAMILY[EVERY_NAME.index(name)]


__all__ = [
    'EVERY_FAMILY',
    'EVERY_NAME',
    'FAMILIES',
    'FAMILY_NAMES',
    'FAMILY_SHARES',
    'WORLDS',
    'Family',
    'Layout',
    'family_named',
]
