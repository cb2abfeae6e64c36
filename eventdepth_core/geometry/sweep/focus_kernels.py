"""
How sharp the votes are, plane by plane, and where along the planes they are sharpest.

With s the votes smoothed by (1 2 1)/4 both ways, the focus of a patch is the sum of s^4 over it:
the sum of s hardly changes from plane to plane, its higher powers are greatest where rays meet.
Edges of one surface share it, so that a patch of them says its depth better than one pixel can.

"""

from typing import Any, Final

from eventdepth_core.compilation import kernel
from eventdepth_core.types import Float32, Float64
import numpy as np
from numpy.typing import NDArray

# rows of what `peaks` writes
PLACE: Final = 0  # planes, with fraction
WIDTH: Final = 1  # planes above half height
SECOND: Final = 2  # greatest height elsewhere over that of the peak
NUM_PEAK: Final = 3


@kernel
def focus(counts: NDArray[np.int16], sums: Float32, sharpest: Float32) -> None:
    """
    Write the focus of each pair of rows and columns, and the most votes of each pixel.

    `counts` (2, planes, H + 2, W + 2) with a border that counts as empty, `sums`
    (planes, ceil(H / 2), ceil(W / 2)), `sharpest` (H, W) of s.

    """
    _, num_planes, rows, columns = counts.shape
    height, width = rows - 2, columns - 2
    across = np.zeros((rows, width), np.float32)
    powers = np.zeros(2 * sums.shape[2], np.float32)
    line = np.zeros(columns, np.float32)
    sharpest[:] = 0.0
    for k in range(num_planes):
        early, late = counts[0, k], counts[1, k]
        for y in range(1, rows - 1):
            smooth_row(early[y], late[y], line, across[y])
        for y in range(height):
            above, here, below = across[y], across[y + 1], across[y + 2]
            most = sharpest[y]
            if y % 2 == 0:
                powers[:] = 0.0
            for x in range(width):
                s = np.float32(0.0625) * (above[x] + np.float32(2.0) * here[x] + below[x])
                most[x] = max(most[x], abs(s))
                powers[x] += (s * s) * (s * s)
            if y % 2 == 1 or y == height - 1:
                row = sums[k, y // 2]
                for x in range(row.size):
                    row[x] = powers[2 * x] + powers[2 * x + 1]


@kernel
def smooth_row(
    early: NDArray[np.int16], late: NDArray[np.int16], line: Float32, across: Float32
) -> None:
    """Write c[x - 1] + 2 c[x] + c[x + 1] of both halves; the ends of the row count as empty."""
    width = across.size
    for x in range(1, width + 1):
        line[x] = np.float32(np.int32(early[x]) + np.int32(late[x]))
    for x in range(width):
        across[x] = line[x] + np.float32(2.0) * line[x + 1] + line[x + 2]


@kernel
def peaks(profiles: Float32, found: Float64) -> None:
    """Write PLACE, WIDTH, SECOND of profiles (n, planes) into `found` (n, NUM_PEAK)."""
    count, num_planes = profiles.shape
    for i in range(count):
        profile = profiles[i]
        best = 0
        total = 0.0
        for k in range(num_planes):
            total += profile[k]
            if profile[k] > profile[best]:
                best = k
        height = float(profile[best])
        mean = total / num_planes
        level = mean + 0.5 * (height - mean)
        low, high = best, best
        while low > 0 and profile[low - 1] > level:
            low -= 1
        while high < num_planes - 1 and profile[high + 1] > level:
            high += 1
        weight, moment = 0.0, 0.0
        for k in range(low, high + 1):
            weight += profile[k] - level
            moment += (profile[k] - level) * (k - best)
        found[i, PLACE] = best + (moment / weight if weight > 0.0 else 0.0)
        found[i, WIDTH] = crossing(profile, high, 1, level) - crossing(profile, low, -1, level)
        second = 0.0
        margin_low, margin_high = 2 * (best - low) + 2, 2 * (high - best) + 2
        for k in range(num_planes):
            if k < best - margin_low or k > best + margin_high:
                second = max(second, float(profile[k]))
        found[i, SECOND] = second / height if height > 0.0 else 1.0


@kernel
def crossing(profile: Float32, last: int, step: int, level: float) -> float:
    """Return where a profile falls below the level between plane `last` and its neighbour."""
    beyond = last + step
    if beyond < 0 or beyond >= profile.size:
        return float(last)
    drop = float(profile[last] - profile[beyond])
    return last + step * (float(profile[last]) - level) / drop if drop > 0.0 else float(last)


@kernel
def votes_near(
    counts: NDArray[np.int16],
    rows: NDArray[np.integer[Any]],
    columns: NDArray[np.integer[Any]],
    planes: NDArray[np.integer[Any]],
    votes: Float32,
) -> None:
    """
    Write the smoothed votes of n pixels, the most of the given plane and its neighbours.

    `votes` (2, n): of the early and of the late half at that plane.

    """
    _, num_planes, _, _ = counts.shape
    for i in range(rows.size):
        most = np.float32(-1.0)
        for k in range(max(planes[i] - 1, 0), min(planes[i] + 2, num_planes)):
            early = smoothed(counts[0, k], rows[i], columns[i])
            late = smoothed(counts[1, k], rows[i], columns[i])
            if abs(early + late) > most:
                most = abs(early + late)
                votes[0, i] = early
                votes[1, i] = late


@kernel
def smoothed(plane: NDArray[np.int16], row: int, column: int) -> np.float32:
    """Return s at one pixel of a plane (H + 2, W + 2); the border counts as empty."""
    total = np.int64(0)
    for v in range(-1, 2):
        for u in range(-1, 2):
            y, x = row + 1 + v, column + 1 + u
            if 0 < y < plane.shape[0] - 1 and 0 < x < plane.shape[1] - 1:
                total += (2 - abs(u)) * (2 - abs(v)) * np.int64(plane[y, x])
    return np.float32(0.0625) * np.float32(total)
