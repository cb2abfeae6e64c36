"""
The model card: every figure beside its trivial baselines, written from one `card.json`.

`python -m training.card RUN --sets DIR --bundle DIR` measures again and rewrites the card. With
`--kept BUNDLE`, whose graphs are in the new bundle file by file, only points from motion are
measured; the sections on everything else are taken over.

"""

import argparse
import json
from pathlib import Path
from typing import Any

from eventdepth_core.bundle import CalibrationFactors, load_bundle
import torch
from training.card_text import card_text, extended_text
from training.export import load_networks
from training.motion_table import motion_table, MotionExam
from training.real import real_table
from training.simulate.loader import load_shards, load_swept_shards
from training.speed import load_average, speed_table, startup_seconds
from training.tables import corruption_table, Exam, priors_of, probe_table, subset_table
import yaml

NUM_PRIOR_SAMPLES = 8000
NUM_CORRUPTED = 150
MOTION_SET = 'swept simulated test'


def write_card(run: Path, sets: Path, bundle: Path, *, count: int | None = None) -> None:
    """Measure `bundle` and write `card.json` into `run`, README.md and metrics into `bundle`."""
    torch.set_num_threads(1)
    manifest = yaml.safe_load((bundle / 'model.yaml').read_text(encoding='utf-8'))
    figures = measured(run, sets, bundle, manifest, count)
    (run / 'card.json').write_text(json.dumps(figures, indent=1))
    manifest['metrics'] = [
        {'profile': 'plain', 'set': 'simulated test', **row} for row in figures['subsets']
    ]
    manifest['metrics'] += [
        {'profile': 'plain', 'set': MOTION_SET, **row} for row in figures['motion']
    ]
    manifest['metrics'] += [{'profile': 'plain', **row} for row in figures['real']]
    text = yaml.safe_dump(manifest, sort_keys=False, width=99, allow_unicode=True)
    (bundle / 'model.yaml').write_text(text, encoding='utf-8')
    (bundle / 'README.md').write_text(card_text(manifest, figures), encoding='utf-8')


def extend_card(
    run: Path, sets: Path, bundle: Path, kept: Path, *, count: int | None = None
) -> None:
    """Measure motion and write the card of `kept` with it: metrics and README.md in `bundle`."""
    torch.set_num_threads(1)
    manifest = yaml.safe_load((bundle / 'model.yaml').read_text(encoding='utf-8'))
    older = yaml.safe_load((kept / 'model.yaml').read_text(encoding='utf-8'))
    exam = _motion_exam(run, sets, manifest, count)
    rows = motion_table(exam)
    figures = {'motion': rows, 'motion_frames': exam.count, 'motion_mib': _mib(bundle, '*_motion')}
    (run / 'motion_card.json').write_text(json.dumps(figures, indent=1))
    manifest['metrics'] = [row for row in older['metrics'] if row['set'] != MOTION_SET]
    manifest['metrics'] += [{'profile': 'plain', 'set': MOTION_SET, **row} for row in rows]
    card = extended_text((kept / 'README.md').read_text(encoding='utf-8'), manifest, figures)
    text = yaml.safe_dump(manifest, sort_keys=False, width=99, allow_unicode=True)
    (bundle / 'model.yaml').write_text(text, encoding='utf-8')
    (bundle / 'README.md').write_text(card, encoding='utf-8')


def _mib(bundle: Path, names: str) -> float:
    return round(sum(path.stat().st_size for path in bundle.glob(f'{names}.onnx')) / 2**20, 1)


def _motion_exam(
    run: Path,
    sets: Path,
    manifest: dict[str, Any],  # parsed YAML
    count: int | None,
) -> MotionExam:
    swept = load_swept_shards(sets, 'test')
    return MotionExam(
        load_networks(run), swept, _factors(manifest), min(count or len(swept), len(swept))
    )


def _factors(manifest: dict[str, Any]) -> dict[str, CalibrationFactors]:
    return {name: CalibrationFactors(**entry) for name, entry in manifest['calibration'].items()}


def measured(
    run: Path,
    sets: Path,
    bundle: Path,
    manifest: dict[str, Any],  # parsed YAML
    count: int | None,
) -> dict[str, Any]:
    """Return all figures of the card."""
    train, test = load_shards(sets, 'train'), load_shards(sets, 'test')
    frames = min(count or len(test.focal_px), len(test.focal_px))
    motion = _motion_exam(run, sets, manifest, count)
    priors = priors_of(train, NUM_PRIOR_SAMPLES)
    exam = Exam(motion.networks, test, _factors(manifest), priors, frames)
    gflop = {name: graph['gflop'] for name, graph in manifest['graphs'].items()}
    strides = {latent['name']: latent['stride'] for latent in manifest['latents']}
    return {
        'frames': frames,
        'motion': motion_table(motion),
        'motion_frames': motion.count,
        'subsets': subset_table(exam),
        'probes': probe_table(exam),
        'corruptions': corruption_table(exam, min(NUM_CORRUPTED, frames)),
        'real': real_table(load_bundle(bundle)),
        'load_average': round(load_average(), 2),
        'speed': speed_table(bundle, gflop, strides),
        'startup_s': [round(seconds, 2) for seconds in startup_seconds(bundle)],
        'size_mib': _mib(bundle, '*'),
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description='Measure a bundle and write its card.')
    parser.add_argument('run', type=Path, help='folder of the training run')
    parser.add_argument('--sets', type=Path, required=True, help='folder of the data sets')
    parser.add_argument('--bundle', type=Path, required=True, help='folder of the bundle')
    parser.add_argument('--kept', type=Path, help='bundle whose card is extended')
    parser.add_argument('--count', type=int, help='number of test frames (default: all)')
    arguments = parser.parse_args()
    run, sets, bundle = arguments.run, arguments.sets, arguments.bundle
    if arguments.kept is None:
        write_card(run, sets, bundle, count=arguments.count)
    else:
        extend_card(run, sets, bundle, arguments.kept, count=arguments.count)


if __name__ == '__main__':
    main()
