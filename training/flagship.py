"""
One command from nothing to the flagship bundle: `python -m training.flagship --out DIR`.

Data, the stages of `training.stages` (two side by side), calibration, export, evaluation, card.
Every step leaves a file and is skipped when the file is there, so the command resumes. Uses a GPU
where there is one. With `--start BUNDLE` only the last stage, the completion of points swept from
motion, is trained, on the weights of that bundle: its graphs stay as they are, file by file, and
its own provenance goes into the new one.

"""

import argparse
from dataclasses import replace
import datetime
import json
import logging
from pathlib import Path
import platform
import subprocess
import sys
import time
from typing import Any

from eventdepth_core.bundle import load_bundle
from safetensors.torch import save_file
import torch
from training.provenance import source_commit
from training.recipe import DEFAULT_RECIPE, load_recipe, Recipe
from training.simulate.loader import load_shards, load_swept_shards
from training.simulate.swept_shards import SWEPT_PREFIX
from training.stages import run_stage, StageContext, STAGES
from training.tuning.weights import networks_from_bundle

LOG = logging.getLogger(__name__)
SIDE_BY_SIDE = (
    ('layout_events', 'layout_image'),
    ('layout_joint', 'completion_points'),
    ('completion_joint',),
    ('completion_motion',),
)
SHIPPED = 'eventdepth_core/bundles/eventdepth-s'
STARTING_POINT = 'start.json'


def main() -> None:
    """Run the command."""
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s')
    arguments = _parser().parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    recipe = load_recipe(arguments.recipe, shrink=arguments.shrink)
    if arguments.stage:
        _run_one(arguments, recipe)
        return
    started = time.time()
    _make_sets(arguments, recipe)
    if arguments.start:
        _start_from(arguments.start, arguments.out)
    for names in SIDE_BY_SIDE[-1:] if arguments.start else SIDE_BY_SIDE:
        _run_side_by_side(names, arguments)
    _finish(arguments, recipe, started)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description='Make the flagship bundle: data, weights, card.')
    parser.add_argument('--out', type=Path, required=True, help='run folder')
    parser.add_argument('--sets', type=Path, help='folder of the data sets (default: OUT/sets)')
    parser.add_argument('--bundle', type=Path, help='bundle folder (default: OUT/bundle)')
    parser.add_argument('--recipe', type=Path, default=DEFAULT_RECIPE, help='recipe YAML')
    parser.add_argument('--shrink', type=float, default=1.0, help='factor on steps and samples')
    parser.add_argument('--start', help='bundle to which the last stage is added')
    parser.add_argument('--stage', choices=list(STAGES), help='run this stage alone')
    return parser


def _sets(arguments: argparse.Namespace) -> Path:
    return Path(arguments.sets or arguments.out / 'sets')


def _run_one(arguments: argparse.Namespace, recipe: Recipe) -> None:
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    samples = load_shards(_sets(arguments), 'train')
    swept = None
    if set(recipe.stages[arguments.stage].points) & {'swept'}:
        swept = load_swept_shards(_sets(arguments), 'train')
    is_folded = (arguments.out / STARTING_POINT).exists()
    context = StageContext(arguments.out, samples, recipe, device, swept, is_folded)
    started = time.perf_counter()
    run_stage(arguments.stage, context)
    minutes = (time.perf_counter() - started) / 60.0
    (arguments.out / f'{arguments.stage}.minutes').write_text(f'{minutes:.1f}')


def _start_from(name: str, run: Path) -> None:
    """Write the weights of a bundle as those of the joint stages, and where they came from."""
    if (run / STARTING_POINT).exists():
        return
    bundle = load_bundle(name)
    networks = networks_from_bundle(bundle)
    for stage, network in (
        ('layout_joint', networks.layout),
        ('completion_joint', networks.completion),
    ):
        weights = {key: value.contiguous() for key, value in network.state_dict().items()}
        save_file(weights, run / f'{stage}.safetensors')
    sums = {name: graph.sha256 for name, graph in bundle.graphs.items()}
    start = {'bundle': bundle.name, 'version': bundle.version, 'sha256': sums}
    start['provenance'] = dict(bundle.provenance)
    (run / STARTING_POINT).write_text(json.dumps(start, indent=2))


def _make_sets(arguments: argparse.Namespace, recipe: Recipe) -> None:
    for name, entry in recipe.splits.items():
        split = name.removeprefix(SWEPT_PREFIX)
        command = [sys.executable, '-m', 'training.simulate.dataset', '--out']
        command += [str(_sets(arguments)), '--split', split, '--num', str(entry.num)]
        command += ['--seed', str(entry.seed), '--workers', '2']
        command += ['--swept'] if split != name else []
        subprocess.run(command, check=True)


def _run_side_by_side(names: tuple[str, ...], arguments: argparse.Namespace) -> None:
    waiting = [name for name in names if not (arguments.out / f'{name}.safetensors').exists()]
    command = [sys.executable, '-m', 'training.flagship', '--out', str(arguments.out)]
    command += ['--sets', str(_sets(arguments)), '--recipe', str(arguments.recipe)]
    command += ['--shrink', str(arguments.shrink)]
    children = [subprocess.Popen([*command, '--stage', name]) for name in waiting]
    codes = [child.wait() for child in children]
    if any(codes):
        message = f'Expected stages {waiting} to end with 0, got {codes}.'
        raise RuntimeError(message)


def _finish(arguments: argparse.Namespace, recipe: Recipe, started: float) -> None:
    from training.calibrate import calibrate_run
    from training.card import extend_card, write_card
    from training.export import export_bundle, load_run

    run: Path = arguments.out
    (run / 'layout.safetensors').write_bytes((run / 'layout_joint.safetensors').read_bytes())
    (run / 'completion.safetensors').write_bytes(
        (run / 'completion_joint.safetensors').read_bytes()
    )
    (run / 'motion.safetensors').write_bytes((run / 'completion_motion.safetensors').read_bytes())
    start = load_bundle(arguments.start) if arguments.start else None
    calibrate_run(run, _sets(arguments), known=None if start is None else start.calibration)
    provenance = _provenance(arguments, recipe, started)
    (run / 'provenance.json').write_text(json.dumps(provenance, indent=2))
    bundle = Path(arguments.bundle or run / 'bundle')
    export_bundle(replace(load_run(run), kept=None if start is None else start.folder), bundle)
    if start is None:
        write_card(run, _sets(arguments), bundle)
    else:
        extend_card(run, _sets(arguments), bundle, start.folder)


def _provenance(
    arguments: argparse.Namespace,
    recipe: Recipe,
    started: float,
) -> dict[str, Any]:
    trained = SIDE_BY_SIDE[-1] if arguments.start else tuple(recipe.stages)
    stages = {name: recipe.stages[name] for name in trained}
    start = arguments.out / STARTING_POINT
    return {
        'command': f'python -m training.flagship --out RUN --bundle {SHIPPED}'
        + (f' --start {SHIPPED}' if arguments.start else ''),
        'commit': source_commit(),
        'seed': recipe.seed,
        'recipe': arguments.recipe.name,
        'shrink': arguments.shrink,
        'samples': {name: split.num for name, split in recipe.splits.items()},
        'steps': {name: stage.steps for name, stage in stages.items()},
        'batches': {name: stage.batch for name, stage in stages.items()},
        'torch': torch.__version__,
        'python': platform.python_version(),
        'machine': platform.machine(),
        'device': 'cuda' if torch.cuda.is_available() else 'cpu',
        'finished': datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        'minutes': {
            path.stem: float(path.read_text()) for path in sorted(arguments.out.glob('*.minutes'))
        },
        'last_call_minutes': round((time.time() - started) / 60.0, 1),
        **({'started_from': json.loads(start.read_text())} if arguments.start else {}),
    }


if __name__ == '__main__':
    main()
