"""A stage resumes bit for bit, keeps the best weights and reads nothing but plain values."""

from dataclasses import replace
import json
import os
from pathlib import Path

import pytest
from safetensors.torch import load_file
import torch
from training.errors import RunError
from training.tuning.sampling import StepBatches
from training.tuning.stage import check_safe, run_stage, StageJob
from training.tuning.weights import starting_networks


def job_in(folder: Path, name: str, settings, sets) -> StageJob:
    folder.mkdir(exist_ok=True)
    networks = starting_networks('scratch', 0)
    return StageJob(name, settings, folder, sets['train'], sets['val'], networks)


@pytest.fixture
def steps_seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    original = StepBatches.__getitem__

    def spied(batches: StepBatches, step: int):
        seen.append(step)
        return original(batches, step)

    monkeypatch.setattr(StepBatches, '__getitem__', spied)
    return seen


@pytest.mark.parametrize('name', ['layout', 'completion'])
def test_two_steps_and_two_more_equal_four(name, settings, sets, tmp_path, steps_seen):
    assert run_stage(job_in(tmp_path / 'whole', name, settings, sets))
    whole_steps = steps_seen[-4:]
    torch.manual_seed(99)
    stopped = replace(settings, stop_after=2)
    assert not run_stage(job_in(tmp_path / 'parts', name, stopped, sets))
    assert not (tmp_path / 'parts' / f'{name}.safetensors').exists()
    del steps_seen[:]
    torch.manual_seed(77)

    assert run_stage(job_in(tmp_path / 'parts', name, settings, sets))

    assert whole_steps == [0, 1, 2, 3]
    assert steps_seen == [2, 3]
    whole, parts = (
        check_safe(tmp_path / folder / name / 'last.ckpt') for folder in ('whole', 'parts')
    )
    assert whole['global_step'] == parts['global_step'] == 4
    assert_equal(whole['state_dict'], parts['state_dict'])
    assert_equal(whole['optimizer_states'][0]['state'], parts['optimizer_states'][0]['state'])
    finished = [
        load_file(tmp_path / folder / f'{name}.safetensors') for folder in ('whole', 'parts')
    ]
    assert_equal(*finished)


def assert_equal(first, second) -> None:
    assert first.keys() == second.keys()
    for key, value in first.items():
        if isinstance(value, dict):
            assert_equal(value, second[key])
        else:
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(second[key])), key


def test_training_changes_the_weights_and_leaves_pictures_and_figures(settings, sets, tmp_path):
    job = job_in(tmp_path, 'layout', settings, sets)
    before = {key: value.clone() for key, value in job.networks.layout.state_dict().items()}

    run_stage(job)

    after = check_safe(tmp_path / 'layout' / 'last.ckpt')['state_dict']
    assert any(not torch.equal(before[key], after[f'network.{key}']) for key in before)
    assert len(list((tmp_path / 'layout' / 'pictures').glob('step_*.png'))) == 3
    figures = next((tmp_path / 'layout' / 'metrics').rglob('metrics.csv')).read_text()
    assert 'val/abs_rel' in figures.splitlines()[0]


def test_weights_that_only_became_worse_are_not_kept(settings, sets, tmp_path):
    ruinous = replace(settings.layout, learning_rate=3000.0, is_norm_frozen=True)
    job = job_in(tmp_path, 'layout', replace(settings, layout=ruinous), sets)

    run_stage(job)

    start = json.loads((tmp_path / 'layout' / 'start.json').read_text())
    assert start['val/loss'] < 10
    kept = load_file(tmp_path / 'layout.safetensors')
    assert_equal(kept, load_file(tmp_path / 'layout' / 'start.safetensors'))


def test_a_checkpoint_with_an_object_in_it_is_refused_unread(settings, sets, tmp_path):
    class Malicious:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / 'broken_in'),)

    job = job_in(tmp_path, 'layout', settings, sets)
    job.last_path.parent.mkdir()
    torch.save({'state_dict': Malicious()}, job.last_path)

    with pytest.raises(RunError, match='would have to be unpickled'):
        run_stage(job)

    assert not (tmp_path / 'broken_in').exists()
