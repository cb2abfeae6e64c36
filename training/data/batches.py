"""
Samples -> batches of network inputs, through the same preparation as at run time.

`LayoutBatch` lives on the layout grid, `CompletionBatch` on the sensor grid or a part of it. All
logs are canonical: log depth minus log(f_grid / f_canonical).

"""

from collections.abc import Callable
from dataclasses import dataclass, replace
import math
import queue
import threading
from typing import Generic, Protocol, TypeVar

from eventdepth_core.bundle import GridSize, SensorSize
from eventdepth_core.geometry.prefill import prefill
from eventdepth_core.preparation import (
    event_guide,
    grid_events,
    grid_image,
    grid_points,
    image_guide,
    layout_grid,
    LayoutGrid,
    point_channels,
    reduced_sigma,
    reduced_sparse,
    sensor_grid,
    SensorGrid,
    with_sigma,
)
from eventdepth_core.types import Bool, Float32
import numpy as np
from numpy.typing import NDArray
import torch
from training.data.augment import augmented, corrupted, Example
from training.data.placement import Box, Placement
from training.data.points import CLEAN, PointNoise, random_noise, random_pattern, sparse_depth
from training.simulate.swept_shards import SweptSet

CANONICAL_FOCAL_PX = 100.0
GRID = GridSize(pixels=5120, multiple=16)
SENSOR = SensorSize(multiple=16, max_pixels=500000)
DEPTH_RANGE_M = (0.1, 200.0)
QUEUE_LENGTH = 6
POLL_S = 0.002

BatchT = TypeVar('BatchT')


class Samples(Protocol):
    """What a sample set must offer; see `training.simulate.loader`."""

    voxel: NDArray[np.int8]
    image: NDArray[np.uint8]
    log_depth: NDArray[np.float16]
    focal_px: NDArray[np.float32]
    family: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LayoutBatch:
    """
    Inputs and target on the layout grid.

    `events` (B, 5, h, w), `image` (B, 3, h, w), `points` (B, 4, h, w), `present` (3, B),
    `target` (B, 1, h, w) canonical log depth with NaN replaced by 0, `valid` bool like it.

    """

    events: torch.Tensor
    image: torch.Tensor
    points: torch.Tensor
    present: torch.Tensor
    target: torch.Tensor
    valid: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class CompletionBatch:
    """
    Inputs and target at sensor resolution (H, W), and the layout batch of the same samples.

    `placement` says where the planes lie on the layout grid of the whole frame.

    """

    prefill: torch.Tensor
    events: torch.Tensor
    image: torch.Tensor
    present: torch.Tensor
    target: torch.Tensor
    valid: torch.Tensor
    layout: LayoutBatch
    placement: Placement


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One prepared sample, numpy, before stacking; sensor-resolution fields may be None."""

    events: Float32
    image: Float32
    points: Float32
    present: Float32
    target: Float32
    prefill: Float32 | None = None
    event_guide: Float32 | None = None
    image_guide: Float32 | None = None
    sensor_target: Float32 | None = None
    box: Box | None = None
    grids: tuple[LayoutGrid, SensorGrid] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """
    Points of one sample: `mask` bool (H, W) says where they are drawn, `noise` how well.

    `sparse_m` float32 (H, W) are points that were really measured; nothing is drawn then.
    `sigma_log` float32 (H, W) is that of their logs, where every point has its own.

    """

    mask: Bool
    noise: PointNoise = CLEAN
    sparse_m: Float32 | None = None
    sigma_log: Float32 | None = None


def example_at(samples: Samples, index: int) -> Example:
    """Unpack sample `index`, with its swept points where it has some."""
    log_depth = samples.log_depth[index].astype(np.float32)
    swept: dict[str, Float32] = {}
    if isinstance(samples, SweptSet):
        sparse_m = np.exp(samples.swept_log_depth[index].astype(np.float32))
        inside = (sparse_m >= DEPTH_RANGE_M[0]) & (sparse_m <= DEPTH_RANGE_M[1])
        sigma_log = samples.swept_sigma_log[index].astype(np.float32)
        swept['sparse_m'] = np.where(inside, sparse_m, np.float32(np.nan))
        swept['sigma_log'] = np.where(inside, sigma_log, np.float32(np.nan))
    return Example(
        voxel=samples.voxel[index].astype(np.float32) / np.float32(8),
        image=samples.image[index],
        log_depth=np.where(np.isfinite(log_depth), log_depth, np.float32(np.nan)),
        focal_px=float(samples.focal_px[index]),
        **swept,
    )


def training_example(rng: np.random.Generator, samples: Samples) -> Example:
    """Draw, augment and sometimes corrupt one sample."""
    index, other = rng.integers(len(samples.focal_px), size=2)
    example = augmented(rng, example_at(samples, int(index)))
    return corrupted(rng, example, example_at(samples, int(other)))


def log_shift(grid: LayoutGrid, focal_px: float) -> float:
    """Return log(f_grid / f_canonical) for a camera of `focal_px` at sensor resolution."""
    return math.log(focal_px * grid.scale / CANONICAL_FOCAL_PX)


def layout_row(
    rng: np.random.Generator,
    example: Example,
    present: Float32,
    measurement: Measurement | None,
    *,
    with_sensor_grid: bool = False,
) -> Row:
    """
    Prepare one sample for the layout grid and, on demand, for the sensor grid.

    `present` is float32 (3,); points are only drawn when `present[2]` is set, with a random
    pattern and noise where `measurement` is None.

    """
    size = example.log_depth.shape
    grid, sensor = layout_grid(size, GRID), sensor_grid(size, SENSOR)
    shift = log_shift(grid, example.focal_px)
    channels = np.zeros((4, sensor.content_height, sensor.content_width), dtype=np.float32)
    marked = channels
    if present[2]:
        sparse_m, sigma_log = _sparse(rng, example, measurement)
        reduced_m = reduced_sparse(sparse_m, sensor)
        marked = channels = point_channels(prefill(reduced_m), shift)
        if sigma_log is not None:
            marked = with_sigma(channels, reduced_sigma(sigma_log, sparse_m, reduced_m, sensor))
    guide = image_guide(example.image)
    row = Row(
        events=grid_events(example.voxel, grid)[0],
        image=grid_image(guide, grid)[0],
        points=grid_points(channels, grid)[0],
        present=present,
        target=_grid_target(example.log_depth, grid) - np.float32(shift),
    )
    if not with_sensor_grid:
        return row
    target = example.log_depth - np.float32(shift)
    return replace(
        row,
        prefill=np.stack([sensor.fit(plane, pad=None) for plane in marked]),
        event_guide=np.stack([sensor.fit(plane) for plane in event_guide(example.voxel)]),
        image_guide=np.stack([sensor.fit(plane) for plane in guide]),
        sensor_target=sensor.fit(target, pad=np.nan),
        box=Box(0, 0, sensor.height, sensor.width),
        grids=(grid, sensor),
    )


def cropped(row: Row, box: Box) -> Row:
    """Cut the sensor-grid planes of a row to `box`; the layout still sees the whole frame."""
    return replace(
        row,
        prefill=box.cut(_present(row.prefill)),
        event_guide=box.cut(_present(row.event_guide)),
        image_guide=box.cut(_present(row.image_guide)),
        sensor_target=box.cut(_present(row.sensor_target)),
        box=box,
    )


def layout_batch(rows: list[Row], device: torch.device) -> LayoutBatch:
    """Stack prepared rows on `device`."""
    target = np.stack([row.target for row in rows])[:, None]  # (B, 1, h, w)
    return LayoutBatch(
        events=_tensor([row.events for row in rows], device),
        image=_tensor([row.image for row in rows], device),
        points=_tensor([row.points for row in rows], device),
        present=_tensor([row.present for row in rows], device).T.contiguous(),
        target=torch.from_numpy(np.nan_to_num(target)).to(device),
        valid=torch.from_numpy(np.isfinite(target)).to(device),
    )


def completion_batch(rows: list[Row], device: torch.device) -> CompletionBatch:
    """Stack rows of one size that were prepared `with_sensor_grid`."""
    target = np.stack([_present(row.sensor_target) for row in rows])[:, None]
    layout = layout_batch(rows, device)
    return CompletionBatch(
        prefill=_tensor([_present(row.prefill) for row in rows], device),
        events=_tensor([_present(row.event_guide) for row in rows], device),
        image=_tensor([_present(row.image_guide) for row in rows], device),
        present=layout.present,
        target=torch.from_numpy(np.nan_to_num(target)).to(device),
        valid=torch.from_numpy(np.isfinite(target)).to(device),
        layout=layout,
        placement=_placement(rows),
    )


class Prefetcher(Generic[BatchT]):
    """
    Makes batches ahead in one thread; at most `QUEUE_LENGTH` wait, none is dropped.

    An error of the maker is raised again in the consumer.

    """

    def __init__(self, make: Callable[[], BatchT]) -> None:
        self._make = make
        self._queue: queue.Queue[BatchT | Exception] = queue.Queue(QUEUE_LENGTH)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __next__(self) -> BatchT:
        """Return the next batch."""
        batch = self._queue.get()
        if isinstance(batch, Exception):
            raise batch
        return batch

    def close(self) -> None:
        """Stop the thread."""
        self._stopped.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                batch: BatchT | Exception = self._make()
            except Exception as error:  # noqa: BLE001 - handed to the consumer, who raises it
                batch = error
            while self._queue.full() and not self._stopped.is_set():
                self._stopped.wait(POLL_S)
            if not self._stopped.is_set():
                self._queue.put_nowait(batch)


def _grid_target(log_depth: Float32, grid: LayoutGrid) -> Float32:
    known = np.isfinite(log_depth)
    weight = grid.fit(known.astype(np.float32))
    total = grid.fit(np.where(known, log_depth, np.float32(0)))
    mean = total / np.maximum(weight, 1e-6)
    return np.where(weight > 0.5, mean, np.nan).astype(np.float32)


def _tensor(arrays: list[Float32], device: torch.device) -> torch.Tensor:
    stacked = torch.from_numpy(np.stack(arrays))
    if stacked.ndim == 4:
        stacked = stacked.contiguous(memory_format=torch.channels_last)
    return stacked.to(device)


def _sparse(
    rng: np.random.Generator, example: Example, measurement: Measurement | None
) -> tuple[Float32, Float32 | None]:
    """Return the points of a sample in metres and their sigma, where they have their own."""
    if measurement is None:
        mask = random_pattern(rng, example.log_depth.shape)
        measurement = Measurement(mask, random_noise(rng))
    if measurement.sparse_m is not None:
        return measurement.sparse_m, measurement.sigma_log
    return sparse_depth(rng, example.log_depth, measurement.mask, measurement.noise), None


def _placement(rows: list[Row]) -> Placement:
    boxes, grids = [row.box for row in rows], rows[0].grids
    if grids is None or None in boxes:
        message = 'Expected rows prepared with_sensor_grid, got one for the layout grid only.'
        raise ValueError(message)
    return Placement(*grids, tuple(box for box in boxes if box is not None))


def _present(plane: Float32 | None) -> Float32:
    if plane is None:
        message = 'Expected a row prepared with_sensor_grid, got one for the layout grid only.'
        raise ValueError(message)
    return plane
