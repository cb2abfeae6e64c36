"""
Scene families: each draws a layout of solids, a viewpoint in it and a way to move.

`FAMILIES` in the order of their ids in the data sets; `FAMILY_SHARES` how often each is drawn.

"""

from training.simulate.families.base import Family, Layout
from training.simulate.families.drive import DriveFamily
from training.simulate.families.fly import FlyFamily
from training.simulate.families.room import RoomFamily

FAMILIES: tuple[Family, ...] = (
    RoomFamily(name='room', min_scale=1.0, max_scale=1.0, texture_size_m=1.0),
    RoomFamily(name='table', min_scale=0.25, max_scale=0.6, texture_size_m=0.45),
    DriveFamily(),
    FlyFamily(),
)
FAMILY_NAMES: tuple[str, ...] = tuple(family.name for family in FAMILIES)
FAMILY_SHARES: tuple[float, ...] = (0.35, 0.20, 0.35, 0.10)

__all__ = ['FAMILIES', 'FAMILY_NAMES', 'FAMILY_SHARES', 'Family', 'Layout']
