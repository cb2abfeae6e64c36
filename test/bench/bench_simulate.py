"""
Samples per second of the simulator on one core: `python test/bench/bench_simulate.py [--num N]`.

Prints, for tile lists and for brute force, median and inter-quartile range of the samples per
second over blocks, on one thread.

"""

import argparse
import os
import time

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')

import numba
import numpy as np
from rich.console import Console
from training.simulate import sample as sample_module
from training.simulate.sample import random_sample
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_pool

_BLOCKS = 5


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--num', type=int, default=200, help='samples of each variant')
    num = parser.parse_args().num
    console = Console()
    console.print(f'numba {numba.__version__}, numpy {np.__version__}, 128 x 160, one thread')
    for name, use_tiles in (('tile lists', True), ('brute force', False)):
        rates = samples_per_second(num // _BLOCKS, use_tiles=use_tiles)
        low, middle, high = np.percentile(rates, [25, 50, 75])
        console.print(
            f'{name:12s} {middle:5.1f} samples/s (IQR {low:.1f} to {high:.1f}, '
            f'n = {_BLOCKS} blocks of {num // _BLOCKS})'
        )


def samples_per_second(block: int, *, use_tiles: bool) -> list[float]:
    """Return the rate of each block of samples."""

    def staged(scene, poses, camera):
        return stage_scene(scene, poses, camera, use_tiles=use_tiles)

    sample_module.stage_scene = staged
    rng = np.random.default_rng(0)
    pool = texture_pool(rng, 'train')
    random_sample(rng, pool)
    rates = []
    for _ in range(_BLOCKS):
        start = time.perf_counter()
        for _ in range(block):
            random_sample(rng, pool)
        rates.append(block / (time.perf_counter() - start))
    return rates


if __name__ == '__main__':
    main()
