"""
Driving worlds: a street with kerbs, buildings, vegetation, poles, and traffic that moves.

The road runs along z with its surface about y = 0. Priors: lanes of 3 to 3.6 m, kerbs of 10 to 15
cm, cars of 1.4 to 1.8 m; the camera is 1.2 to 1.9 m above its lane, on small vehicles 0.7 to 1.1.

"""

from dataclasses import dataclass, replace

import numpy as np
from training.simulate.families.base import Layout, Motion, world_layout
from training.simulate.families.building import Block, Place, put, put_model, walking
from training.simulate.families.terrain import Terrain, terrain
from training.simulate.models import model_mesh, VARIANTS
from training.simulate.parts import Details, Drift, Kind, Lamp, Part, rgb
from training.simulate.photos import Split
from training.simulate.solids import heading_rotation, log_uniform, Pose, Shape

STREET_END_M = 95.0
STREET_START_M = -12.0
# far enough to cast parallel shadows, near enough for single precision
_SUN_M = 500.0
_WINDOW_S = 0.05


@dataclass(frozen=True, slots=True)
class DrivingStyle:
    """
    What lines a road and who is on it.

    `setback_m` from the pavement to buildings, `gap_m` between those, `storeys`; counts of trees,
    poles, parked and moving vehicles, pedestrians; `hills_m` height of the land beside the road.

    """

    land: str
    lanes: tuple[int, int]
    pavement_m: tuple[float, float]
    setback_m: tuple[float, float]
    gap_m: tuple[float, float]
    length_m: tuple[float, float]
    storeys: tuple[int, int]
    walls: tuple[str, ...]
    gable_share: float
    trees: tuple[int, int]
    bushes: tuple[int, int]
    poles: tuple[int, int]
    parked: tuple[int, int]
    moving: tuple[int, int]
    walkers: tuple[int, int]
    fence_share: float
    hills_m: tuple[float, float]
    truck_share: float = 0.12


STYLES: dict[str, DrivingStyle] = {
    'city': DrivingStyle(
        'slabs', (2, 4), (2.0, 4.5), (0.0, 1.5), (0.0, 4.0), (8.0, 22.0), (3, 7),
        ('facade', 'facade', 'brick', 'concrete'), 0.1,
        (0, 9), (0, 3), (3, 9), (2, 12), (2, 7), (3, 12), 0.1, (0.0, 0.0),
    ),
    'suburb': DrivingStyle(
        'grass', (2, 2), (1.2, 2.2), (3.0, 9.0), (3.0, 12.0), (7.0, 14.0), (1, 3),
        ('plaster', 'brick', 'facade'), 0.8,
        (3, 14), (3, 12), (2, 7), (1, 7), (1, 4), (0, 5), 0.6, (0.2, 1.0),
    ),
    'industrial': DrivingStyle(
        'asphalt', (2, 4), (1.0, 2.0), (4.0, 14.0), (5.0, 20.0), (15.0, 40.0), (2, 3),
        ('metal', 'concrete', 'brick'), 0.2,
        (0, 5), (0, 5), (4, 10), (1, 8), (1, 5), (0, 3), 0.5, (0.0, 0.3), 0.5,
    ),
    'country': DrivingStyle(
        'grass', (2, 2), (0.0, 0.0), (6.0, 25.0), (20.0, 60.0), (7.0, 16.0), (1, 2),
        ('plaster', 'brick', 'wood'), 0.9,
        (6, 22), (4, 14), (1, 6), (0, 1), (1, 4), (0, 2), 0.35, (1.0, 6.0),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrivingFamily:
    """Streets of one style; the split chooses the models."""

    style: str
    split: Split

    @property
    def name(self) -> str:
        """The name that data sets and cards use."""
        return f'driving_{self.style}'

    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw the street, what stands beside it and who is on it."""
        street = _Street(rng, STYLES[self.style], VARIANTS[self.split])
        for side in (-1, 1):
            street.add_pavement(side)
            street.add_buildings(side)
        street.add_green()
        street.add_poles()
        street.add_parked()
        street.add_traffic()
        street.add_walkers()
        details = Details(tuple(street.parts), _sun(rng), street.land.fields)
        return world_layout(details, (street.lane_m, 3.0, STREET_END_M))

    def viewpoint(self, rng: np.random.Generator, layout: Layout) -> Pose:
        """Draw a camera over its lane that looks along the street."""
        lane = layout.extent_m[0] / 2
        x = lane + 0.35 * rng.normal()
        above = rng.uniform(1.2, 1.9)
        if rng.random() < 0.2:
            above, x = rng.uniform(0.7, 1.1), x + rng.uniform(0.0, 1.5)
        angles = rng.normal(size=3) * np.array([0.12, 0.04, 0.02]) + np.array([0.0, -0.03, 0.0])
        position = np.array([x, -above, rng.uniform(-3.0, 3.0)])
        return Pose(heading_rotation(*angles), position)

    def motion(self, rng: np.random.Generator) -> Motion:
        """Draw driving forward at 1 to 20 m/s."""
        direction = np.array([0.03 * rng.normal(), 0.01 * rng.normal(), 1.0])
        speed = rng.uniform(1.0, 20.0)
        return Motion(direction / np.linalg.norm(direction), speed * _WINDOW_S)


class _Street:
    """A street that is being built; traffic keeps to the right, x > 0."""

    def __init__(
        self, rng: np.random.Generator, style: DrivingStyle, variants: tuple[int, ...]
    ) -> None:
        self._rng = rng
        self._style = style
        self._variants = variants
        self._things = 0
        lanes = int(rng.choice(style.lanes))
        self.lane_m = rng.uniform(3.0, 3.6)
        self.half_road_m = lanes * self.lane_m / 2
        self._pavement_m = rng.uniform(*style.pavement_m)
        self._kerb_m = rng.uniform(0.10, 0.15) if self._pavement_m > 0 else 0.0
        edge = self.half_road_m + self._pavement_m
        self.land: Terrain = terrain(
            rng,
            half_road_m=self.half_road_m,
            flat_m=edge + 2.0,
            hills_m=rng.uniform(*style.hills_m),
        )
        self.parts: list[Part] = self.land.parts(style.land)
        self._edge_m = edge
        self._crossing_m = rng.uniform(18.0, 70.0) if rng.random() < 0.35 else np.inf

    def _next(self) -> int:
        self._things += 1
        return self._things

    def _ground(self, x: float, z: float) -> float:
        if self.half_road_m < abs(x) < self._edge_m and abs(z - self._crossing_m) > 6.0:
            return -self._kerb_m
        return self.land.height(x, z)

    def _place(self, x: float, z: float, yaw: float = 0.0) -> Place:
        return Place(x, z, yaw, self._ground(x, z))

    def _put_model(
        self,
        category: str,
        kind: Kind,
        place: Place,
        *,
        scale: float = 1.0,
        drift: Drift | None = None,
    ) -> None:
        model = (category, int(self._rng.choice(self._variants)))
        part = put_model(model, kind, place, self._next(), scale=scale, drift=drift)
        self.parts.append(part)

    def add_pavement(self, side: int) -> None:
        """Add the pavement with its kerb, interrupted at the crossing."""
        if self._pavement_m == 0:
            return
        ends = [STREET_START_M - 20.0, STREET_END_M + 25.0]
        if np.isfinite(self._crossing_m):
            ends[1:1] = [self._crossing_m - 5.0, self._crossing_m + 5.0]
        for low, high in zip(ends[::2], ends[1::2], strict=True):
            half = (self._pavement_m / 2, 0.25, (high - low) / 2)
            x = side * (self.half_road_m + half[0])
            at = (x, 0.25 - self._kerb_m, (low + high) / 2)
            kerb = (x - side * (half[0] - 0.08), at[1] - 0.015, at[2])
            blocks = [
                Block(at, half, ('slabs',)),
                Block(kerb, (0.09, 0.25, half[2]), ('concrete',)),
            ]
            self.parts += put(blocks, Kind.PAVEMENT, Place(0.0, 0.0), self._next())

    def add_buildings(self, side: int) -> None:
        """Add a row of buildings with roofs, doors and fences."""
        rng, style = self._rng, self._style
        z = STREET_START_M + rng.uniform(0.0, style.gap_m[1])
        while z < STREET_END_M:
            length, depth = rng.uniform(*style.length_m), rng.uniform(6.0, 14.0)
            back = self._edge_m + rng.uniform(*style.setback_m)
            if abs(z + length / 2 - self._crossing_m) > length / 2 + 5.0:
                self._add_building(side, back, depth, z, length)
            z += length + rng.uniform(*style.gap_m)

    def _add_building(self, side: int, back: float, depth: float, z: float, length: float) -> None:
        rng, style = self._rng, self._style
        height = rng.uniform(2.7, 3.3) * rng.integers(style.storeys[0], style.storeys[1] + 1)
        wall = style.walls[rng.integers(len(style.walls))]
        x, middle = side * (back + depth / 2), z + length / 2
        place = Place(x, middle, 0.0, self._ground(x, middle))
        turned = f'{wall}/turned' if wall in {'facade', 'brick'} else wall
        faces = (turned, turned, 'concrete', 'concrete', wall, wall)
        body = Block((0, 1.0 - height / 2, 0), (depth / 2, height / 2 + 1.0, length / 2), faces)
        thing = self._next()
        front = -side * (depth / 2 + 0.02)
        blocks = [body]
        if wall != 'facade':
            blocks += self._openings(front, height, length)
        self.parts += put(blocks, Kind.BUILDING, place, thing)
        if rng.random() < style.gable_share:
            half = np.array([depth / 2 + 0.4, rng.uniform(0.9, 1.8), length / 2 + 0.3])
            along = rng.random() < 0.5
            mesh = model_mesh('gable', self._variants[0])
            scale = (half[[2, 1, 0]] if not along else half[[0, 1, 2]]) / mesh.half_m
            yaw = np.pi / 2 if not along else 0.0
            top = Place(x, middle, yaw, place.y - height + 0.05)
            self.parts.append(
                put_model(('gable', self._variants[0]), Kind.BUILDING, top, thing, scale=scale)
            )
        if rng.random() < style.fence_share and back - self._edge_m > 1.5:
            self._add_fence(side, z, length)

    def _openings(self, front: float, height: float, length: float) -> list[Block]:
        rng = self._rng
        blocks = [
            Block((front, -1.0, rng.uniform(-0.4, 0.4) * length), (0.05, 1.05, 0.5), ('door',))
        ]
        for storey in range(max(1, int(height // 3.0))):
            for along in np.linspace(-0.38, 0.38, int(rng.integers(2, 5))):
                at = (front, -1.6 - 2.9 * storey, along * length)
                if at[1] - 0.7 > -height:
                    blocks.append(Block(at, (0.05, 0.6, 0.55), ('glass',)))
        return blocks

    def _add_fence(self, side: int, z: float, length: float) -> None:
        rng = self._rng
        is_hedge, half = rng.random() < 0.5, rng.uniform(0.4, 0.9)
        x, middle = side * (self._edge_m + 0.4), z + length / 2
        size = (0.3 if is_hedge else 0.03, half, length / 2)
        block = Block((0, -half, 0), size, ('foliage' if is_hedge else 'wood',))
        kind = Kind.VEGETATION if is_hedge else Kind.FENCE
        place = Place(x, middle, 0.0, self._ground(x, middle))
        self.parts += put([block], kind, place, self._next())

    def _beside(self, near: float, far: float) -> tuple[float, float]:
        """Return a place beside the road, (x, z)."""
        rng = self._rng
        side = rng.choice([-1.0, 1.0])
        return side * (self._edge_m + rng.uniform(near, far)), log_uniform(rng, 5.0, STREET_END_M)

    def add_green(self) -> None:
        """Add trees and bushes."""
        rng, style = self._rng, self._style
        far = 3.0 if style.hills_m[1] < 0.5 else 14.0
        for _ in range(rng.integers(*style.trees)):
            x, z = self._beside(0.3 if style.pavement_m[1] == 0 else -0.9, far)
            category = 'tree' if rng.random() < 0.7 else 'conifer'
            scale, yaw = rng.uniform(0.7, 1.3), rng.uniform(-np.pi, np.pi)
            self._put_model(category, Kind.VEGETATION, self._place(x, z, yaw), scale=scale)
        for _ in range(rng.integers(*style.bushes)):
            x, z = self._beside(0.5, far)
            yaw = rng.uniform(-np.pi, np.pi)
            scale = rng.uniform(0.7, 1.4)
            self._put_model('bush', Kind.VEGETATION, self._place(x, z, yaw), scale=scale)

    def add_poles(self) -> None:
        """Add lamp posts, signs and traffic lights."""
        rng = self._rng
        for _ in range(rng.integers(*self._style.poles)):
            side, z = rng.choice([-1.0, 1.0]), log_uniform(rng, 5.0, STREET_END_M)
            place = Place(side * (self.half_road_m + 0.5), z, 0.0)
            place = Place(place.x, z, 0.0, self._ground(place.x, z))
            radius, kind = rng.uniform(0.04, 0.11), rng.integers(3)
            height = (rng.uniform(5.0, 8.0), rng.uniform(2.2, 2.8), rng.uniform(2.8, 3.4))[kind]
            half = (radius, height / 2, radius)
            blocks = [Block((0, -height / 2, 0), half, ('metal',), Shape.CYLINDER)]
            if kind == 0:
                blocks.append(Block((-side * 0.7, -height, 0), (0.7, 0.04, 0.04), ('metal',)))
                blocks.append(Block((-side * 1.4, -height, 0), (0.3, 0.05, 0.1), ('white',)))
            elif kind == 1:
                plate = (0.32, rng.uniform(0.2, 0.35), 0.02)
                at = (0, -height + 0.3, -0.06)
                blocks.append(Block(at, plate, ('poster',), is_fitted=True))
            else:
                blocks.append(Block((0, -height + 0.4, -0.1), (0.14, 0.4, 0.12), ('rubber',)))
            self.parts += put(blocks, Kind.POLE, place, self._next())

    def add_parked(self) -> None:
        """Add vehicles at the kerbs."""
        rng = self._rng
        taken: list[tuple[float, float]] = []
        for _ in range(rng.integers(*self._style.parked)):
            side, z = rng.choice([-1.0, 1.0]), rng.uniform(3.0, STREET_END_M)
            x = side * (self.half_road_m - 0.95)
            if self.half_road_m < 2.2 * self.lane_m / 2:
                x = side * (self.half_road_m + 0.2)
            is_free = all(s != side or abs(z - at) > 6.5 for s, at in taken)
            if not is_free or (side > 0 and z < 9.0):
                continue
            taken.append((side, z))
            yaw = (0.0 if side > 0 else np.pi) + 0.03 * rng.normal()
            category = 'truck' if rng.random() < 0.1 else 'car'
            self._put_model(category, Kind.VEHICLE, self._place(x, z, yaw))

    def add_traffic(self) -> None:
        """Add vehicles that drive in both directions, and cyclists."""
        rng = self._rng
        taken: list[tuple[float, float]] = []
        for _ in range(rng.integers(*self._style.moving)):
            direction = rng.choice([-1.0, 1.0])
            lane = direction * self.lane_m / 2
            z = log_uniform(rng, 9.0 if direction > 0 else 5.0, STREET_END_M)
            if any(side == direction and abs(z - at) < 9.0 for side, at in taken):
                continue
            taken.append((direction, z))
            speed, yaw = rng.uniform(0.0, 18.0), 0.0 if direction > 0 else np.pi
            drift = Drift(velocity_m_s=np.array([0.0, 0.0, direction * speed]))
            category = 'truck' if rng.random() < self._style.truck_share else 'car'
            x = lane + 0.25 * rng.normal()
            self._put_model(category, Kind.VEHICLE, self._place(x, z, yaw), drift=drift)
        if rng.random() < 0.35:
            self._add_cyclist()

    def _add_cyclist(self) -> None:
        rng = self._rng
        direction = rng.choice([-1.0, 1.0])
        x, z = direction * (self.half_road_m - 0.7), log_uniform(rng, 6.0, 50.0)
        drift = Drift(velocity_m_s=np.array([0.0, 0.0, direction * rng.uniform(2.0, 7.0)]))
        place = self._place(x, z, 0.0 if direction > 0 else np.pi)
        self._put_model('bicycle', Kind.VEHICLE, place, drift=drift)
        self._put_model('person', Kind.PERSON, replace(place, y=place.y - 0.15), drift=drift)

    def add_walkers(self) -> None:
        """Add pedestrians beside the road, and some who cross it."""
        rng = self._rng
        for _ in range(rng.integers(*self._style.walkers)):
            side, z = rng.choice([-1.0, 1.0]), log_uniform(rng, 4.0, 60.0)
            x = side * (self.half_road_m + rng.uniform(0.3, max(0.5, self._pavement_m - 0.3)))
            yaw = rng.choice([0.0, np.pi]) + 0.15 * rng.normal()
            if z > 12.0 and rng.random() < 0.2:
                x, yaw = rng.uniform(-1.0, 1.0) * self.half_road_m, -side * np.pi / 2
            drift = walking(yaw, speed_m_s=rng.uniform(0.5, 1.7), span_m=2.0)
            self._put_model('person', Kind.PERSON, self._place(x, z, yaw), drift=drift)


def _sun(rng: np.random.Generator) -> Lamp:
    """Draw the sun behind clouds or not, 12 to 70 degrees high."""
    height, around = np.deg2rad(rng.uniform(12.0, 70.0)), rng.uniform(-np.pi, np.pi)
    way = np.array(
        [np.cos(height) * np.sin(around), -np.sin(height), np.cos(height) * np.cos(around)]
    )
    target = np.array([0.0, 0.0, 30.0])
    clear = rng.uniform(0.5, 1.0) if rng.random() < 0.75 else rng.uniform(0.0, 0.2)
    warm = 1.0 - 0.35 * np.exp(-height / 0.3)
    colour = 1.1 * clear * np.array([1.0, 0.5 + 0.5 * warm, warm])
    ambient = (0.75 - 0.45 * clear) * np.array([0.9, 1.0, 1.15])
    return Lamp(
        position_m=target + _SUN_M * way,
        target_m=target,
        reach_m=70.0,
        colour=rgb(colour),
        ambient=rgb(ambient),
    )
