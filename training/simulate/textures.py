"""
Textures: photo crops, fractal noise, patterns and flat colours, with mip levels for the caster.

Every texture is a tile of 256 x 256 texels that repeats; level k has 256 >> k texels a side.
Laws: reflectance lies in [0.02, 1]; the luma plane is .3 R + .59 G + .11 B of the colour plane.

"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

import cv2
from eventdepth_core.types import Float32, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.photos import load_photos, Split

TILE = 256
NUM_LEVELS = 8
MIN_REFLECTANCE = 0.02
LUMA_WEIGHTS = np.array([0.3, 0.59, 0.11], dtype=np.float32)

TextureMode: TypeAlias = Literal['mixed', 'photo', 'procedural', 'flat']
TEXTURE_MODES: tuple[TextureMode, ...] = ('mixed', 'photo', 'procedural', 'flat')
TEXTURE_MODE_SHARES: tuple[float, ...] = (0.55, 0.20, 0.15, 0.10)

_PHOTOS, _NOISES, _PATTERNS, _FLATS = 36, 16, 8, 8


class TexturePlanes(NamedTuple):
    """
    Mip levels of all textures, one after the other in a row.

    `luma` uint16 (n, texels) in 1/65535; `colour` uint8 (n, texels, 3) RGB in 1/255.

    """

    luma: NDArray[np.uint16]
    colour: UInt8


@dataclass(frozen=True, slots=True, eq=False)
class TexturePool:
    """
    A set of textures and, for each mode, the indices of those it may use.

    `by_material` is empty but in the pools of worlds.

    """

    planes: TexturePlanes
    by_mode: dict[TextureMode, NDArray[np.int64]]
    by_material: dict[str, NDArray[np.int64]] = field(default_factory=dict)


def texture_pool(rng: np.random.Generator, split: Split) -> TexturePool:
    """Draw 68 textures; the photos are those of the split."""
    photos = load_photos(split)
    tiles = [_photo_tile(rng, photos) for _ in range(_PHOTOS)]
    tiles += [_noise_tile(rng) for _ in range(_NOISES)]
    tiles += [_pattern_tile(rng) for _ in range(_PATTERNS)]
    tiles += [_flat_tile(rng) for _ in range(_FLATS)]
    every = np.arange(len(tiles))
    procedural = every[_PHOTOS : _PHOTOS + _NOISES + _PATTERNS]
    flat = every[-_FLATS:]
    return TexturePool(
        planes=texture_planes(tiles),
        by_mode={
            'mixed': every,
            'photo': every[:_PHOTOS],
            'procedural': procedural,
            'flat': np.concatenate([flat, flat, procedural[-3:]]),
        },
    )


def texture_planes(tiles: list[Float32]) -> TexturePlanes:
    """Return the mip levels of `tiles`, each float32 (256, 256, 3) reflectance."""
    rows = np.stack([_mip_levels(tile) for tile in tiles])
    luma = np.round(rows @ LUMA_WEIGHTS * 65535.0).astype(np.uint16)
    colour = np.round(rows * 255.0).astype(np.uint8)
    return TexturePlanes(luma, colour)


def level_offsets() -> NDArray[np.int64]:
    """Return where each mip level starts in a row of texels, int64 (NUM_LEVELS,)."""
    sizes = [(TILE >> level) ** 2 for level in range(NUM_LEVELS)]
    return np.cumsum([0, *sizes[:-1]]).astype(np.int64)


def _mip_levels(tile: Float32) -> Float32:
    levels = []
    for _ in range(NUM_LEVELS):
        levels.append(tile.reshape(-1, 3))
        rows = tile[::2] + tile[1::2]
        tile = np.float32(0.25) * (rows[:, ::2] + rows[:, 1::2])
    return np.concatenate(levels)


def _photo_tile(rng: np.random.Generator, photos: tuple[Float32, ...]) -> Float32:
    photo = photos[rng.integers(len(photos))]
    height, width = photo.shape[:2]
    side = int(min(height, width) * rng.uniform(0.3, 1.0))
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    crop = photo[top : top + side, left : left + side]
    tile = cv2.resize(crop, (TILE, TILE), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        tile = tile[:, ::-1]
    if rng.random() < 0.3:
        tile = tile.transpose(1, 0, 2)
    toned = np.power(np.clip(tile, 0.0, 1.0), rng.uniform(0.6, 1.6))
    return _reflectance(toned[..., rng.permutation(3)])


def _noise_tile(rng: np.random.Generator) -> Float32:
    slope, stretch = rng.uniform(0.6, 2.0), rng.uniform(0.3, 3.0)
    rows, columns = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None]
    amplitude = (np.sqrt(stretch * columns**2 + rows**2) + 1.0 / TILE) ** -slope
    shared = rng.standard_normal((TILE, TILE))
    tile = np.empty((TILE, TILE, 3))
    for channel in range(3):
        white = 0.8 * shared + 0.3 * rng.standard_normal((TILE, TILE))
        cloud = np.fft.irfft2(np.fft.rfft2(white) * amplitude, s=(TILE, TILE))
        tile[..., channel] = (cloud - cloud.mean()) / (cloud.std() + 1e-6)
    contrast = rng.integers(4)
    if contrast == 1:
        tile = np.tanh(4.0 * tile)
    if contrast == 2:
        tile = np.round(1.5 * tile) / 1.5
    return _reflectance(0.5 + 0.2 * tile)


def _pattern_tile(rng: np.random.Generator) -> Float32:
    y, x = np.mgrid[:TILE, :TILE]
    period = int(rng.choice([8, 16, 32, 64]))
    masks = (
        (x // period + y // period) % 2 == 1,
        (x // period) % 2 == 1,
        ((x + y // period % 2 * period) % (2 * period) < 3) | (y % period < 3),
        (x % period < 2) | (y % period < 2),
        (x % period - period / 2) ** 2 + (y % period - period / 2) ** 2 < (period / 3) ** 2,
    )
    mask = masks[rng.integers(len(masks))]
    dark, bright = rng.uniform(0.05, 0.95, (2, 3))
    grain = 0.05 * rng.standard_normal((TILE, TILE, 1))
    return _reflectance(np.where(mask[..., None], dark, bright) + grain)


def _flat_tile(rng: np.random.Generator) -> Float32:
    slope = np.abs(np.linspace(-1.0, 1.0, TILE))[:, None, None] * rng.uniform(-0.3, 0.3)
    grain = 0.01 * rng.standard_normal((TILE, TILE, 1))
    return _reflectance(rng.uniform(0.1, 0.9, 3) + slope + grain)


def _reflectance(tile: NDArray[np.float64] | Float32) -> Float32:
    clipped: Float32 = np.clip(tile, MIN_REFLECTANCE, 1.0).astype(np.float32)
    return clipped
