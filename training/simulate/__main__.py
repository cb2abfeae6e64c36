"""
Make what is made of simulation: `python -m training.simulate sets|demo|recordings --out DIR`.

- `sets`: the training sets of a recipe, `config/training/eventdepth_s.yaml` unless another is
  given: 16,000 + 300 + 400 samples, 1.5 GB, and 2,440 with points swept from motion. Repeat the
  command to go on after an interruption.
- `demo`: the demo recording as it is shipped in `config/demo`, 9 MB.
- `recordings`: recordings with RGB, LiDAR and ground truth for replays, one folder each.

"""

import argparse
from pathlib import Path

from rich.console import Console
from training.recipe import DEFAULT_RECIPE, load_recipe
from training.simulate import dataset, recording
from training.simulate.named_recordings import DEMO, REPLAYS
from training.simulate.shards import SCENES
from training.simulate.swept_shards import SWEPT_PREFIX


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    if options.what == 'sets':
        _make_sets(options)
    elif options.what == 'demo':
        recording.main(['--out', str(options.out), *DEMO.split()])
    else:
        _make_recordings(options)
    files = [path for path in options.out.rglob('*') if path.is_file()]
    size_mb = sum(path.stat().st_size for path in files) / 1e6
    Console().print(f'{options.out}: {len(files)} files, {size_mb:.1f} MB')


def _make_sets(options: argparse.Namespace) -> None:
    recipe = load_recipe(options.recipe, shrink=options.shrink)
    for name, entry in recipe.splits.items():
        split = name.removeprefix(SWEPT_PREFIX)
        command = ['--out', str(options.out), '--split', split, '--num', str(entry.num)]
        command += ['--seed', str(entry.seed), '--workers', str(options.workers)]
        # points are swept from motion in the recorded scenes only
        command += ['--swept'] if split != name else ['--scenes', options.scenes]
        dataset.main(command)


def _make_recordings(options: argparse.Namespace) -> None:
    for name in options.names or REPLAYS:
        if not (options.out / name).exists():
            recording.main(['--out', str(options.out / name), *REPLAYS[name].split()])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m training.simulate')
    kinds = parser.add_subparsers(dest='what', required=True)
    sets = kinds.add_parser('sets', help='training sets as WebDataset shards')
    sets.add_argument('--recipe', type=Path, default=DEFAULT_RECIPE, help='recipe YAML')
    sets.add_argument('--shrink', type=float, default=1.0, help='factor on the samples')
    sets.add_argument('--scenes', choices=SCENES, default='recorded', help='what is drawn')
    sets.add_argument('--workers', type=int, default=2, help='processes, one core each')
    kinds.add_parser('demo', help='the demo recording')
    replays = kinds.add_parser('recordings', help='recordings for replays; finished ones stay')
    replays.add_argument('names', nargs='*', choices=[[], *REPLAYS], help='default: all')
    for each in kinds.choices.values():
        each.add_argument('--out', type=Path, required=True, help='folder')
    return parser


if __name__ == '__main__':
    main()
