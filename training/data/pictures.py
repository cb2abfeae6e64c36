"""
Transforms of a picture and its depth together: crops, scales, turns, and the views of S2.

Laws: picture and depth share every random number; the picture is sampled bilinearly, depth takes
the nearest pixel and is never mixed over an edge; scaling by s as in FastDepth divides depth by
s, because the scene then looks s times as near; a crop that is resized (the views) leaves depth
alone, so that losses on it must not depend on scale.

"""

from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.types import Float32, UInt8
import numpy as np

Recipe: TypeAlias = Literal['fastdepth', 'sparse_to_dense']

CROP = (228, 304)
FASTDEPTH_SIZE = (224, 224)
EVAL_HEIGHT: dict[Recipe, int] = {'fastdepth': 250, 'sparse_to_dense': 240}
TRAIN_HEIGHT = 250
MAX_SCALE = 1.5
MAX_TURN_DEG = 5.0
JITTER = 0.4
GLOBAL_VIEWS = (2, 224, (0.4, 1.0))
LOCAL_VIEWS = (4, 96, (0.05, 0.4))
RATIO = (3 / 4, 4 / 3)
TRIES = 10


@dataclass(frozen=True, slots=True, eq=False)
class DepthPicture:
    """`image` uint8 (H, W, 3) and its `depth_m` float32 (H, W), NaN = none."""

    image: UInt8
    depth_m: Float32

    def __post_init__(self) -> None:
        if self.image.shape[:2] != self.depth_m.shape:
            raise InputError(
                f'Expected an image and depth of one size, got {self.image.shape} and '
                f'{self.depth_m.shape}.'
            )

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return int(self.depth_m.shape[0]), int(self.depth_m.shape[1])


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels."""

    top: int
    left: int
    height: int
    width: int


def cropped(picture: DepthPicture, box: Box) -> DepthPicture:
    """
    Return the part of a picture inside a box.

    Raises
    ------
    InputError
        For a box that reaches beyond the picture.

    """
    bottom, right = box.top + box.height, box.left + box.width
    if min(box.top, box.left) < 0 or bottom > picture.size[0] or right > picture.size[1]:
        raise InputError(f'Expected a box inside {picture.size}, got {box}.')
    rows, columns = slice(box.top, bottom), slice(box.left, right)
    return DepthPicture(picture.image[rows, columns], picture.depth_m[rows, columns])


def centre_cropped(picture: DepthPicture, size: tuple[int, int]) -> DepthPicture:
    """Return the middle (height, width) of a picture; what is left over is split evenly."""
    top, left = ((own - wanted) // 2 for own, wanted in zip(picture.size, size, strict=True))
    return cropped(picture, Box(top, left, *size))


def bottom_cropped(picture: DepthPicture, size: tuple[int, int] = (352, 1216)) -> DepthPicture:
    """Return the bottom (height, width), centred in x: KITTI's crop of depth completion."""
    top, left = picture.size[0] - size[0], (picture.size[1] - size[1]) // 2
    return cropped(picture, Box(top, left, *size))


def resized(picture: DepthPicture, size: tuple[int, int]) -> DepthPicture:
    """Return a picture of (height, width): bilinear, depth the nearest."""
    shape = (size[1], size[0])
    image = cv2.resize(picture.image, shape, interpolation=cv2.INTER_LINEAR)
    depth_m = cv2.resize(picture.depth_m, shape, interpolation=cv2.INTER_NEAREST_EXACT)
    return DepthPicture(np.asarray(image, np.uint8), np.asarray(depth_m, np.float32))


def of_height(picture: DepthPicture, height: int) -> DepthPicture:
    """Return a picture of a height, its sides in the same proportion."""
    width = int(picture.size[1] * height / picture.size[0])
    return resized(picture, (height, width))


def scaled(picture: DepthPicture, scale: float) -> DepthPicture:
    """Return a picture magnified by `scale`, its depth divided by it."""
    height, width = (int(side * scale) for side in picture.size)
    large = resized(picture, (height, width))
    return DepthPicture(large.image, large.depth_m / np.float32(scale))


def turned(picture: DepthPicture, angle_deg: float) -> DepthPicture:
    """Return a picture turned about its middle; corners become black and depth NaN."""
    height, width = picture.size
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle_deg, 1.0)
    shape = (width, height)
    image = cv2.warpAffine(picture.image, matrix, shape, flags=cv2.INTER_LINEAR)
    depth_m = cv2.warpAffine(
        picture.depth_m, matrix, shape, flags=cv2.INTER_NEAREST, borderValue=float('nan')
    )
    return DepthPicture(np.asarray(image, np.uint8), np.asarray(depth_m, np.float32))


def mirrored(picture: DepthPicture) -> DepthPicture:
    """Return a picture with left and right exchanged."""
    image, depth_m = picture.image[:, ::-1], picture.depth_m[:, ::-1]
    return DepthPicture(np.ascontiguousarray(image), np.ascontiguousarray(depth_m))


def jittered(rng: np.random.Generator, image: UInt8, strength: float = JITTER) -> UInt8:
    """Return an image with brightness, contrast and saturation changed, in random order."""
    colour = image.astype(np.float32)
    for kind in rng.permutation(3):
        factor = np.float32(rng.uniform(max(0.0, 1 - strength), 1 + strength))
        if kind == 0:
            colour = colour * factor
        else:
            grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
            anchor = grey.mean() if kind == 1 else grey[..., None]
            colour = anchor + (colour - anchor) * factor
        colour = np.clip(colour, 0, 255)
    return np.rint(colour).astype(np.uint8)


def eval_picture(picture: DepthPicture, recipe: Recipe = 'fastdepth') -> DepthPicture:
    """
    Return a picture as FastDepth or sparse-to-dense evaluate it.

    Both bring it to a height (250, 240) and take the middle 228 x 304; FastDepth then resizes to
    224 x 224, which changes the proportions.

    """
    middle = centre_cropped(of_height(picture, EVAL_HEIGHT[recipe]), CROP)
    return resized(middle, FASTDEPTH_SIZE) if recipe == 'fastdepth' else middle


def train_picture(
    rng: np.random.Generator, picture: DepthPicture, recipe: Recipe = 'fastdepth'
) -> DepthPicture:
    """
    Return a picture as FastDepth or sparse-to-dense train on it.

    Height 250, turned by up to 5 deg, magnified 1-1.5 times (depth divided), the middle 228 x
    304, 224 x 224 for FastDepth, mirrored half of the time, colours jittered by 0.4.

    """
    scale = rng.uniform(1.0, MAX_SCALE)
    angle_deg = rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG)
    is_mirrored = rng.random() < 0.5
    large = scaled(turned(of_height(picture, TRAIN_HEIGHT), angle_deg), scale)
    middle = centre_cropped(large, CROP)
    if recipe == 'fastdepth':
        middle = resized(middle, FASTDEPTH_SIZE)
    if is_mirrored:
        middle = mirrored(middle)
    return DepthPicture(jittered(rng, middle.image), middle.depth_m)


def random_box(rng: np.random.Generator, size: tuple[int, int], area: tuple[float, float]) -> Box:
    """
    Return a random box of a share of the area, 3:4 to 4:3 in proportion.

    Where none fits after ten draws it is the largest middle part of an allowed proportion.

    """
    height, width = size
    for _ in range(TRIES):
        pixels = height * width * rng.uniform(*area)
        ratio = math.exp(rng.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        box_height, box_width = round(math.sqrt(pixels / ratio)), round(math.sqrt(pixels * ratio))
        if 0 < box_height <= height and 0 < box_width <= width:
            top = int(rng.integers(height - box_height + 1))
            left = int(rng.integers(width - box_width + 1))
            return Box(top, left, box_height, box_width)
    box_height = min(height, round(width / RATIO[0]))
    box_width = min(width, round(height * RATIO[1]))
    return Box((height - box_height) // 2, (width - box_width) // 2, box_height, box_width)


def six_views(rng: np.random.Generator, picture: DepthPicture) -> tuple[DepthPicture, ...]:
    """
    Return the views of one picture: two global of 224 x 224, then four local of 96 x 96.

    A global view covers 0.4-1 of the area, a local one 0.05-0.4; each is mirrored half of the
    time, image and depth alike.

    """
    views = []
    for count, side, area in (GLOBAL_VIEWS, LOCAL_VIEWS):
        for _ in range(count):
            view = cropped(picture, random_box(rng, picture.size, area))
            view = resized(view, (side, side))
            views.append(mirrored(view) if rng.random() < 0.5 else view)
    return tuple(views)
