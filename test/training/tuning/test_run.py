"""The whole command in two processes: sequences in, judged bundle out."""

import json
import os
from pathlib import Path
import subprocess
import sys

from eventdepth_core.bundle import load_bundle
import pytest
from training.errors import RunError
from training.tuning.run import run_training
import yaml

TIMEOUT_S = 400


@pytest.fixture(scope='module')
def finished(walks: Path, repository: Path, tmp_path_factory) -> tuple[Path, str]:
    """Make a fast run in two processes that speak gloo; return its folder and its output."""
    folder = tmp_path_factory.mktemp('run') / 'own'
    command = [sys.executable, '-m', 'training.train', f'data.root={walks}', f'run={folder}']
    command += [f'data.cache={folder.parent / "samples"}', 'data.licence=our own', 'name=own']
    command += ['data.train=[walk_a]', 'data.val=[walk_b]', 'data.test=[walk_c]']
    command += ['fast=true', 'devices=2', 'accelerator=cpu', 'layout.batch=2', 'progress=false']
    command += ['stages=[layout]', 'evaluation.density=[0.05]', 'completion.crop=[32,48]']
    environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
    environment.pop('LOCAL_RANK', None)
    done = subprocess.run(
        command,
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return folder, output


def test_two_processes_train_together(finished):
    folder, output = finished

    assert 'GLOBAL_RANK: 1, MEMBER: 2/2' in output
    assert (folder / 'layout' / 'last.ckpt').is_file()


def test_the_run_folder_says_what_happened(finished):
    folder, _ = finished

    recorded = yaml.safe_load((folder / 'config.yaml').read_text())
    assert recorded['layout']['learning_rate'] == pytest.approx(3e-4)
    assert recorded['data']['train'] == ['walk_a']
    assert set(json.loads((folder / 'samples.json').read_text())) == {'train', 'val', 'test'}
    for name in ('samples.png', 'layout/pictures/step_000002.png', 'evaluation.md'):
        assert (folder / name).is_file()


def test_the_bundle_loads_and_says_where_it_comes_from(finished):
    folder, _ = finished

    bundle = load_bundle(folder / 'bundle')

    assert bundle.name == 'own'
    assert bundle.provenance['data']['train'] == {'walk_a': 6}
    assert bundle.provenance['start'].startswith('eventdepth-s')
    assert 'training.train' in str(bundle.provenance['command'])
    assert 'our own' in bundle.data_licences
    assert any(row['name'] == 'own' for row in bundle.metrics)


def test_held_out_metrics_stand_beside_baselines_and_the_start(finished):
    folder, _ = finished

    content = json.loads((folder / 'evaluation.json').read_text())

    assert content['set'] == 'own test'
    by_subset: dict[str, set[str]] = {}
    for row in content['rows']:
        by_subset.setdefault(row['subset'], set()).add(row['name'])
    assert {'E', 'EI', 'P 5%', 'EIP 5%'} <= set(by_subset)
    for subset, names in by_subset.items():
        assert {'own', 'start: eventdepth-s', 'constant median', 'mean map'} <= names, subset
        assert ('nearest fill' in names) == ('P' in subset)


def test_a_run_is_not_overwritten(finished, settings):
    with pytest.raises(RunError, match='resume=true goes on with it'):
        run_training(settings, finished[0])
