"""
Procedural materials: what wood, asphalt, brick, facades and the like look like from near and far.

A material is a tile of 256 x 256 texels of a known size in metres; some have a direction (bricks
lie) and then come with a twin that is turned by 90 degrees, for faces whose u is vertical.
Laws: a tile is a function of (material, split, number); no tile of one split occurs in another.

"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from eventdepth_core.types import Float32, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.photos import Split, SPLITS
from training.simulate.textures import MIN_REFLECTANCE, TILE

TILES_A_MATERIAL = 3
_Make = Callable[[np.random.Generator], Float64]


@dataclass(frozen=True, slots=True)
class Material:
    """`size_m` of a tile, how to make one, and whether it has a direction."""

    size_m: float
    make: _Make
    is_turned: bool = False


def material_tile(name: str, split: Split, number: int) -> Float32:
    """Return one tile of a material, float32 (256, 256, 3) reflectance."""
    return _tile(name, split, number % TILES_A_MATERIAL)


@cache
def _tile(name: str, split: Split, number: int) -> Float32:
    seed = [list(MATERIALS).index(name), SPLITS.index(split), number]
    raw = MATERIALS[name].make(np.random.default_rng(seed))
    tile: Float32 = np.clip(raw, MIN_REFLECTANCE, 1.0).astype(np.float32)
    return tile


def cloud(rng: np.random.Generator, *, slope: float = 1.5, stretch: float = 1.0) -> Float64:
    """Return fractal noise (256, 256) that repeats, of mean 0 and deviation 1."""
    rows, columns = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None]
    amplitude = (np.sqrt((stretch * columns) ** 2 + rows**2) + 1.0 / TILE) ** -slope
    white = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    field = np.fft.irfft2(white * amplitude, s=(TILE, TILE))
    noise: Float64 = (field - field.mean()) / (field.std() + 1e-9)
    return noise


def _grid() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    y, x = np.mgrid[:TILE, :TILE]
    return y, x


def _coloured(rng: np.random.Generator, base: tuple[float, ...], spread: float) -> Float64:
    colour: Float64 = np.array(base) * np.exp(0.25 * spread * rng.normal(size=3))
    return np.asarray(np.clip(colour * np.exp(spread * rng.normal()), 0.03, 0.95))


def _speckled(
    rng: np.random.Generator,
    base: tuple[float, ...],
    *,
    spread: float,
    contrast: float,
    slope: float,
) -> Float64:
    shade = 1.0 + contrast * cloud(rng, slope=slope)
    return _coloured(rng, base, spread) * shade[..., None]


def _wood(rng: np.random.Generator) -> Float64:
    rings = cloud(rng, slope=1.4, stretch=12.0)
    grain = 0.12 * np.sin(6.0 * rings) + 0.08 * cloud(rng, slope=0.8, stretch=20.0)
    y, x = _grid()
    planks = 1.0 - 0.4 * ((y % 64) < 2)
    del x
    base = _coloured(rng, (0.45, 0.28, 0.15), 0.4)
    return base * ((1.0 + grain) * planks)[..., None]


def _plaster(rng: np.random.Generator) -> Float64:
    return _speckled(rng, (0.72, 0.70, 0.66), spread=0.15, contrast=0.03, slope=1.2)


def _paint(rng: np.random.Generator) -> Float64:
    return _speckled(rng, (0.75, 0.75, 0.75), spread=0.2, contrast=0.01, slope=1.5)


def _carpet(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    period = int(rng.choice([16, 32, 64]))
    pattern = np.sin(2 * np.pi * x / period) * np.sin(2 * np.pi * y / period)
    tile = _speckled(rng, (0.35, 0.25, 0.22), spread=0.5, contrast=0.15, slope=0.5)
    return np.asarray(tile * (1.0 + 0.25 * np.sign(pattern))[..., None])


def _floor_tiles(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    side = int(rng.choice([64, 128]))
    joint = ((x % side) < 3) | ((y % side) < 3)
    checks = 1.0 + 0.12 * rng.normal(size=(TILE // side, TILE // side)).repeat(side, 0).repeat(
        side, 1
    )
    tile = _speckled(rng, (0.55, 0.52, 0.48), spread=0.3, contrast=0.05, slope=1.6)
    return np.where(joint[..., None], 0.25, tile * checks[..., None])


def _fabric(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    weave = 0.08 * np.sin(2 * np.pi * x / 4) * np.sin(2 * np.pi * y / 4)
    stripes = 0.3 * rng.integers(0, 2) * ((x // int(rng.choice([16, 32]))) % 2)
    tile = _speckled(rng, (0.55, 0.55, 0.55), spread=0.2, contrast=0.08, slope=1.2)
    return tile * (1.0 + weave + stripes)[..., None]


def _metal(rng: np.random.Generator) -> Float64:
    brushed = 1.0 + 0.05 * cloud(rng, slope=0.6, stretch=15.0)
    return _coloured(rng, (0.5, 0.52, 0.55), 0.2) * brushed[..., None]


def _brick(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    height, width = 16, 64
    row = y // height
    moved = x + (row % 2) * (width // 2)
    joint = (y % height < 2) | (moved % width < 2)
    tone = 1.0 + 0.2 * rng.normal(size=(TILE // height, TILE // width))
    bricks = tone[row, (moved // width) % (TILE // width)]
    tile = _speckled(rng, (0.45, 0.22, 0.16), spread=0.3, contrast=0.08, slope=1.0)
    return np.where(joint[..., None], 0.55, tile * bricks[..., None])


def _concrete(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    panel = ((x % 128) < 1) | ((y % 128) < 1)
    tile = _speckled(rng, (0.5, 0.49, 0.47), spread=0.2, contrast=0.08, slope=1.4)
    return tile * np.where(panel, 0.6, 1.0)[..., None]


def _facade(rng: np.random.Generator) -> Float64:
    # a tile is four storeys and four to eight windows wide
    y, x = _grid()
    wall = _brick(rng) if rng.random() < 0.4 else _plaster(rng) * _coloured(rng, (0.9,) * 3, 0.2)
    storey, bay = 64, int(rng.choice([32, 64]))
    frame_x, frame_y = rng.uniform(0.15, 0.3) * bay, rng.uniform(0.2, 0.3) * storey
    in_x, in_y = x % bay, y % storey
    opening = (in_x > frame_x) & (in_x < bay - frame_x) & (in_y > frame_y) & (in_y < storey - 10)
    inner = (in_x > frame_x + 2) & (in_x < bay - frame_x - 2)
    inner &= (in_y > frame_y + 2) & (in_y < storey - 12) & (np.abs(in_x - bay / 2) > 1)
    panes = rng.uniform(0.04, 0.35, (TILE // storey, TILE // bay))[y // storey, x // bay]
    ledge = (in_y > storey - 10) & (in_y < storey - 7)
    tile = np.where(ledge[..., None], 0.75 * wall, wall)
    tile = np.where(opening[..., None], rng.uniform(0.3, 0.8), tile)
    glass = panes[..., None] * np.array([0.85, 0.95, 1.05])
    return np.where((opening & inner)[..., None], glass, tile)


def _roof(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    shingle = ((y % 16) < 3) | ((x + 8 * ((y // 16) % 2)) % 16 < 1)
    tile = _speckled(rng, (0.35, 0.18, 0.13), spread=0.4, contrast=0.12, slope=0.9)
    return tile * np.where(shingle, 0.6, 1.0)[..., None]


def _asphalt(rng: np.random.Generator) -> Float64:
    tile = _speckled(rng, (0.17, 0.17, 0.18), spread=0.2, contrast=0.06, slope=0.4)
    patches = np.where(cloud(rng, slope=2.2) > 1.3, 0.75, 1.0)
    cracks = np.where(np.abs(cloud(rng, slope=1.8)) < 0.015, 0.6, 1.0)
    return np.asarray(tile * (patches * cracks)[..., None])


def _lanes(rng: np.random.Generator) -> Float64:
    # the tile is as wide as the road: edge lines at its sides, a broken line in the middle
    tile = _asphalt(rng)
    y, x = _grid()
    worn = 0.65 * np.clip(1.0 + 0.3 * cloud(rng, slope=0.8), 0.3, 1.2)
    half = 128
    edge = (np.abs(x - 8) < 2) | (np.abs(x - TILE + 9) < 2)
    middle = (np.abs(x - half) < 2) & ((y % 128 < 72) | (rng.random() < 0.3))
    wheel = 1.0 - 0.12 * (np.abs(np.abs(x - half) - half / 2) % 40 < 12)
    return np.where((edge | middle)[..., None], worn[..., None], tile * wheel[..., None])


def _slabs(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    side = int(rng.choice([32, 64]))
    moved = x + (y // side % 2) * (side // 2)
    joint = (moved % side < 2) | (y % side < 2)
    tone = 1.0 + 0.1 * rng.normal(size=(TILE // side, TILE // side))
    tile = _speckled(rng, (0.42, 0.41, 0.39), spread=0.2, contrast=0.07, slope=0.8)
    slabs = tone[y // side, (moved // side) % (TILE // side)]
    return np.where(joint[..., None], 0.2, tile * slabs[..., None])


def _grass(rng: np.random.Generator) -> Float64:
    tile = _speckled(rng, (0.16, 0.24, 0.07), spread=0.3, contrast=0.3, slope=0.6)
    dry = np.clip(0.3 * cloud(rng, slope=2.0), 0.0, 1.0)[..., None]
    return np.asarray(tile * (1.0 - dry) + dry * np.array([0.35, 0.3, 0.16]))


def _soil(rng: np.random.Generator) -> Float64:
    return _speckled(rng, (0.3, 0.22, 0.15), spread=0.3, contrast=0.25, slope=0.9)


def _foliage(rng: np.random.Generator) -> Float64:
    leaves = np.tanh(1.5 * cloud(rng, slope=0.9))
    base = _coloured(rng, (0.14, 0.25, 0.06), 0.35)
    return base * (1.0 + 0.65 * leaves)[..., None]


def _bark(rng: np.random.Generator) -> Float64:
    ridges = 0.35 * np.tanh(2.0 * cloud(rng, slope=1.0, stretch=0.15))
    return _coloured(rng, (0.25, 0.18, 0.12), 0.3) * (1.0 + ridges)[..., None]


def _skin(rng: np.random.Generator) -> Float64:
    tones = ((0.65, 0.45, 0.35), (0.45, 0.28, 0.19), (0.22, 0.13, 0.09))
    tone = tones[rng.integers(3)]
    return _speckled(rng, tone, spread=0.1, contrast=0.04, slope=1.5)


def _glass(rng: np.random.Generator) -> Float64:
    y, _ = _grid()
    sheen = 0.08 + 0.15 * np.abs(np.sin(np.pi * y / TILE + rng.uniform(0, 3)))
    return np.repeat((sheen + 0.01 * cloud(rng))[..., None], 3, axis=2)


def _rubber(rng: np.random.Generator) -> Float64:
    return _speckled(rng, (0.05, 0.05, 0.05), spread=0.2, contrast=0.2, slope=0.8)


def _books(rng: np.random.Generator) -> Float64:
    # two shelves of standing books, each a coloured strip with a label
    tile = np.full((TILE, TILE, 3), 0.06)
    for top in (0, 128):
        left = 0
        while left < TILE:
            width, height = int(rng.integers(6, 18)), int(rng.integers(80, 120))
            spine = tile[top + 126 - height : top + 126, left : left + width - 1]
            spine[:] = rng.uniform(0.05, 0.85, 3)
            spine[15:22] = rng.uniform(0.3, 0.9)
            left += width
    return tile


def _door(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    tile = _wood(rng) if rng.random() < 0.5 else _paint(rng)
    inner = (np.abs(x - 128) < 38) & (np.abs((y % 128) - 64) < 44)
    rim = inner & ((np.abs(x - 128) > 33) | (np.abs((y % 128) - 64) > 38))
    return np.where(rim[..., None], 0.55 * tile, tile)


def _view(rng: np.random.Generator) -> Float64:
    # what a window shows: sky above, something dark below, a cross of frames
    y, x = _grid()
    horizon = 150 + 25 * cloud(rng, slope=2.0)[:1]
    below = np.array([0.15, 0.2, 0.1]) * (1.0 + 0.5 * cloud(rng, slope=1.2))[..., None]
    above = np.array([0.75, 0.85, 0.95]) * (1.0 + 0.06 * cloud(rng, slope=1.8))[..., None]
    tile = np.where((y < horizon)[..., None], above, below)
    frame = (x < 10) | (x > 245) | (y < 10) | (y > 245) | (np.abs(x - 128) < 4)
    return np.where(frame[..., None], 0.7, tile)


def _screen(rng: np.random.Generator) -> Float64:
    y, x = _grid()
    lines = (y % 16 > 9) & (x > 20) & (x < 30 + 200 * rng.random(TILE)[:, None])
    rim = (x < 8) | (x > 247) | (y < 8) | (y > 247)
    tile = np.where(lines[..., None], rng.uniform(0.3, 0.9, 3), rng.uniform(0.05, 0.3, 3))
    return np.where(rim[..., None], 0.04, tile)


def _poster(rng: np.random.Generator) -> Float64:
    colours = rng.uniform(0.05, 0.9, (4, 3))
    level = np.digitize(cloud(rng, slope=1.8), (-0.7, 0.1, 0.8))
    return colours[level] * (1.0 + 0.05 * cloud(rng, slope=0.8))[..., None]


def _clouds(rng: np.random.Generator) -> Float64:
    cover = np.clip(0.45 + rng.uniform(-0.3, 0.3) + 0.3 * cloud(rng, slope=1.9), 0.0, 1.0)[
        ..., None
    ]
    blue, white = np.array([0.25, 0.45, 0.9]), np.array([0.95, 0.95, 0.95])
    return np.asarray((1.0 - cover) * blue + cover * white)


def _white(rng: np.random.Generator) -> Float64:
    return _speckled(rng, (0.9, 0.9, 0.88), spread=0.03, contrast=0.01, slope=1.5)


MATERIALS: dict[str, Material] = {
    'wood': Material(1.2, _wood),
    'plaster': Material(3.0, _plaster),
    'paint': Material(1.5, _paint),
    'carpet': Material(1.6, _carpet),
    'floor_tiles': Material(1.2, _floor_tiles),
    'fabric': Material(0.8, _fabric),
    'metal': Material(1.0, _metal),
    'brick': Material(1.0, _brick, is_turned=True),
    'concrete': Material(5.0, _concrete),
    'facade': Material(12.0, _facade, is_turned=True),
    'roof': Material(3.0, _roof),
    'asphalt': Material(6.0, _asphalt),
    'lanes': Material(8.0, _lanes),
    'slabs': Material(2.4, _slabs),
    'grass': Material(3.0, _grass),
    'soil': Material(4.0, _soil),
    'foliage': Material(1.6, _foliage),
    'bark': Material(0.8, _bark),
    'skin': Material(0.5, _skin),
    'glass': Material(1.5, _glass),
    'rubber': Material(0.5, _rubber),
    'books': Material(0.8, _books, is_turned=True),
    'door': Material(2.1, _door),
    'view': Material(1.5, _view, is_turned=True),
    'screen': Material(1.0, _screen, is_turned=True),
    'poster': Material(1.0, _poster),
    'white': Material(1.0, _white),
    'clouds': Material(1.0, _clouds),
}
