"""
Trained weights -> calibration, bundle, held-out evaluation: the files that a user came for.

Law: the evaluation runs the exported graphs, not the trained modules, and prints every trivial
prediction beside them.

"""

from collections.abc import Mapping
import datetime
import json
import logging
from pathlib import Path
import platform
import shlex
import sys
from typing import Any

from eventdepth_core.bundle import Bundle, CalibrationFactors, load_bundle
from eventdepth_core.errors import BundleError
from safetensors.torch import save_file
import torch
from torch import nn
from training.calibrate import factors_from
from training.card_text import markdown_table, SUBSET_COLUMNS
from training.export import export_bundle, Run
from training.judge import judged_frame, Networks, Trial
from training.provenance import source_commit
from training.sequences.held_out import (
    BundlePredictor,
    held_out_table,
    layout_priors,
)
from training.sequences.sample_set import SampleSet
from training.sequences.splits import SplitName
from training.tables import Row
from training.tasks.subsets import presence, SUBSETS
from training.tuning.config import TrainSettings
import yaml

LOG = logging.getLogger(__name__)
NUM_CALIBRATION_FRAMES = 64
FAST_FRAMES = 2
COLUMNS = {key: name for key, name in SUBSET_COLUMNS.items() if key != 'correlation'}

Sets = Mapping[SplitName, SampleSet]


def finish_run(folder: Path, settings: TrainSettings, networks: Networks, sets: Sets) -> list[Row]:
    """Write weights, calibration, provenance, bundle and evaluation; return the rows."""
    _save_networks(folder, networks)
    start = starting_bundle(settings.start)
    calibration = calibration_of(networks, sets['val'], start, settings)
    (folder / 'calibration.json').write_text(json.dumps(calibration, indent=1))
    provenance = provenance_of(settings, sets, start)
    (folder / 'provenance.json').write_text(json.dumps(provenance, indent=1))
    licences = [settings.data.licence]
    licences += [] if start is None else [str(each) for each in start.data_licences]
    run = Run(networks, calibration, provenance, settings.name, tuple(licences))
    export_bundle(run, folder / 'bundle')
    rows = evaluated(folder / 'bundle', settings, sets, start)
    _write_rows(folder, settings, sets, rows)
    return rows


def calibration_of(
    networks: Networks, val: SampleSet, start: Bundle | None, settings: TrainSettings
) -> dict[str, dict[str, float]]:
    """Fit the factors of every subset that the validation set has; the rest keep their own."""
    known = {} if start is None else dict(start.calibration)
    chosen = val.spread(FAST_FRAMES if settings.fast else NUM_CALIBRATION_FRAMES)
    factors: dict[str, CalibrationFactors] = {}
    for subset in SUBSETS:
        fitted = _fitted(networks, val, subset, chosen)
        factors[subset] = fitted or known.get(subset, CalibrationFactors())
    return {
        name: {'pixel': round(each.pixel, 4), 'scale': round(each.scale, 4)}
        for name, each in factors.items()
    }


def evaluated(
    bundle: Path, settings: TrainSettings, sets: Sets, start: Bundle | None
) -> list[Row]:
    """Return the table of the new bundle, the starting one and trivial predictions."""
    predictors = {settings.name: BundlePredictor(load_bundle(bundle), settings.threads)}
    if start is not None and settings.evaluation.compare_start:
        predictors[f'start: {start.name}'] = BundlePredictor(start, settings.threads)
    return held_out_table(
        predictors,
        held_out_set(sets)[1],
        layout_priors(sets['train']),
        frames=FAST_FRAMES if settings.fast else settings.evaluation.frames,
        densities=settings.evaluation.density,
    )


def held_out_set(sets: Sets) -> tuple[str, SampleSet]:
    """Return the test set, or the validation set under a name that says so."""
    if len(sets['test']):
        return 'own test', sets['test']
    LOG.warning('No test sequences: the evaluation is on the validation set, which chose weights.')
    return 'own validation (chose the weights)', sets['val']


def starting_bundle(start: str) -> Bundle | None:
    """Return the bundle that training started from, None for a run folder or scratch."""
    try:
        return load_bundle(start)
    except BundleError:
        return None


def provenance_of(
    settings: TrainSettings, sets: Sets, start: Bundle | None
) -> dict[str, Any]:  # free-form by nature
    """Return what the manifest says about how the bundle was made."""
    return {
        'command': f'python -m training.train {shlex.join(sys.argv[1:])}'.strip(),
        'commit': source_commit(),
        'seed': settings.seed,
        'start': settings.start if start is None else f'{start.name} {start.version}',
        'data': {
            split: {name: len(store) for name, store in samples.stores}
            for split, samples in sets.items()
        },
        'stages': list(settings.stages),
        'steps': {name: settings.steps(name) for name in settings.stages},
        'batches': {name: settings.stage(name).batch for name in settings.stages},
        'devices': settings.devices,
        'torch': str(torch.__version__),
        'python': platform.python_version(),
        'machine': platform.machine(),
        'finished': datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
    }


def _save_networks(folder: Path, networks: Networks) -> None:
    named: dict[str, nn.Module] = {'layout': networks.layout, 'completion': networks.completion}
    if networks.motion is not None:
        named['motion'] = networks.motion
    for name, network in named.items():
        weights = {key: value.contiguous().cpu() for key, value in network.state_dict().items()}
        save_file(weights, folder / f'{name}.safetensors')


def _fitted(
    networks: Networks, val: SampleSet, subset: str, chosen: list[int]
) -> CalibrationFactors | None:
    flags = presence(subset)
    frames = []
    for index in chosen:
        has = val.available[index]
        if (flags[0] and not has[0]) or (flags[1] and not has[1]):
            continue
        example = val.example(index)
        density = None if flags[2] and example.sparse_m is not None else 0.01
        frame = judged_frame(networks, example, Trial(flags, density), (index, 0))
        if frame.judged.any() and (not flags[2] or frame.filled is not None):
            frames.append(frame)
    return factors_from(frames, has_points=bool(flags[2])) if frames else None


def _write_rows(folder: Path, settings: TrainSettings, sets: Sets, rows: list[Row]) -> None:
    name, samples = held_out_set(sets)
    (folder / 'evaluation.json').write_text(json.dumps({'set': name, 'rows': rows}, indent=1))
    sequences = ', '.join(sequence for sequence, _ in samples.stores)
    text = (
        f'# {settings.name} on {name}\n\nSequences: {sequences}. Profile `plain`, mean over '
        'frames; `aligned` is median scale per frame; measured pixels are not judged; each '
        'subset holds for the same frames and points. Letters: E events, I image, P points.\n\n'
        f'{markdown_table(rows, COLUMNS)}\n'
    )
    (folder / 'evaluation.md').write_text(text, encoding='utf-8')
    manifest_path = folder / 'bundle' / 'model.yaml'
    manifest = yaml.safe_load(manifest_path.read_text(encoding='utf-8'))
    manifest['metrics'] = [{'profile': 'plain', 'set': name, **row} for row in rows]
    manifest['description'] = f'Trained from {settings.start} on own sequences; see provenance.'
    manifest_path.write_text(
        yaml.safe_dump(manifest, sort_keys=False, width=99, allow_unicode=True), encoding='utf-8'
    )
    (folder / 'bundle' / 'README.md').write_text(text, encoding='utf-8')
