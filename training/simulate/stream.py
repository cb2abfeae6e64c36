"""
Read the shards of a split sample by sample, both formats, without loading them all.

Laws: each sample comes once a pass; parts of a stream are disjoint and together the whole; with a
generator the order is mixed, by shard and in a buffer, and is a function of that generator.

"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.errors import RecordingError
import numpy as np
from training.simulate.loader import read_shard, shard_paths
from training.simulate.photos import Split
from training.simulate.shards import SampleSet

DEFAULT_BUFFER = 500


@dataclass(frozen=True, slots=True)
class ShardStream:
    """
    The samples of `folder / split`, as sets of one.

    At most `buffer` samples wait to be mixed, 0.2 MB each.

    Raises
    ------
    RecordingError
        While reading: without finished shards, for one that is broken.

    """

    folder: Path
    split: Split
    buffer: int = DEFAULT_BUFFER

    def samples(
        self, rng: np.random.Generator | None = None, *, part: int = 0, num_parts: int = 1
    ) -> Iterator[SampleSet]:
        """Yield the samples of one pass; of `num_parts` streams the `part`-th, by whole shards."""
        paths = shard_paths(self.folder, self.split)
        if not paths:
            raise RecordingError(
                f'Expected finished shards in {self.folder / self.split}, got none.'
            )
        if rng is None:
            yield from _all_of(paths[part::num_parts])
            return
        order = rng.permutation(len(paths))[part::num_parts]
        yield from _mixed(_all_of([paths[i] for i in order]), rng, self.buffer)


def _all_of(paths: list[Path]) -> Iterator[SampleSet]:
    for path in paths:
        yield from read_shard(path)


def _mixed(
    samples: Iterable[SampleSet], rng: np.random.Generator, buffer: int
) -> Iterator[SampleSet]:
    """Yield a random one of the waiting samples whenever one more than `buffer` wait."""
    waiting: list[SampleSet] = []
    for sample in samples:
        waiting.append(sample)
        if len(waiting) > buffer:
            chosen = int(rng.integers(len(waiting)))
            waiting[chosen], waiting[-1] = waiting[-1], waiting[chosen]
            yield waiting.pop()
    for i in rng.permutation(len(waiting)):
        yield waiting[i]
