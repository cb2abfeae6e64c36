"""
The samples of one split as one indexed sequence of `Example`s, over all its stores.

Laws: index i is the same sample in every process; two samples of one batch have one size;
`available` says which sensors gave something, so that an absent one is left out and never
learned from.

"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventdepth_core.types import Bool, Float32
import numpy as np
from numpy.typing import NDArray
from training.data.augment import Example
from training.sequences.store import SampleStore

NUM_BINS = 5


@dataclass(frozen=True, slots=True)
class SampleName:
    """Which sample it is: the sequence and the stamp in µs."""

    sequence: str
    stamp_us: int


class SampleSet:
    """Samples of named stores; `sizes` int64 (n,) numbers the different sizes among them."""

    def __init__(self, stores: Sequence[tuple[str, SampleStore]]) -> None:
        self.stores = tuple(stores)
        self._starts = np.cumsum([0, *(len(store) for _, store in stores)])
        self.available: Bool = np.concatenate(
            [np.zeros((0, 3), dtype=np.bool_), *(store.has for _, store in stores)]
        )
        known = sorted({store.size for _, store in stores})
        self.sizes: NDArray[np.int64] = np.concatenate(
            [
                np.zeros(0, dtype=np.int64),
                *(np.full(len(store), known.index(store.size)) for _, store in stores),
            ]
        )

    def __len__(self) -> int:
        return int(self._starts[-1])

    def example(self, index: int) -> Example:
        """Return sample `index`; what a sensor did not give is zeros (see `available`)."""
        store, row = self._place(index)
        sample = store.sample(row)
        height, width = sample.depth_m.shape
        voxel, image = sample.voxel, sample.image
        if voxel is None:
            voxel = np.zeros((NUM_BINS, height, width), dtype=np.float32)
        if image is None:
            image = np.zeros((height, width, 3), dtype=np.uint8)
        return Example(
            voxel=voxel,
            image=image,
            log_depth=np.log(sample.depth_m),
            focal_px=sample.focal_px,
            sparse_m=sample.sparse_m,
        )

    def name(self, index: int) -> SampleName:
        """Return the sequence and the stamp of sample `index`."""
        position = self._position(index)
        name, store = self.stores[position]
        return SampleName(name, int(store.stamps_us[index - self._starts[position]]))

    def depth_m(self, index: int) -> Float32:
        """Return the target of sample `index`, float32 (H, W) metres, NaN = unknown."""
        store, row = self._place(index)
        return store.sample(row).depth_m

    def of_size(self, index: int) -> NDArray[np.int64]:
        """Return the indices of all samples of the size of sample `index`."""
        return np.flatnonzero(self.sizes == self.sizes[index])

    def spread(self, count: int) -> list[int]:
        """Return at most `count` indices, evenly over the whole set."""
        chosen = np.linspace(0, len(self) - 1, min(count, len(self)))
        return [int(index) for index in np.round(chosen)]

    def _position(self, index: int) -> int:
        return int(np.searchsorted(self._starts, index, side='right')) - 1

    def _place(self, index: int) -> tuple[SampleStore, int]:
        position = self._position(index)
        return self.stores[position][1], int(index - self._starts[position])
