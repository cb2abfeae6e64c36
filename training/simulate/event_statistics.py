"""
What can be said of events without knowing the scene: to compare simulated with real recordings.

A passage is a run of events of one polarity at one pixel with less than 10 ms between them: what
an edge leaves that passes by. An event is alone where no neighbour of its pixel fires within 10
ms before or after. Static pixels are those of the quietest tenth of 8x8 blocks.

Laws: no events give NaN, never an error; the result does not depend on the order of equal times.

"""

from dataclasses import dataclass

import cv2
from eventdepth_core.types import Events, Float32, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.compilation import kernel

PASSAGE_US = 10_000
BLOCK_PX = 8
QUIET_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class EventStatistics:
    """
    Numbers of one recording; `gaps_us` (N,) are the times between events of one pixel.

    `rate_hz`, `alone_hz` and `static_hz` are per pixel and second; `half_share` is the share of
    pixels that make half of the events.

    """

    num_events: int
    rate_hz: float
    on_share: float
    passage_events: float
    alone_hz: float
    static_hz: float
    half_share: float
    gaps_us: NDArray[np.int64]

    def gap_ms(self, quantile: float) -> float:
        """Return a quantile of the times between events of one pixel, ms."""
        return float(np.quantile(self.gaps_us, quantile)) * 1e-3 if self.gaps_us.size else np.nan


def event_statistics(
    events: Events, size: tuple[int, int], *, start_us: int, end_us: int
) -> EventStatistics:
    """Return the statistics of the events in [start_us, end_us) of a (height, width) sensor."""
    inside = events[(events['t'] >= start_us) & (events['t'] < end_us)]
    height, width = size
    pixel_seconds = height * width * (end_us - start_us) * 1e-6
    pixel = inside['y'].astype(np.int64) * width + inside['x']
    counts = np.bincount(pixel, minlength=height * width).reshape(size)
    order = np.lexsort((inside['t'], pixel))
    gaps_us = np.diff(inside['t'][order])
    is_same = np.diff(pixel[order]) == 0
    goes_on = is_same & (np.diff(inside['p'][order]) == 0) & (gaps_us < PASSAGE_US)
    num_passages = len(inside) - int(goes_on.sum())
    return EventStatistics(
        num_events=len(inside),
        rate_hz=len(inside) / pixel_seconds,
        on_share=float((inside['p'] > 0).mean()) if len(inside) else np.nan,
        passage_events=len(inside) / num_passages if num_passages else np.nan,
        alone_hz=_num_alone(inside, size) / pixel_seconds,
        static_hz=_quiet_rate(counts, (end_us - start_us) * 1e-6),
        half_share=_half_share(counts),
        gaps_us=gaps_us[is_same],
    )


def gap_distance(one: EventStatistics, other: EventStatistics) -> float:
    """Return the Kolmogorov-Smirnov distance of the times between events of one pixel."""
    if not (one.gaps_us.size and other.gaps_us.size):
        return np.nan
    both = np.concatenate([one.gaps_us, other.gaps_us])
    shares = [
        np.searchsorted(np.sort(each.gaps_us), both, side='right') / each.gaps_us.size
        for each in (one, other)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def signed_counts(events: Events, size: tuple[int, int], edges_us: NDArray[np.int64]) -> Float32:
    """Return the sum of polarities (B, H, W) of each pixel between consecutive times."""
    grid = np.zeros((len(edges_us) - 1, *size), dtype=np.float32)
    time_bin = np.searchsorted(edges_us, events['t'], side='right') - 1
    inside = (time_bin >= 0) & (time_bin < len(grid))
    kept = events[inside]
    np.add.at(grid, (time_bin[inside], kept['y'], kept['x']), kept['p'])
    return grid


def correlation(one: Float32, other: Float32, *, sigma_px: float = 0.0) -> float:
    """Return Pearson's correlation of two grids (B, H, W), blurred in space where asked for."""
    grids = [_blurred(grid, sigma_px).ravel().astype(np.float64) for grid in (one, other)]
    spread = grids[0].std() * grids[1].std()
    if spread == 0:
        return np.nan
    return float(((grids[0] - grids[0].mean()) * (grids[1] - grids[1].mean())).mean() / spread)


def _blurred(grid: Float32, sigma_px: float) -> Float32:
    if sigma_px == 0:
        return grid
    return np.stack([cv2.GaussianBlur(plane, (0, 0), sigma_px) for plane in grid])


def _quiet_rate(counts: NDArray[np.int64], seconds: float) -> float:
    height, width = (side // BLOCK_PX * BLOCK_PX for side in counts.shape)
    blocks = counts[:height, :width].reshape(height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, -1)
    rates: Float64 = np.sort(blocks.mean(axis=(1, 3)).ravel() / seconds)
    return float(rates[: max(1, round(QUIET_SHARE * len(rates)))].mean()) if len(rates) else np.nan


def _half_share(counts: NDArray[np.int64]) -> float:
    ranked = np.cumsum(np.sort(counts.ravel())[::-1])
    if ranked.size == 0 or ranked[-1] == 0:
        return np.nan
    return float((np.searchsorted(ranked, 0.5 * ranked[-1]) + 1) / ranked.size)


def _num_alone(events: Events, size: tuple[int, int]) -> int:
    t = events['t'].astype(np.int64)
    x, y = events['x'].astype(np.int64) + 1, events['y'].astype(np.int64) + 1
    alone = np.ones(len(t), dtype=np.uint8)
    padded = (size[0] + 2, size[1] + 2)
    for seen_t, rows, columns, flags in (
        (t, y, x, alone),
        (-t[::-1], y[::-1], x[::-1], alone[::-1]),
    ):
        latest = np.full(padded, -(2**60), dtype=np.int64)
        _mark_company(seen_t, rows, columns, latest, flags)
    return int(alone.sum())


@kernel
def _mark_company(
    t: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    latest: NDArray[np.int64],
    alone: NDArray[np.uint8],
) -> None:
    for i in range(t.shape[0]):
        row, column = rows[i], columns[i]
        for y in range(row - 1, row + 2):
            for x in range(column - 1, column + 2):
                if (y != row or x != column) and t[i] - latest[y, x] <= PASSAGE_US:
                    alone[i] = 0
        latest[row, column] = t[i]
