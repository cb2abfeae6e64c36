"""
Make a data set: `python -m training.simulate.dataset --out DIR --split train --num 20000`.

Writes `DIR/<split>/manifest.json` and shards of 250 samples beside it: WebDataset tar files with
checksums (`tar_shards`), or the plain .npz of before (`shards`). Finished shards are kept and
compared with their checksums, so an interrupted command goes on where it was; each shard can be
read as soon as it is there. `--swept` makes samples with points swept from motion instead, as .npz
in `DIR/swept_<split>`.

"""

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
import json
import multiprocessing
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import get_args, Literal, TypeAlias

import cv2
from eventdepth_core.errors import InputError, RecordingError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from training.simulate.photos import PHOTO_NAMES, SPLITS
from training.simulate.shards import (
    NUM_BINS,
    SAMPLES_PER_SHARD,
    SCENES,
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
from training.simulate.tar_shards import check_shard, tar_path, write_tar
from training.simulate.textures import TEXTURE_MODE_SHARES, TEXTURE_MODES

ShardFormat: TypeAlias = Literal['webdataset', 'npz']
_Make: TypeAlias = Callable[..., None]  # make_shard or make_swept_shard
SHARD_FORMATS: tuple[ShardFormat, ...] = get_args(ShardFormat)
MANIFEST_NAME = 'manifest.json'
_POLL_S = 0.2
# where a worker tells of its samples; set in each worker process when it starts
_told: 'Queue[int] | None' = None


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = parser().parse_args(arguments)
    if options.num < 1 or options.workers < 1:
        raise InputError(
            f'Expected --num and --workers >= 1, got {options.num} and {options.workers}.'
        )
    if options.swept and (options.format == 'webdataset' or options.scenes != 'recorded'):
        raise InputError('Expected --swept with the recorded scenes as npz, got other ones.')
    folder = Path(options.out) / (swept_name(options.split) if options.swept else options.split)
    folder.mkdir(parents=True, exist_ok=True)
    options.format = options.format or ('npz' if options.swept else _format_of(folder))
    _write_manifest(folder / MANIFEST_NAME, options)
    specs = _shard_specs(options)
    missing = [spec for spec in specs if not _finished_path(spec, folder, options.format)]
    done = options.num - sum(spec.num_samples for spec in missing)
    with _progress() as progress:
        task = progress.add_task(options.split, total=options.num, completed=done)
        for count in _simulate(missing, folder, options):
            progress.advance(task, count)


def make_shard(
    spec: ShardSpec,
    folder: Path,
    shard_format: ShardFormat = 'npz',
    on_sample: Callable[[], None] | None = None,
) -> None:
    """Simulate and write one shard."""
    samples = simulate_shard(spec, on_sample=on_sample)
    if shard_format == 'npz':
        write_shard(samples, shard_path(folder, spec.number))
    else:
        write_tar(samples, tar_path(folder, spec.number))


def make_swept_shard(
    spec: ShardSpec,
    folder: Path,
    _shard_format: ShardFormat = 'npz',
    on_sample: Callable[[], None] | None = None,
) -> None:
    """Simulate and write one shard with swept points."""
    samples = simulate_swept_shard(spec, on_sample=on_sample)
    write_shard(samples, shard_path(folder, spec.number))


def _finished_path(spec: ShardSpec, folder: Path, shard_format: ShardFormat) -> Path | None:
    """Return the shard if it is there; one that does not fit its checksum is an error."""
    if shard_format == 'npz':
        path = shard_path(folder, spec.number)
        return path if path.exists() else None
    path = tar_path(folder, spec.number)
    if not path.exists():
        return None
    check_shard(path)
    return path


def _simulate(specs: list[ShardSpec], folder: Path, options: argparse.Namespace) -> Iterator[int]:
    """Make the shards and yield how many samples have been simulated since the last time."""
    make = make_swept_shard if options.swept else make_shard
    if options.workers == 1:
        for spec in specs:
            make(spec, folder, options.format)
            yield spec.num_samples
        return
    context = multiprocessing.get_context('spawn')
    told = context.Queue()
    executor = ProcessPoolExecutor(
        options.workers, mp_context=context, initializer=_start_worker, initargs=(told,)
    )
    try:
        waiting: set[Future[None]] = {
            executor.submit(_make_in_worker, make, spec, folder, options.format) for spec in specs
        }
        while waiting:
            finished, waiting = wait(waiting, _POLL_S, FIRST_COMPLETED)
            for future in finished:
                future.result()
            yield _drained(told)
        yield _drained(told)
    except BrokenProcessPool as error:
        raise RecordingError(
            f'Expected {options.workers} workers to make {folder} to the end, got one that was '
            'killed (memory?): repeat the command, finished shards are kept.'
        ) from error
    finally:
        # after an error or Ctrl-C the shards that have not begun are left for the next time
        executor.shutdown(cancel_futures=True)


def _start_worker(told: 'Queue[int]') -> None:
    global _told  # noqa: PLW0603 - a pool hands nothing else to its tasks
    _told = told
    cv2.setNumThreads(1)  # one core each


def _make_in_worker(make: _Make, spec: ShardSpec, folder: Path, shard_format: ShardFormat) -> None:
    make(spec, folder, shard_format, on_sample=_tell)


def _tell() -> None:
    if _told is not None:
        _told.put(1)


def _drained(told: 'Queue[int]') -> int:
    count = 0
    while True:
        try:
            count += told.get_nowait()
        except Empty:
            return count


def _shard_specs(options: argparse.Namespace) -> list[ShardSpec]:
    per_shard = SWEPT_PER_SHARD if options.swept else SAMPLES_PER_SHARD
    size = {'size': SWEPT_SIZE} if options.swept else {}
    return [
        ShardSpec(
            split=options.split,
            seed=options.seed,
            number=start // per_shard,
            num_samples=min(per_shard, options.num - start),
            scenes=options.scenes,
            **size,
        )
        for start in range(0, options.num, per_shard)
    ]


def _format_of(folder: Path) -> ShardFormat:
    """Return the format of the data set that is there, WebDataset for a new one."""
    path = folder / MANIFEST_NAME
    if not path.exists():
        return 'webdataset'
    try:
        found = json.loads(path.read_text()).get('format', 'npz')
    except (ValueError, AttributeError) as error:
        raise RecordingError(f'Expected a manifest in {path}, got {error}.') from error
    if found not in SHARD_FORMATS:
        raise RecordingError(
            f'Expected a format out of {", ".join(SHARD_FORMATS)} in {path}, got {found!r}.'
        )
    return 'npz' if found == 'npz' else 'webdataset'


def _write_manifest(path: Path, options: argparse.Namespace) -> None:
    # the sets of before have neither format nor scenes
    shard_format = {} if options.format == 'npz' else {'format': options.format}
    recipe = _shard_specs(options)[0].recipe
    scenes = {} if options.scenes == 'recorded' else {'scenes': options.scenes}
    names = [family.name for family in recipe.families]
    manifest = {
        **shard_format,
        **scenes,
        'split': options.split,
        'seed': options.seed,
        'seed_sequence': 'numpy SeedSequence of [seed, split index, shard number, 1 + index]',
        'splits': list(SPLITS),
        'num_samples': options.num,
        'samples_per_shard': SWEPT_PER_SHARD if options.swept else SAMPLES_PER_SHARD,
        'voxel': {'bins': NUM_BINS, 'unit': VOXEL_UNIT, 'convention': 'e2vid', 'span': 'window'},
        'log_depth': {'unit': 'log m', 'sky': '+inf'},
        'families': dict(zip(names, recipe.shares, strict=True)),
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


def parser() -> argparse.ArgumentParser:
    """Return the options of the command."""
    options = argparse.ArgumentParser(prog='python -m training.simulate.dataset')
    options.add_argument('--out', required=True, help='folder of the data sets')
    options.add_argument('--split', choices=SPLITS, default='train')
    options.add_argument('--num', type=int, default=20_000, help='number of samples')
    options.add_argument('--seed', type=int, default=1)
    options.add_argument('--scenes', choices=SCENES, default='recorded', help='what is drawn')
    options.add_argument('--swept', action='store_true', help='with points swept from motion')
    options.add_argument('--workers', type=int, default=1, help='processes, one core each')
    options.add_argument(
        '--format', choices=SHARD_FORMATS, help='default: that of the folder, else webdataset'
    )
    return options


if __name__ == '__main__':
    main()
