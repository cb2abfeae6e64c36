"""
The parts of an image that a protocol counts, in the three ways in which protocols say it.

Law: a crop never reaches outside the image, and one of an empty image is empty.

"""

from dataclasses import dataclass
from typing import TypeAlias

Window: TypeAlias = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class FractionCrop:
    """Rows and columns as parts of an image of size `of` (1 x 1: fractions), truncated."""

    top: float
    bottom: float
    left: float
    right: float
    of: tuple[float, float] = (1.0, 1.0)

    def window(self, size: tuple[int, int]) -> Window:
        """Return the rows and columns of an image of that (height, width)."""
        height, width = size
        of_height, of_width = self.of
        return (
            slice(int(self.top * height / of_height), int(self.bottom * height / of_height)),
            slice(int(self.left * width / of_width), int(self.right * width / of_width)),
        )


@dataclass(frozen=True, slots=True)
class PixelCrop:
    """Rows and columns in pixels, half-open; None reaches to the end."""

    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None

    def window(self, size: tuple[int, int]) -> Window:
        """Return the rows and columns of an image of that (height, width)."""
        height, width = size
        bottom = height if self.bottom is None else min(self.bottom, height)
        right = width if self.right is None else min(self.right, width)
        return slice(self.top, bottom), slice(self.left, right)


@dataclass(frozen=True, slots=True)
class BottomCentreCrop:
    """The lowest `height` rows and the middle `width` columns, pixels, as at KITTI."""

    height: int
    width: int

    def window(self, size: tuple[int, int]) -> Window:
        """Return the rows and columns of an image of that (height, width)."""
        top, left = max(0, size[0] - self.height), max(0, (size[1] - self.width) // 2)
        return slice(top, size[0]), slice(left, min(left + self.width, size[1]))


Crop: TypeAlias = FractionCrop | PixelCrop | BottomCentreCrop


def cropped_window(crops: tuple[Crop, ...], size: tuple[int, int]) -> Window:
    """Return rows and columns left by crops that follow one another, each within the last."""
    rows, columns = slice(0, size[0]), slice(0, size[1])
    for crop in crops:
        inner_rows, inner_columns = crop.window(
            (max(0, rows.stop - rows.start), max(0, columns.stop - columns.start))
        )
        rows = slice(rows.start + inner_rows.start, rows.start + inner_rows.stop)
        columns = slice(columns.start + inner_columns.start, columns.start + inner_columns.stop)
    return rows, columns
