"""All five stages, two steps each, then calibration, export and the tables."""

from dataclasses import replace
import json
from pathlib import Path
from types import SimpleNamespace

from eventdepth_core.bundle import load_bundle
import numpy as np
import pytest
from safetensors.torch import load_file
import torch
from training.calibrate import fitted_factors
from training.export import export_bundle, load_networks, load_run
from training.recipe import load_recipe
from training.stages import run_stage, StageContext, STAGES
from training.tables import Exam, priors_of, subset_table
from training.tasks.subsets import SUBSETS


@pytest.fixture
def context(tmp_path: Path, tiny_samples: SimpleNamespace) -> StageContext:
    recipe = load_recipe(shrink=1e-9)
    stages = {name: replace(stage, batch=2) for name, stage in recipe.stages.items()}
    return StageContext(
        tmp_path, tiny_samples, replace(recipe, stages=stages), torch.device('cpu')
    )


def test_stages_lead_from_samples_to_a_bundle(context: StageContext) -> None:
    for name in STAGES:
        run_stage(name, context)
    run = context.run
    (run / 'layout_joint.safetensors').rename(run / 'layout.safetensors')
    (run / 'completion_joint.safetensors').rename(run / 'completion.safetensors')
    networks = load_networks(run)
    factors = {name: fitted_factors(networks, context.samples, name, 2) for name in SUBSETS}
    calibration = {
        name: {'pixel': entry.pixel, 'scale': entry.scale} for name, entry in factors.items()
    }
    (run / 'calibration.json').write_text(json.dumps(calibration))
    (run / 'provenance.json').write_text('{"command": "test"}')

    export_bundle(load_run(run), run / 'bundle')
    bundle = load_bundle(run / 'bundle')
    exam = Exam(networks, context.samples, factors, priors_of(context.samples, 6), 2)
    rows = {(row['subset'], row['name']): row for row in subset_table(exam)}

    assert bundle.name == 'eventdepth-s'
    assert all(entry.pixel > 0 for entry in factors.values())
    assert set(rows) >= {('E', 'model'), ('none', 'mean map'), ('EIP 5%', 'model')}
    assert np.isfinite(float(rows['P 1%', '1/z-linear fill']['abs_rel']))


def test_a_stage_repeats_bit_for_bit(context: StageContext, tmp_path: Path) -> None:
    weights = []
    for name in ('first', 'second'):
        folder = tmp_path / name
        folder.mkdir()
        run_stage('layout_events', replace(context, run=folder))
        weights.append(load_file(folder / 'layout_events.safetensors'))

    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_calibrated_sigma_covers_what_it_says(context: StageContext) -> None:
    from training.calibrate import error_ratio
    from training.judge import judged_frames, JUDGING_NOISE, Trial
    from training.tasks.subsets import presence

    for name in ('layout_events', 'layout_image', 'layout_joint', 'completion_points'):
        run_stage(name, context)
    run_stage('completion_joint', context)
    run = context.run
    (run / 'layout_joint.safetensors').rename(run / 'layout.safetensors')
    (run / 'completion_joint.safetensors').rename(run / 'completion.safetensors')
    networks = load_networks(run)
    factors = fitted_factors(networks, context.samples, 'EI', 6)

    trial = Trial(presence('EI'), factors=factors, noise=JUDGING_NOISE)
    ratios = [error_ratio(frame) for frame in judged_frames(networks, context.samples, trial, 6)]

    assert (np.concatenate(ratios) <= 1.0).mean() == pytest.approx(0.683, abs=0.02)
