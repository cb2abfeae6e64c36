"""
Make a data set: `python -m training.simulate.dataset --out DIR --split train --num 20000`.

Writes `DIR/<split>/manifest.json` and shards of 250 samples beside it. Finished shards are kept,
so an interrupted command goes on where it was; each shard can be read as soon as it is there.
`--swept` makes samples with points swept from motion instead, in `DIR/swept_<split>`.

"""

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed, ProcessPoolExecutor
import json
import multiprocessing
from pathlib import Path
from typing import TypeAlias

from eventdepth_core.errors import RecordingError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from training.simulate.families import FAMILY_NAMES, FAMILY_SHARES
from training.simulate.photos import PHOTO_NAMES, SPLITS
from training.simulate.shards import (
    NUM_BINS,
    SAMPLES_PER_SHARD,
    shard_path,
    ShardSpec,
    simulate_shard,
    VOXEL_UNIT,
    write_shard,
)
from training.simulate.swept_shards import (
    FAMILIES_OF,
    simulate_swept_shard,
    swept_name,
    SWEPT_PER_SHARD,
    SWEPT_SIZE,
)
from training.simulate.textures import TEXTURE_MODE_SHARES, TEXTURE_MODES

MANIFEST_NAME = 'manifest.json'
_Make: TypeAlias = Callable[[ShardSpec, Path], int]


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    folder = Path(options.out) / (swept_name(options.split) if options.swept else options.split)
    folder.mkdir(parents=True, exist_ok=True)
    specs = _shard_specs(options)
    _write_manifest(folder / MANIFEST_NAME, options)
    missing = [spec for spec in specs if not shard_path(folder, spec.number).exists()]
    done = options.num - sum(spec.num_samples for spec in missing)
    with _progress() as progress:
        task = progress.add_task(options.split, total=options.num, completed=done)
        make = make_swept_shard if options.swept else make_shard
        for count in _simulate(make, missing, folder, options.workers):
            progress.advance(task, count)


def make_shard(spec: ShardSpec, folder: Path) -> int:
    """Simulate and write one shard; returns its number of samples."""
    write_shard(simulate_shard(spec), shard_path(folder, spec.number))
    return spec.num_samples


def make_swept_shard(spec: ShardSpec, folder: Path) -> int:
    """Simulate and write one shard with swept points; returns its number of samples."""
    write_shard(simulate_swept_shard(spec), shard_path(folder, spec.number))
    return spec.num_samples


def _simulate(make: _Make, specs: list[ShardSpec], folder: Path, workers: int) -> Iterator[int]:
    if workers == 1:
        for spec in specs:
            yield make(spec, folder)
        return
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(workers, mp_context=context) as executor:
        for future in as_completed([executor.submit(make, spec, folder) for spec in specs]):
            yield future.result()


def _shard_specs(options: argparse.Namespace) -> list[ShardSpec]:
    per_shard = SWEPT_PER_SHARD if options.swept else SAMPLES_PER_SHARD
    size = {'size': SWEPT_SIZE} if options.swept else {}
    return [
        ShardSpec(
            split=options.split,
            seed=options.seed,
            number=start // per_shard,
            num_samples=min(per_shard, options.num - start),
            **size,
        )
        for start in range(0, options.num, per_shard)
    ]


def _write_manifest(path: Path, options: argparse.Namespace) -> None:
    manifest = {
        'split': options.split,
        'seed': options.seed,
        'seed_sequence': 'numpy SeedSequence of [seed, split index, shard number, 1 + index]',
        'splits': list(SPLITS),
        'num_samples': options.num,
        'samples_per_shard': SWEPT_PER_SHARD if options.swept else SAMPLES_PER_SHARD,
        'voxel': {'bins': NUM_BINS, 'unit': VOXEL_UNIT, 'convention': 'e2vid', 'span': 'window'},
        'log_depth': {'unit': 'log m', 'sky': '+inf'},
        'families': dict(zip(FAMILY_NAMES, FAMILY_SHARES, strict=True)),
        'texture_modes': dict(zip(TEXTURE_MODES, TEXTURE_MODE_SHARES, strict=True)),
        'photos': list(PHOTO_NAMES[options.split]),
    }
    if options.swept:
        manifest['families'] = {kind: list(names) for kind, names in FAMILIES_OF.items()}
        manifest['texture_modes'] = 'mixed'
        manifest['swept_log_depth'] = {'unit': 'log m', 'none': 'NaN'}
        manifest['swept_sigma_log'] = {'of': 'swept_log_depth', 'none': 'NaN'}
    text = json.dumps(manifest, indent=2) + '\n'
    if path.exists() and path.read_text() != text:
        raise RecordingError(
            f'Expected {path} to describe the same data set, got another one: '
            'choose an empty folder or repeat the command that made it.'
        )
    path.write_text(text)


def _progress() -> Progress:
    return Progress(
        TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m training.simulate.dataset')
    parser.add_argument('--out', required=True, help='folder of the data sets')
    parser.add_argument('--split', choices=SPLITS, default='train')
    parser.add_argument('--num', type=int, default=20_000, help='number of samples')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--swept', action='store_true', help='with points swept from motion')
    parser.add_argument('--workers', type=int, default=1, help='processes, one core each')
    return parser


if __name__ == '__main__':
    main()
