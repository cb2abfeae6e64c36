"""
Samples per second of every scene family: `python test/bench/bench_scenes.py [--num N]`.

A sample is 128 x 160: events of 50 ms through pixel area and lens, image, depth and labels. On one
core, compiled; of that the part before any ray is traced; and, where torch finds a GPU, the tensor
caster on it, light of all sub-frames and events, for stages that are ready. Times are those of the
processor, so that other programs on the machine count little; the wall clock is beside them.

"""

import argparse
from dataclasses import replace
import os
import time

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
os.environ.setdefault('OMP_NUM_THREADS', '1')

from eventdepth_core.types import Camera
import numba
import numpy as np
from rich.console import Console
from training.simulate.families import EVERY_NAME
from training.simulate.photos import SPLITS
from training.simulate.recipe import family_recipe, Recipe, RECORDED
from training.simulate.sample import (
    find_viewpoint,
    mover_flow_px,
    random_camera,
    random_sample,
    WINDOW_US,
)
from training.simulate.scene_page import split_of
from training.simulate.stage import Stage, stage_scene
from training.simulate.textures import texture_pool, TexturePool
from training.simulate.trajectory import window_poses
from training.simulate.world_textures import world_pool

_BLOCKS = 5
_BATCH = 64
SIZE = (128, 160)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--num', type=int, default=60, help='samples of each family')
    num = parser.parse_args().num
    console = Console(width=110)
    console.print(f'numba {numba.__version__}, numpy {np.__version__}, 128 x 160, one thread')
    console.print(
        'family                 samples/s (IQR)      wall   sub-frames  events   host ms'
    )
    plain = texture_pool(np.random.default_rng(0), 'train')
    console.print(_line('recorded recipe', RECORDED, plain, num))
    pools = {split: world_pool(np.random.default_rng(0), split) for split in SPLITS}
    for name in EVERY_NAME:
        split = split_of(name)
        console.print(_line(name, family_recipe(name, split), pools[split], num))
    console.print(_tensor_line(pools['train']))


def _line(name: str, recipe: Recipe, pool: TexturePool, num: int) -> str:
    rng = np.random.default_rng(0)
    random_sample(rng, pool, size=SIZE, recipe=recipe)
    rates, walls, steps, events = [], [], [], []
    for _ in range(_BLOCKS):
        start, wall = time.process_time(), time.perf_counter()
        samples = [
            random_sample(rng, pool, size=SIZE, recipe=recipe) for _ in range(num // _BLOCKS)
        ]
        rates.append(len(samples) / (time.process_time() - start))
        walls.append(len(samples) / (time.perf_counter() - wall))
        steps += [sample.num_steps for sample in samples]
        events += [len(sample.events) for sample in samples]
    low, middle, high = np.percentile(rates, [25, 50, 75])
    start = time.process_time()
    for _ in range(10):
        drawn_stage(rng, recipe, pool)
    host_ms = 100.0 * (time.process_time() - start)
    return (
        f'{name:20s} {middle:6.1f} ({low:.1f} to {high:.1f})   {np.median(walls):6.1f} '
        f'{np.mean(steps):10.1f} {np.mean(events):9.0f} {host_ms:8.1f}'
    )


def drawn_stage(
    rng: np.random.Generator, recipe: Recipe, pool: TexturePool
) -> tuple[Stage, Camera]:
    """Draw what a sample draws before its rays are traced (a coarse probe aside)."""
    family = recipe.families[int(rng.choice(len(recipe.families), p=recipe.shares))]
    camera = random_camera(rng, SIZE, fov_deg=recipe.fov_deg)
    scene, start, around = find_viewpoint(rng, family, pool, camera, mode='mixed')
    pace = replace(recipe.pace, mover_px=mover_flow_px(scene, start, camera))
    poses = window_poses(rng, family, start, around, camera, pace=pace)
    times_s = np.linspace(0.0, 1e-6 * WINDOW_US, len(poses))
    return stage_scene(scene, poses, camera, times_s=times_s), camera


def _tensor_line(pool: TexturePool) -> str:
    try:
        import torch
    except ImportError:
        return 'tensor caster: not measured (no torch here)'
    if not torch.cuda.is_available():
        return 'tensor caster on a GPU: not measured (no GPU here)'
    from training.simulate.tensor_caster import blurred, TensorCaster
    from training.simulate.tensor_events import tensor_crossings, TensorSensor

    rng = np.random.default_rng(0)
    recipes = [family_recipe(name, 'train') for name in ('indoor_living', 'driving_city')]
    drawn = [drawn_stage(rng, recipes[n % 2], pool) for n in range(_BATCH)]
    stages, cameras = [stage for stage, _ in drawn], [camera for _, camera in drawn]
    rates = []
    for _ in range(1 + _BLOCKS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        caster = TensorCaster(stages, cameras, device='cuda')
        most = max(caster.scene.num_poses)
        light = torch.stack([blurred(caster.luma(k), 0.65).view(-1) for k in range(most)])
        pixels = torch.ones_like(light[0])
        steps = pixels.new_tensor(caster.scene.num_poses).repeat_interleave(SIZE[0] * SIZE[1]) - 1
        sensor = TensorSensor(0.2 * pixels, 0.2 * pixels, 0.02 * pixels, 0 * pixels, 0 * pixels)
        tensor_crossings(light, sensor, step_us=WINDOW_US / steps, duration_us=WINDOW_US)
        caster.picture()
        torch.cuda.synchronize()
        rates.append(_BATCH / (time.perf_counter() - start))
    low, middle, high = np.percentile(rates[1:], [25, 50, 75])
    name = torch.cuda.get_device_name()
    return f'tensor caster on {name}: {middle:.0f} samples/s ({low:.0f} to {high:.0f})'


if __name__ == '__main__':
    main()
