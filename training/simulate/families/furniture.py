"""Pieces of furniture in real sizes, as blocks; what stands on them is added by `clutter`."""

import numpy as np
from training.simulate.families.building import Block
from training.simulate.parts import Kind
from training.simulate.solids import Shape

_CLUTTER = ('paint', 'poster', 'metal', 'white', 'fabric', 'books', 'wood')


def table(rng: np.random.Generator, *, height: float, half_x: float, half_z: float) -> list[Block]:
    """Return a table with four legs and what lies on it."""
    top, leg = ('wood', 'white', 'paint')[rng.integers(3)], rng.uniform(0.02, 0.04)
    blocks = [Block((0, -height + 0.02, 0), (half_x, 0.02, half_z), (top,))]
    for x in (-1, 1):
        for z in (-1, 1):
            at = (x * (half_x - 0.06), -height / 2 + 0.02, z * (half_z - 0.06))
            blocks.append(Block(at, (leg, height / 2 - 0.02, leg), ('wood',)))
    return blocks + clutter(rng, height, half_x, half_z, most=5)


def desk(rng: np.random.Generator) -> list[Block]:
    """Return a desk with one or two screens, a keyboard and a chest of drawers."""
    half_x, half_z, height = rng.uniform(0.6, 0.9), rng.uniform(0.33, 0.4), rng.uniform(0.70, 0.76)
    blocks = table(rng, height=height, half_x=half_x, half_z=half_z)
    for k in range(rng.integers(1, 3)):
        x, half = -0.25 + 0.55 * k, rng.uniform(0.24, 0.32)
        at = (x, -height - 0.12 - 0.58 * half, -0.6 * half_z)
        faces = ('metal', 'metal', 'metal', 'metal', 'metal', 'screen')
        glow = rng.uniform(0.0, 0.6)
        blocks.append(Block(at, (half, 0.58 * half, 0.02), faces, glow=glow, is_fitted=True))
        blocks.append(Block((x, -height - 0.06, -0.6 * half_z), (0.03, 0.06, 0.03), ('metal',)))
    blocks.append(Block((0, -height - 0.02, 0.3 * half_z), (0.22, 0.02, 0.07), ('rubber',)))
    if rng.random() < 0.6:
        blocks.append(Block((0.7 * half_x, -0.3, 0), (0.2, 0.3, 0.28), ('paint',)))
    return blocks


def shelf(rng: np.random.Generator) -> list[Block]:
    """Return an open shelf with boards, books and boxes."""
    half_x, half_z = rng.uniform(0.4, 0.7), rng.uniform(0.14, 0.2)
    height, boards = rng.uniform(1.4, 2.2), int(rng.integers(3, 6))
    wood = ('wood', 'white', 'metal')[rng.integers(3)]
    blocks = [
        Block((x * half_x, -height / 2, 0), (0.02, height / 2, half_z), (wood,)) for x in (-1, 1)
    ]
    blocks.append(Block((0, -height / 2, -half_z), (half_x, height / 2, 0.02), (wood,)))
    room = height / boards
    for k in range(boards + 1):
        y = -0.03 - k * (height - 0.05) / boards
        blocks.append(Block((0, y, 0), (half_x, 0.02, half_z), (wood,)))
        if k == boards or rng.random() < 0.25:
            continue
        half = rng.uniform(0.35, 0.85) * half_x
        tall = rng.uniform(0.5, 0.8) * room / 2
        at = (rng.uniform(-1, 1) * (half_x - half - 0.02), y - 0.02 - tall, -0.1 * half_z)
        content = ('books', 'books', 'paint', 'poster')[rng.integers(4)]
        blocks.append(Block(at, (half, tall, 0.7 * half_z), (content,)))
    return blocks


def cabinet(rng: np.random.Generator) -> list[Block]:
    """Return a cupboard: a body, doors with handles, sometimes things on top."""
    half_x, half_z = rng.uniform(0.4, 1.0), rng.uniform(0.2, 0.3)
    height = float(rng.choice([rng.uniform(0.6, 1.0), rng.uniform(1.7, 2.2)]))
    wood = ('wood', 'white', 'paint', 'metal')[rng.integers(4)]
    blocks = [Block((0, -height / 2, 0), (half_x, height / 2, half_z), (wood,))]
    count = max(1, round(half_x / 0.25))
    for k in range(count):
        x = -half_x + (2 * k + 1) * half_x / count
        at = (x, -height / 2, half_z + 0.01)
        blocks.append(Block(at, (half_x / count - 0.015, height / 2 - 0.05, 0.02), (wood,)))
        grip = (x + 0.6 * half_x / count, -height / 2, half_z + 0.05)
        blocks.append(Block(grip, (0.02, 0.06, 0.02), ('metal',)))
    if height < 1.2:
        blocks += clutter(rng, height, half_x, half_z, most=4)
    return blocks


def counter(rng: np.random.Generator) -> list[Block]:
    """Return a kitchen counter with a sink or stove, and wall cupboards above."""
    half_x, height = rng.uniform(0.9, 1.8), rng.uniform(0.86, 0.94)
    wood = ('wood', 'white', 'paint')[rng.integers(3)]
    blocks = [
        Block((0, -height / 2 + 0.02, 0), (half_x, height / 2 - 0.02, 0.29), (wood,)),
        Block((0, -height + 0.01, 0.02), (half_x, 0.02, 0.32), ('concrete',)),
        Block((0.4 * half_x, -height - 0.015, 0.02), (0.28, 0.02, 0.22), ('metal',)),
        Block((0, -1.75, -0.12), (half_x, 0.35, 0.17), (wood,)),
    ]
    count = max(2, round(half_x / 0.3))
    for k in range(count):
        x = -half_x + (2 * k + 1) * half_x / count
        blocks.append(Block((x, -height / 2, 0.3), (half_x / count - 0.01, 0.34, 0.02), (wood,)))
        blocks.append(Block((x, -1.75, 0.06), (half_x / count - 0.01, 0.33, 0.02), (wood,)))
    return blocks + clutter(rng, height + 0.01, half_x, 0.25, most=5)


def sofa(rng: np.random.Generator) -> list[Block]:
    """Return a sofa or an armchair with cushions."""
    half_x, half_z = float(rng.choice([0.45, 0.8, 1.1])), rng.uniform(0.42, 0.5)
    seat, back, arm = rng.uniform(0.38, 0.45), rng.uniform(0.75, 0.9), rng.uniform(0.55, 0.65)
    cover = ('fabric',)
    blocks = [
        Block((0, -seat / 2 - 0.04, 0), (half_x, seat / 2 - 0.04, half_z), cover),
        Block((0, -back / 2, -half_z + 0.1), (half_x, back / 2 - 0.03, 0.1), cover),
    ]
    for x in (-1, 1):
        at = (x * (half_x - 0.08), -arm / 2, 0)
        blocks.append(Block(at, (0.09, arm / 2, half_z), cover))
    for _ in range(rng.integers(0, 3)):
        cushion = (rng.uniform(-0.6, 0.6) * half_x, -seat - 0.16, -half_z + 0.28)
        blocks.append(Block(cushion, (0.2, 0.17, 0.08), ('fabric',), Shape.ELLIPSOID))
    return blocks


def bed(rng: np.random.Generator) -> list[Block]:
    """Return a bed with mattress, blanket, pillows and a headboard."""
    half_x, height = float(rng.choice([0.45, 0.7, 0.9])), rng.uniform(0.3, 0.4)
    blocks = [
        Block((0, -height / 2, 0), (half_x, height / 2, 1.0), ('wood',)),
        Block((0, -height - 0.1, 0), (half_x - 0.03, 0.1, 0.97), ('white',)),
        Block((0, -height - 0.14, 0.25), (half_x, 0.09, 0.72), ('fabric',)),
        Block((0, -0.55, -1.02), (half_x, 0.55, 0.03), ('wood',)),
    ]
    for k in range(1 if half_x < 0.6 else 2):
        x = 0.0 if half_x < 0.6 else (k - 0.5) * half_x
        blocks.append(
            Block((x, -height - 0.25, -0.72), (0.32, 0.09, 0.2), ('white',), Shape.ELLIPSOID)
        )
    return blocks


def floor_lamp(rng: np.random.Generator) -> list[Block]:
    """Return a standing lamp."""
    height = rng.uniform(1.3, 1.8)
    return [
        Block((0, -height / 2, 0), (0.02, height / 2, 0.02), ('metal',), Shape.CYLINDER),
        Block((0, -0.02, 0), (0.15, 0.02, 0.15), ('metal',), Shape.CYLINDER),
        Block((0, -height, 0), (0.17, 0.14, 0.17), ('white',), Shape.CYLINDER, glow=0.5),
    ]


def board(rng: np.random.Generator) -> list[Block]:
    """Return a blackboard or whiteboard on a wall."""
    half_x, half_y = rng.uniform(1.0, 2.0), rng.uniform(0.5, 0.65)
    face = 'white' if rng.random() < 0.5 else 'glass'
    return [
        Block((0, -1.5, 0.02), (half_x, half_y, 0.03), (face,)),
        Block((0, -1.5 + half_y, 0.06), (half_x, 0.02, 0.06), ('metal',)),
    ]


def clutter(
    rng: np.random.Generator, height: float, half_x: float, half_z: float, *, most: int
) -> list[Block]:
    """Return small things on a surface: boxes, cups, bottles, balls."""
    blocks = []
    for _ in range(rng.integers(0, most + 1)):
        shape = (Shape.BOX, Shape.BOX, Shape.CYLINDER, Shape.ELLIPSOID)[rng.integers(4)]
        half = np.exp(rng.uniform(np.log(0.025), np.log(0.16), 3))
        if shape is Shape.CYLINDER:
            half = np.array([0.04, rng.uniform(0.05, 0.15), 0.04]) * rng.uniform(0.7, 1.5)
        half = np.minimum(half, [0.8 * half_x, 0.3, 0.8 * half_z])
        at = (
            rng.uniform(-1, 1) * (half_x - half[0]),
            -height - half[1],
            rng.uniform(-1, 1) * (half_z - half[2]),
        )
        material = _CLUTTER[rng.integers(len(_CLUTTER))]
        sides = (float(half[0]), float(half[1]), float(half[2]))
        blocks.append(Block(at, sides, (material,), shape, kind=Kind.CLUTTER))
    return blocks
