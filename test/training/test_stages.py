"""All six stages, two steps each, then calibration, export and the tables."""

from dataclasses import replace
import json
from pathlib import Path
from types import SimpleNamespace

from eventdepth_core.bundle import load_bundle
from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.layout import LayoutNet
import numpy as np
import pytest
from safetensors.torch import load_file, save_file
import torch
from training.calibrate import fitted_factors, motion_factors
from training.export import export_bundle, load_networks, load_run, Run
from training.motion_table import motion_table, MotionExam
from training.recipe import load_recipe
from training.simulate.swept_shards import SweptSet
from training.stages import run_stage, StageContext, STAGES
from training.tables import Exam, priors_of, subset_table
from training.tasks.subsets import MOTION_SUBSETS, SUBSETS
from training.tuning.weights import networks_from_bundle


@pytest.fixture
def context(tmp_path: Path, tiny_samples: SimpleNamespace, tiny_swept: SweptSet) -> StageContext:
    recipe = load_recipe(shrink=1e-9)
    stages = {name: replace(stage, batch=2) for name, stage in recipe.stages.items()}
    return StageContext(
        tmp_path, tiny_samples, replace(recipe, stages=stages), torch.device('cpu'), tiny_swept
    )


def test_stages_lead_from_samples_to_a_bundle(context: StageContext) -> None:
    for name in STAGES:
        run_stage(name, context)
    run = context.run
    (run / 'layout_joint.safetensors').rename(run / 'layout.safetensors')
    (run / 'completion_joint.safetensors').rename(run / 'completion.safetensors')
    (run / 'completion_motion.safetensors').rename(run / 'motion.safetensors')
    networks = load_networks(run)
    factors = {name: fitted_factors(networks, context.samples, name, 2) for name in SUBSETS}
    swept = context.swept
    factors |= {name: motion_factors(networks, swept, name, 2) for name in MOTION_SUBSETS}
    calibration = {
        name: {'pixel': entry.pixel, 'scale': entry.scale} for name, entry in factors.items()
    }
    (run / 'calibration.json').write_text(json.dumps(calibration))
    (run / 'provenance.json').write_text('{"command": "test"}')

    export_bundle(load_run(run), run / 'bundle')
    bundle = load_bundle(run / 'bundle')
    exam = Exam(networks, context.samples, factors, priors_of(context.samples, 6), 2)
    rows = {(row['subset'], row['name']): row for row in subset_table(exam)}
    moved = motion_table(MotionExam(networks, swept, factors, 2))

    assert bundle.name == 'eventdepth-s'
    assert all(entry.pixel > 0 for entry in factors.values())
    assert set(rows) >= {('E', 'model'), ('none', 'mean map'), ('EIP 5%', 'model')}
    assert np.isfinite(float(rows['P 1%', '1/z-linear fill']['abs_rel']))
    assert {row['subset'] for row in moved} >= {'M', 'EIM', 'PM 0.2%', 'EPM 0.2%'}
    assert list(bundle.graphs)[-2:] == ['complete', 'complete_motion']
    assert bundle.calibration_of(('events', 'motion')).pixel == factors['EM'].pixel


def test_a_stage_repeats_bit_for_bit(context: StageContext, tmp_path: Path) -> None:
    weights = []
    for name in ('first', 'second'):
        folder = tmp_path / name
        folder.mkdir()
        run_stage('layout_events', replace(context, run=folder))
        weights.append(load_file(folder / 'layout_events.safetensors'))

    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_a_bundle_that_gets_a_motion_head_keeps_its_other_graphs(tmp_path: Path) -> None:
    shipped = load_bundle('eventdepth-s')
    torch.manual_seed(0)
    head = CompletionHead().eval()
    for weights in head.parameters():
        torch.nn.init.normal_(weights, 0.0, 0.1)  # no two alike, as after training
    networks = replace(networks_from_bundle(shipped), motion=head)
    run = Run(networks, {'E': {'pixel': 1.5, 'scale': 1.0}}, {}, kept=shipped.folder)

    export_bundle(run, tmp_path)

    made = load_bundle(tmp_path)
    kept = [name for name in shipped.graphs if name != 'complete_motion']
    assert list(made.graphs) == [*kept, 'complete_motion']
    assert all(made.graphs[name].sha256 == shipped.graphs[name].sha256 for name in kept)
    assert made.gflop == pytest.approx(shipped.gflop, abs=0.01)
    read_back = networks_from_bundle(made).motion
    assert read_back is not None
    inputs = [torch.rand(1, planes, 32, 48) for planes in (4, 2, 2, 3)]
    one, other = (net(*inputs, torch.ones(3, 1))[0] for net in (read_back, head))
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_a_stage_that_starts_folded_keeps_what_the_head_computes(context: StageContext) -> None:
    """A head read back from a bundle has norms that change nothing: they get statistics first."""
    save_file(LayoutNet().state_dict(), context.run / 'layout_joint.safetensors')
    head = CompletionHead()
    save_file(head.state_dict(), context.run / 'completion_joint.safetensors')
    recipe = context.recipe
    still = replace(recipe.stages['completion_motion'], learning_rate=0.0)
    stages = {**recipe.stages, 'completion_motion': still}

    folded = replace(context, recipe=replace(recipe, stages=stages), is_folded=True)
    run_stage('completion_motion', folded)

    after = CompletionHead()
    after.load_state_dict(load_file(context.run / 'completion_motion.safetensors'))
    inputs = [torch.rand(1, planes, 32, 48) for planes in (4, 2, 2, 3)]
    for before, now in zip(
        head.eval()(*inputs, torch.ones(3, 1)),
        after.eval()(*inputs, torch.ones(3, 1)),
        strict=True,
    ):
        torch.testing.assert_close(now, before, rtol=1e-3, atol=1e-4)
    assert not torch.equal(after.stem[0][1].running_mean, head.stem[0][1].running_mean)


def test_swept_batches_need_samples_with_swept_points(context: StageContext) -> None:
    save_file(LayoutNet().state_dict(), context.run / 'layout_joint.safetensors')
    save_file(CompletionHead().state_dict(), context.run / 'completion_joint.safetensors')
    stage = replace(context.recipe.stages['completion_motion'], points={'swept': 1.0})
    recipe = replace(context.recipe, stages={'completion_motion': stage})

    with pytest.raises(ValueError, match='Expected samples with swept points'):
        run_stage('completion_motion', replace(context, recipe=recipe, swept=None))


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
