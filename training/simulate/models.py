"""
The small models that worlds are furnished with: vehicles, persons, trees, plants, chairs.

Each category has five variants, made from their numbers; x right, y down, z forward, metres.
Laws: a model is a function of (category, variant); variants 0 to 2 belong to training, 3 to
validation, 4 to the test split.

"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.furnishing import Meshes
from training.simulate.meshes import ball, box, hull, Mesh, mesh_of, mesh_trees, Piece, prism
from training.simulate.photos import Split

NUM_VARIANTS = 5
VARIANTS: dict[Split, tuple[int, ...]] = {'train': (0, 1, 2), 'val': (3,), 'test': (4,)}


@dataclass(frozen=True, slots=True)
class Model:
    """Pieces of a variant, and the materials of its slots."""

    make: Callable[[np.random.Generator], list[Piece]]
    materials: tuple[str, ...]


def model_id(category: str, variant: int) -> int:
    """Return the number of a mesh in `model_library`."""
    return list(MODELS).index(category) * NUM_VARIANTS + variant


@cache
def model_mesh(category: str, variant: int) -> Mesh:
    """Return one model, its lowest point at its lower side."""
    rng = np.random.default_rng([list(MODELS).index(category), variant])
    return mesh_of(MODELS[category].make(rng))


@cache
def model_library() -> Meshes:
    """Return all variants of all categories for the kernels."""
    return mesh_trees(
        tuple(model_mesh(name, variant) for name in MODELS for variant in range(NUM_VARIANTS))
    )


def _wheels(half_width: float, base: float, radius: float) -> list[Piece]:
    return [
        prism((x * half_width, -radius, z * base), (radius, 0.11), 2, axis=0, sides=10)
        for x in (-1, 1)
        for z in (-1, 1)
    ]


def _car(rng: np.random.Generator) -> list[Piece]:
    half_length, half_width = rng.uniform(1.8, 2.4), rng.uniform(0.82, 0.95)
    waist, roof = rng.uniform(0.85, 1.05), rng.uniform(1.4, 1.75)
    nose, tail = rng.uniform(0.45, 0.65), rng.uniform(0.0, 0.55)
    ground, radius = 0.22, rng.uniform(0.30, 0.36)
    front, rear = half_length, -half_length
    body = [
        (rear, -0.45),
        (rear + 0.08, -waist),
        (front - nose * half_length, -waist),
        (front - 0.1, -0.8 * waist),
        (front, -0.5),
        (front - 0.05, -ground),
        (rear + 0.05, -ground),
    ]
    cabin = [
        (rear + 0.15 + 0.5 * tail * half_length, -waist),
        (rear + 0.45 + 0.7 * tail * half_length, -roof),
        (front - (nose + 0.30) * half_length, -roof),
        (front - nose * half_length, -waist),
    ]
    lid = [(z, -roof - 0.03 * (y < -waist - 0.1)) for z, y in cabin[1:3]]
    top = [*lid, (lid[1][0], -roof + 0.03), (lid[0][0], -roof + 0.03)]
    lamps = [
        box((x * 0.7 * half_width, -0.68, z * (half_length - 0.03)), (0.14, 0.06, 0.04), 3)
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return [
        hull(body, half_width, 0),
        hull(cabin, 0.86 * half_width, 1),
        hull(top, 0.84 * half_width, 0),
        *_wheels(half_width - 0.1, 0.6 * half_length, radius),
        *lamps,
    ]


def _truck(rng: np.random.Generator) -> list[Piece]:
    half_length, half_width = rng.uniform(2.6, 4.5), rng.uniform(1.0, 1.25)
    height, cab = rng.uniform(2.3, 3.4), rng.uniform(0.8, 1.1)
    z = half_length - cab
    pieces = [
        box((0, -(height + 0.6) / 2 - 0.05, -cab), (half_width, (height - 0.6) / 2, z), 0),
        box((0, -1.35, half_length - cab), (0.96 * half_width, 0.85, 0.92 * cab), 3),
        box((0, -1.75, half_length - 0.07), (0.85 * half_width, 0.32, 0.06), 1),
        box((0, -0.55, 0), (0.7 * half_width, 0.12, half_length - 0.1), 2),
    ]
    return pieces + _wheels(half_width - 0.12, 0.68 * half_length, 0.45)


def _person(rng: np.random.Generator) -> list[Piece]:
    height, build = rng.uniform(1.58, 1.88), rng.uniform(0.9, 1.15)
    stride, swing = rng.uniform(-0.4, 0.4), rng.uniform(-0.5, 0.5)
    hip, shoulder = 0.52 * height, 0.81 * height
    leg, arm = hip / 2, 0.19 * height
    pieces = [
        ball((0, -0.935 * height, 0.02), (0.085, 0.115, 0.1), 2, finer=True),
        prism(
            (0, -(hip + shoulder) / 2, 0),
            (0.19 * build, (shoulder - hip) / 2 + 0.04),
            0,
            taper=1.1,
        ),
        prism((0, -shoulder - 0.05, 0), (0.06, 0.06), 2, sides=6),
    ]
    for side in (-1, 1):
        turn = side * stride
        at = (side * 0.1 * build, -hip + leg * np.cos(turn), leg * np.sin(turn))
        pieces.append(box(at, (0.075 * build, leg, 0.085 * build), 1, turn=(turn, 0, 0)))
        foot = (at[0], -0.04, 2 * leg * np.sin(turn) + 0.06)
        pieces.append(box(foot, (0.05, 0.04, 0.13), 3))
        turn = -side * swing
        at = (side * 0.25 * build, -shoulder + arm * np.cos(turn), arm * np.sin(turn))
        pieces.append(box(at, (0.05, arm, 0.055), 0, turn=(turn, 0, 0)))
        hand = (at[0], -shoulder + 2 * arm * np.cos(turn), 2 * arm * np.sin(turn))
        pieces.append(box(hand, (0.04, 0.06, 0.045), 2))
    return pieces


def _bumps(rng: np.random.Generator, depth: float) -> Float64:
    return 1.0 + depth * rng.uniform(-1.0, 1.0, 42)


def _crown(
    rng: np.random.Generator, balls: list[tuple[Float64, Float64]], depth: float
) -> list[Piece]:
    """Return bumpy balls (centre, radii) without the triangles that lie deep in another one."""
    pieces = []
    for k, (centre, radii) in enumerate(balls):
        size = (float(radii[0]), float(radii[1]), float(radii[2]))
        at = (float(centre[0]), float(centre[1]), float(centre[2]))
        triangles = ball(at, size, 0, bumps=_bumps(rng, depth)).triangles
        hidden = np.zeros(len(triangles), dtype=bool)
        for other, (middle, reach) in enumerate(balls):
            if other != k:
                away = (triangles - middle) / reach
                hidden |= ((away * away).sum(-1) < (1.0 - depth) ** 2).all(-1)
        pieces.append(Piece(triangles[~hidden], 0))
    return pieces


def _tree(rng: np.random.Generator) -> list[Piece]:
    height, crown = rng.uniform(5.0, 9.0), rng.uniform(1.3, 2.4)
    trunk = rng.uniform(0.3, 0.45) * height
    balls = []
    for _ in range(rng.integers(3, 6)):
        around = rng.uniform(0, 2 * np.pi)
        away = 0.5 * crown * rng.uniform(0.2, 1.0)
        y = -rng.uniform(trunk + 0.5 * crown, height - 0.4 * crown)
        size = crown * rng.uniform(0.5, 0.8)
        centre = np.array([away * np.cos(around), y, away * np.sin(around)])
        balls.append((centre, size * np.array([1.0, 0.85, 1.0])))
    stem = prism((0, -0.4 * height, 0), (0.03 * height, 0.4 * height), 1, sides=7, taper=0.5)
    return [stem, *_crown(rng, balls, 0.22)]


def _conifer(rng: np.random.Generator) -> list[Piece]:
    height, width = rng.uniform(5.0, 11.0), rng.uniform(1.0, 1.8)
    pieces = [prism((0, -0.3 * height, 0), (0.025 * height, 0.3 * height), 1, sides=6)]
    tiers = int(rng.integers(3, 6))
    for tier in range(tiers):
        low = 0.15 + 0.75 * tier / tiers
        half = 0.55 * height / tiers
        radius = width * (1.0 - 0.8 * tier / tiers)
        at = (0, -low * height - half, 0)
        pieces.append(prism(at, (radius, half), 0, sides=9, taper=0.08))
    return pieces


def _bush(rng: np.random.Generator) -> list[Piece]:
    balls = []
    for _ in range(rng.integers(2, 4)):
        size = rng.uniform(0.35, 0.75)
        centre = np.array([rng.uniform(-0.5, 0.5), -0.8 * size, rng.uniform(-0.5, 0.5)])
        balls.append((centre, np.full(3, size)))
    return _crown(rng, balls, 0.25)


def _chair(rng: np.random.Generator) -> list[Piece]:
    seat, half = rng.uniform(0.42, 0.48), rng.uniform(0.2, 0.25)
    back, leg = rng.uniform(0.8, 1.0), rng.uniform(0.016, 0.026)
    pieces = [box((0, -seat, 0), (half, 0.025, half), 0)]
    for x in (-1, 1):
        for z in (-1, 1):
            at = (x * (half - leg), -seat / 2, z * (half - leg))
            pieces.append(box(at, (leg, seat / 2, leg), 1))
        at = (x * (half - leg), -(seat + back) / 2, -half + leg)
        pieces.append(box(at, (leg, (back - seat) / 2, leg), 1))
    if rng.random() < 0.5:
        at = (0, -(seat + back) / 2 - 0.06, -half + leg)
        return [*pieces, box(at, (half - leg, (back - seat) / 2 - 0.08, 0.012), 0)]
    for share in (0.4, 0.65, 0.9):
        at = (0, -seat - share * (back - seat), -half + leg)
        pieces.append(box(at, (half - leg, 0.03, 0.012), 1))
    return pieces


def _office_chair(rng: np.random.Generator) -> list[Piece]:
    seat, back = rng.uniform(0.44, 0.54), rng.uniform(0.95, 1.2)
    pieces = [
        box((0, -seat, 0), (0.24, 0.045, 0.24), 0),
        box((0, -(seat + back) / 2 - 0.05, -0.24), (0.22, (back - seat) / 2 - 0.06, 0.03), 0),
        prism((0, -seat / 2, 0), (0.03, seat / 2 - 0.05), 1, sides=6),
    ]
    for k in range(5):
        turn = 2 * np.pi * k / 5
        at = (0.15 * np.cos(turn), -0.08, 0.15 * np.sin(turn))
        pieces.append(box(at, (0.15, 0.02, 0.025), 1, turn=(0, -turn, 0)))
    arms = [box((0.28 * x, -seat - 0.2, 0), (0.03, 0.02, 0.15), 1) for x in (-1, 1)]
    return pieces + arms


def _plant(rng: np.random.Generator) -> list[Piece]:
    pot, height = rng.uniform(0.12, 0.2), rng.uniform(0.6, 1.4)
    pieces = [prism((0, -pot, 0), (pot, pot), 1, sides=9, taper=1.2)]
    for _ in range(rng.integers(6, 12)):
        around, rise = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.9)
        length = 0.35 * height
        at = (
            0.5 * length * np.cos(around) * rise,
            -2 * pot - 0.3 * height - 0.4 * height * rng.random(),
            0.5 * length * np.sin(around) * rise,
        )
        turn = (0.0, -around, rise)
        pieces.append(box(at, (length / 2, 0.008, 0.05), 0, turn=turn))
    return pieces


def _bicycle(rng: np.random.Generator) -> list[Piece]:
    base, radius = rng.uniform(0.48, 0.56), rng.uniform(0.31, 0.35)
    saddle = rng.uniform(0.85, 1.0)
    pieces = [prism((0, -radius, z * base), (radius, 0.02), 2, axis=0, sides=12) for z in (-1, 1)]
    return [
        *pieces,
        box((0, -0.62, 0.05), (0.02, 0.02, base - 0.05), 0, turn=(0.12, 0, 0)),
        box((0, -0.55, -0.15), (0.02, 0.3, 0.02), 0, turn=(0.25, 0, 0)),
        box((0, -0.65, base - 0.06), (0.02, 0.35, 0.02), 0, turn=(-0.3, 0, 0)),
        box((0, -saddle, -0.25), (0.07, 0.03, 0.13), 1),
        box((0, -1.02, base - 0.15), (0.28, 0.015, 0.015), 1),
    ]


def _gable(rng: np.random.Generator) -> list[Piece]:
    eave = rng.uniform(0.0, 0.2)
    profile = [(-1.0, 0.0), (-1.0, -eave), (0.0, -1.0), (1.0, -eave), (1.0, 0.0)]
    return [hull(profile, 1.0, 0)]


MODELS: dict[str, Model] = {
    'car': Model(_car, ('paint', 'glass', 'rubber', 'white', 'metal', 'metal')),
    'truck': Model(_truck, ('paint', 'glass', 'rubber', 'paint', 'metal', 'metal')),
    'person': Model(_person, ('fabric', 'fabric', 'skin', 'rubber', 'fabric', 'fabric')),
    'tree': Model(_tree, ('foliage', 'bark', 'bark', 'bark', 'bark', 'bark')),
    'conifer': Model(_conifer, ('foliage', 'bark', 'bark', 'bark', 'bark', 'bark')),
    'bush': Model(_bush, ('foliage',) * 6),
    'chair': Model(_chair, ('fabric', 'wood', 'wood', 'wood', 'wood', 'wood')),
    'office_chair': Model(_office_chair, ('fabric', 'metal', 'metal', 'metal', 'metal', 'metal')),
    'plant': Model(_plant, ('foliage', 'paint', 'paint', 'paint', 'paint', 'paint')),
    'gable': Model(_gable, ('roof',) * 6),
    'bicycle': Model(_bicycle, ('paint', 'rubber', 'rubber', 'metal', 'metal', 'metal')),
}
