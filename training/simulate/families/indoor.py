"""
Indoor worlds: rooms of real size with furniture along the walls and in the middle, and people.

The floor is y = 0. Priors: ceilings at 2.35 to 3.6 m, tables at 0.7 to 0.76 m, doors of 2 m; a
camera is held at 1.2 to 1.75 m, or rides on a robot at 0.25 to 0.8 m.

"""

from collections.abc import Callable
from dataclasses import dataclass

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.families import furniture
from training.simulate.families.base import free_motion, Layout, Motion, world_layout
from training.simulate.families.building import Block, Place, put, put_model, walking
from training.simulate.models import VARIANTS
from training.simulate.parts import Details, Kind, Lamp, Part, rgb
from training.simulate.photos import Split
from training.simulate.solids import heading_rotation, Pose, Shape, solid

_Make = Callable[[np.random.Generator], list[Block]]
_FLOORS = ('wood', 'carpet', 'floor_tiles')
_WALLS = ('plaster', 'plaster', 'paint', 'brick')
_TRIALS = 12
_SLAB_M = 0.05


@dataclass(frozen=True, slots=True)
class IndoorStyle:
    """Room size ranges (metres) and how many of what may stand where."""

    width_m: tuple[float, float]
    depth_m: tuple[float, float]
    height_m: tuple[float, float]
    by_wall: tuple[str, ...]
    by_wall_count: tuple[int, int]
    in_middle: tuple[str, ...]
    in_middle_count: tuple[int, int]
    people: tuple[int, int] = (0, 3)


STYLES: dict[str, IndoorStyle] = {
    'living': IndoorStyle(
        (3.6, 7.0), (3.6, 8.0), (2.35, 3.0),
        ('sofa', 'shelf', 'cabinet', 'cabinet', 'plant', 'floor_lamp'), (3, 7),
        ('coffee', 'dining', 'sofa', 'box'), (1, 4),
    ),
    'bedroom': IndoorStyle(
        (2.8, 4.6), (3.0, 5.0), (2.35, 2.8),
        ('bed', 'cabinet', 'shelf', 'desk', 'floor_lamp'), (3, 6),
        ('box', 'chair'), (0, 3), (0, 2),
    ),
    'office': IndoorStyle(
        (4.0, 9.0), (4.5, 11.0), (2.5, 3.4),
        ('shelf', 'cabinet', 'desk', 'plant', 'board'), (3, 8),
        ('desk', 'desk', 'meeting', 'box'), (2, 6), (0, 4),
    ),
    'kitchen': IndoorStyle(
        (2.6, 5.0), (2.8, 5.5), (2.35, 2.9),
        ('counter', 'counter', 'cabinet', 'shelf'), (3, 6),
        ('dining', 'box', 'chair'), (1, 3), (0, 3),
    ),
    'classroom': IndoorStyle(
        (5.5, 9.0), (6.0, 11.0), (2.8, 3.6),
        ('board', 'cabinet', 'shelf', 'plant'), (3, 6),
        ('school', 'school', 'school', 'box'), (6, 14), (0, 5),
    ),
}  # fmt: skip

_SINGLE: dict[str, tuple[_Make, Kind]] = {
    'sofa': (furniture.sofa, Kind.SOFA),
    'shelf': (furniture.shelf, Kind.SHELF),
    'cabinet': (furniture.cabinet, Kind.SHELF),
    'counter': (furniture.counter, Kind.SHELF),
    'desk': (furniture.desk, Kind.TABLE),
    'bed': (furniture.bed, Kind.BED),
    'floor_lamp': (furniture.floor_lamp, Kind.LAMP),
    'board': (furniture.board, Kind.WALL),
}
_TABLES = {
    'coffee': ((0.35, 0.48), (0.4, 0.65), (0.3, 0.45)),
    'dining': ((0.72, 0.76), (0.6, 1.0), (0.4, 0.5)),
    'meeting': ((0.72, 0.76), (0.9, 1.6), (0.5, 0.7)),
    'school': ((0.66, 0.74), (0.35, 0.65), (0.25, 0.33)),
}


@dataclass(frozen=True, slots=True)
class IndoorFamily:
    """Rooms of one style; the split chooses the models."""

    style: str
    split: Split

    @property
    def name(self) -> str:
        """The name that data sets and cards use."""
        return f'indoor_{self.style}'

    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw a room, its doors and windows, furniture, clutter and people."""
        room = _Room(rng, STYLES[self.style], VARIANTS[self.split])
        room.add_openings()
        room.add_along_walls()
        room.add_in_middle()
        room.add_people()
        room.add_loose_things()
        width, height, depth = (float(side) for side in room.size_m)
        details = Details(tuple(room.parts), room.lamp(), np.zeros((0, 2, 2)))
        return world_layout(details, (width, height, depth))

    def viewpoint(self, rng: np.random.Generator, layout: Layout) -> Pose:
        """Draw a camera in a hand or on a robot that looks roughly towards the middle."""
        width, height, depth = layout.extent_m
        held = rng.random() < 0.65
        above = rng.uniform(1.2, 1.75) if held else rng.uniform(0.25, 0.8)
        x, z = rng.uniform(-0.43, 0.43, 2) * [width, depth]
        yaw = np.arctan2(0.3 * width * rng.normal() - x, 0.3 * depth * rng.normal() - z)
        pitch = 0.12 * rng.normal() - (0.15 if held else 0.0)
        position = np.array([x, -min(above, height - 0.3), z])
        return Pose(heading_rotation(float(yaw), float(pitch), 0.06 * rng.normal()), position)

    def motion(self, rng: np.random.Generator) -> Motion:
        """Draw a hand-held motion, or a robot's drive at 0.2 to 1.5 m/s."""
        if rng.random() < 0.3:
            direction = np.array([0.05 * rng.normal(), 0.02 * rng.normal(), 1.0])
            return Motion(direction / np.linalg.norm(direction), rng.uniform(0.01, 0.075))
        return free_motion(rng)


class _Room:
    """A room that is being furnished; footprints are discs that may not overlap."""

    def __init__(
        self, rng: np.random.Generator, style: IndoorStyle, variants: tuple[int, ...]
    ) -> None:
        self._rng = rng
        self._style = style
        self._variants = variants
        self._taken: list[tuple[float, float, float]] = []
        self._windows: list[Float64] = []
        self._things = 0
        ranges = (style.width_m, style.height_m, style.depth_m)
        self.size_m = np.array([rng.uniform(*limits) for limits in ranges])
        self.parts: list[Part] = self._shell()

    def _shell(self) -> list[Part]:
        """Return walls, floor and ceiling; these two lie a little within the box of the walls."""
        rng = self._rng
        width, height, depth = self.size_m / 2
        wall = _WALLS[rng.integers(len(_WALLS))]
        floor = _FLOORS[rng.integers(len(_FLOORS))]
        box = solid(Shape.ROOM, (0.0, -height, 0.0), (width, height + _SLAB_M, depth))
        turned = f'{wall}/turned' if wall == 'brick' else wall
        faces = (turned, turned, 'white', floor, wall, wall)
        slab = (width + _SLAB_M, _SLAB_M, depth + _SLAB_M)
        lower = solid(Shape.BOX, (0.0, _SLAB_M, 0.0), slab)
        upper = solid(Shape.BOX, (0.0, -2 * height - _SLAB_M, 0.0), slab)
        return [
            Part(box, Kind.WALL, faces, tint=(0.95,) * 3),
            Part(lower, Kind.FLOOR, (floor,)),
            Part(upper, Kind.CEILING, ('white',), tint=(1.0,) * 3),
        ]

    def _next(self) -> int:
        self._things += 1
        return self._things

    def _wall_place(self, side: int, along: float, off: float) -> Place:
        """Return a place before wall `side`, `along` its length in [-1, 1], `off` metres away."""
        width, _, depth = self.size_m / 2
        if side == 0:
            return Place(along * width, depth - off, np.pi)
        if side == 1:
            return Place(along * width, off - depth, 0.0)
        if side == 2:
            return Place(off - width, along * depth, np.pi / 2)
        return Place(width - off, along * depth, -np.pi / 2)

    def _is_free(self, place: Place, radius: float) -> bool:
        return all(
            (place.x - x) ** 2 + (place.z - z) ** 2 > (radius + other) ** 2
            for x, z, other in self._taken
        )

    def add_openings(self) -> None:
        """Add a door, windows and pictures to the walls."""
        rng = self._rng
        door = [
            Block(
                (0, -1.02, 0.01), (rng.uniform(0.4, 0.5), 1.02, 0.03), ('door',), is_fitted=True
            ),
            Block((0.35, -1.0, 0.06), (0.05, 0.02, 0.03), ('metal',)),
        ]
        sides = rng.permutation(4)
        place = self._wall_place(int(sides[0]), rng.uniform(-0.6, 0.6), 0.0)
        self.parts += put(door, Kind.DOOR, place, self._next())
        self._taken.append((place.x, place.z, 0.6))
        for side in sides[1 : 1 + rng.integers(1, 3)]:
            for along in np.linspace(-0.6, 0.6, 1 + rng.integers(0, 3)):
                self._add_window(int(side), float(along))
        for _ in range(rng.integers(0, 4)):
            half = (rng.uniform(0.15, 0.5), rng.uniform(0.15, 0.4), 0.02)
            frame = Block((0, -rng.uniform(1.4, 1.7), 0.01), half, ('poster',), is_fitted=True)
            place = self._wall_place(int(rng.integers(4)), rng.uniform(-0.85, 0.85), 0.0)
            self.parts += put([frame], Kind.CLUTTER, place, self._next())

    def _add_window(self, side: int, along: float) -> None:
        rng = self._rng
        half_x, half_y = rng.uniform(0.4, 0.8), rng.uniform(0.45, 0.65)
        sill = rng.uniform(0.8, 1.0)
        pane = Block(
            (0, -sill - half_y, 0.01), (half_x, half_y, 0.02), ('view',), glow=0.45, is_fitted=True
        )
        board = Block((0, -sill, 0.08), (half_x + 0.05, 0.02, 0.09), ('white',), kind=Kind.WALL)
        place = self._wall_place(side, along, 0.0)
        self.parts += put([pane, board], Kind.WINDOW, place, self._next())
        inwards = place.rotation @ np.array([0.0, -sill - half_y, 0.15])
        self._windows.append(place.position_m + inwards)

    def add_along_walls(self) -> None:
        """Add furniture with its back to a wall."""
        rng, style = self._rng, self._style
        for _ in range(rng.integers(*style.by_wall_count)):
            name = style.by_wall[rng.integers(len(style.by_wall))]
            self._try(name, is_by_wall=True)

    def add_in_middle(self) -> None:
        """Add tables with chairs, and what else stands free."""
        rng, style = self._rng, self._style
        for _ in range(rng.integers(*style.in_middle_count)):
            name = style.in_middle[rng.integers(len(style.in_middle))]
            self._try(name, is_by_wall=False)

    def _try(self, name: str, *, is_by_wall: bool) -> None:
        rng = self._rng
        blocks, kind = self._blocks(name)
        reach = np.array([np.abs(block.centre) + block.half for block in blocks]).max(axis=0)
        radius = float(0.9 * max(reach[0], reach[2]))
        for _ in range(_TRIALS):
            if is_by_wall:
                side, along = int(rng.integers(4)), rng.uniform(-0.9, 0.9)
                half_wall = self.size_m[0 if side < 2 else 2] / 2
                along *= max(0.0, 1.0 - reach[0] / half_wall)
                place = self._wall_place(side, along, 0.03 + float(reach[2]))
            else:
                away = np.maximum(self.size_m[[0, 2]] / 2 - radius - 0.1, 0.0)
                x, z = rng.uniform(-away, away)
                yaw = float(rng.choice([0.0, np.pi / 2])) + 0.1 * rng.normal()
                place = Place(x, z, yaw)
            if self._is_free(place, radius):
                self._taken.append((place.x, place.z, radius))
                self._put(name, blocks, kind, place)
                return

    def _blocks(self, name: str) -> tuple[list[Block], Kind]:
        rng = self._rng
        if name in _SINGLE:
            make, kind = _SINGLE[name]
            return make(rng), kind
        if name in _TABLES:
            height, half_x, half_z = (rng.uniform(*limits) for limits in _TABLES[name])
            return furniture.table(rng, height=height, half_x=half_x, half_z=half_z), Kind.TABLE
        half = rng.uniform(0.1, 0.3, 3)
        return [Block((0, -half[1], 0), (half[0], half[1], half[2]), ('paint',))], Kind.CLUTTER

    def _put(self, name: str, blocks: list[Block], kind: Kind, place: Place) -> None:
        rng = self._rng
        if name in {'plant', 'chair'}:
            model_kind = Kind.VEGETATION if name == 'plant' else Kind.CHAIR
            self._model(name, model_kind, place)
            return
        self.parts += put(blocks, kind, place, self._next())
        if name == 'desk':
            self._beside(place, 'office_chair', (0.0, 0.55), np.pi)
        if name in {'dining', 'meeting', 'school'}:
            half_x, _, half_z = blocks[0].half
            seats = np.arange(-half_x + 0.3, half_x, 0.6) if name != 'school' else [0.0]
            for x in seats:
                for side in (1,) if name == 'school' else (-1, 1):
                    if rng.random() < 0.75:
                        turn = np.pi if side > 0 else 0.0
                        self._beside(place, 'chair', (float(x), side * (half_z + 0.15)), turn)

    def _beside(
        self, place: Place, category: str, offset: tuple[float, float], turn: float
    ) -> None:
        at = place.position_m + place.rotation @ np.array([offset[0], 0.0, offset[1]])
        yaw = place.yaw + turn + 0.2 * self._rng.normal()
        if (np.abs(at[[0, 2]]) < self.size_m[[0, 2]] / 2 - 0.3).all():
            self._model(category, Kind.CHAIR, Place(float(at[0]), float(at[2]), float(yaw)))
            self._taken.append((float(at[0]), float(at[2]), 0.25))

    def _model(self, category: str, kind: Kind, place: Place) -> None:
        variant = int(self._rng.choice(self._variants))
        scale = self._rng.uniform(0.95, 1.05)
        self.parts.append(put_model((category, variant), kind, place, self._next(), scale=scale))

    def add_people(self) -> None:
        """Add people who walk to and fro, or stand."""
        rng = self._rng
        for _ in range(rng.integers(*self._style.people)):
            for _ in range(_TRIALS):
                x, z = rng.uniform(-0.42, 0.42, 2) * self.size_m[[0, 2]]
                place = Place(x, z, rng.uniform(-np.pi, np.pi))
                if not self._is_free(place, 0.3):
                    continue
                drift = None
                if rng.random() < 0.75:
                    drift = walking(place.yaw, speed_m_s=rng.uniform(0.4, 1.5), span_m=0.3)
                variant = int(rng.choice(self._variants))
                part = put_model(
                    ('person', variant), Kind.PERSON, place, self._next(), drift=drift
                )
                self.parts.append(part)
                self._taken.append((x, z, 0.35))
                break

    def add_loose_things(self) -> None:
        """Add a few small things on the floor."""
        rng = self._rng
        for block in furniture.clutter(rng, 0.0, 0.4, 0.4, most=6):
            x, z = rng.uniform(-0.45, 0.45, 2) * self.size_m[[0, 2]]
            place = Place(x, z, rng.uniform(-np.pi, np.pi))
            self.parts += put([block], Kind.CLUTTER, place, self._next())

    def lamp(self) -> Lamp:
        """Draw the light: a lamp under the ceiling, or day that comes through a window."""
        rng = self._rng
        height = float(self.size_m[1])
        ambient = rng.uniform(0.25, 0.55) * np.array([1.0, 0.98, 0.95])
        if self._windows and rng.random() < 0.5:
            position = self._windows[rng.integers(len(self._windows))]
            target, half_m = np.array([0.0, -0.6, 0.0]), rng.uniform(2.5, 5.0)
            colour = rng.uniform(0.7, 1.1) * np.array([0.95, 1.0, 1.05])
        else:
            x, z = rng.uniform(-0.3, 0.3, 2) * self.size_m[[0, 2]]
            position = np.array([x, -height + 0.12, z])
            target, half_m = np.array([x, 0.0, z]), rng.uniform(2.0, 5.0)
            colour = rng.uniform(0.7, 1.1) * np.array([1.05, 1.0, 0.88])
            bulb = Block((0, 0.05, 0), (0.2, 0.04, 0.2), ('white',), Shape.CYLINDER, glow=0.6)
            place = Place(x, z, y=-height)
            self.parts += put([bulb], Kind.LAMP, place, self._next())
        reach = 3.0 * float(np.linalg.norm(target - position))
        return Lamp(
            position_m=position,
            target_m=target,
            reach_m=reach,
            colour=rgb(colour),
            ambient=rgb(ambient),
            half_m=half_m,
        )
