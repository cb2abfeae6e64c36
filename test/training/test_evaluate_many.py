"""Sweeps over recordings, with the launchers that run on one machine."""

import json
import os
from pathlib import Path
import subprocess
import sys

from hydra import compose, initialize_config_dir
import pytest
from training.evaluate_many import CONFIG_FOLDER
from training.evaluation_table import gathered, means, Row

ROOT = CONFIG_FOLDER.parents[1]
DEMO = ROOT / 'config' / 'demo'


@pytest.fixture
def recordings(tmp_path):
    """Two names of the shipped recording, and a folder that is none."""
    places = [tmp_path / name for name in ('first', 'second', 'none')]
    for place in places[:2]:
        place.symlink_to(DEMO, target_is_directory=True)
    places[2].mkdir()
    return places


def swept(recordings, out, *overrides):
    names = ','.join(str(place) for place in recordings)
    command = [sys.executable, '-m', 'training.evaluate_many', '-m', f'recording={names}']
    limits = ['max_frames=3', 'use=[events]', 'trigger=reference', f'hydra.sweep.dir={out}']
    environment = os.environ | {'OMP_NUM_THREADS': '1'}
    done = subprocess.run(
        [*command, *limits, *overrides],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((Path(out) / 'table.json').read_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    'launcher',
    [
        ['hydra/launcher=joblib', 'hydra.launcher.n_jobs=2'],
        ['hydra/launcher=submitit_local', 'hydra.launcher.timeout_min=5'],
    ],
    ids=['joblib', 'submitit'],
)
def test_recordings_are_evaluated_at_once_and_one_that_fails_stops_no_other(
    recordings, tmp_path, launcher
):
    table = swept(recordings, tmp_path / 'out', *launcher, 'profile=completion')

    first, second, none = table['rows']
    assert first['metrics'] == second['metrics']
    assert first['num_frames'] >= 2
    assert first['profile'] == 'completion'
    assert none['failure'].startswith('Expected a ROS 2 bag')
    assert table['means']['eventdepth-s']['abs_rel'] == first['metrics']['abs_rel']
    page = (tmp_path / 'out' / 'table.html').read_text()
    assert 'first' in page
    assert none['failure'][:20] in page
    assert (tmp_path / 'out' / '0' / 'report.html').stat().st_size > 20_000


@pytest.mark.parametrize(
    ('launcher', 'target'),
    [('slurm', 'submitit_launcher.SlurmLauncher'), ('ray', 'ray_launcher.RayLauncher')],
)
def test_the_launchers_of_clusters_compose(launcher, target):
    with initialize_config_dir(str(CONFIG_FOLDER), version_base='1.3'):
        config = compose(
            'evaluate_many',
            ['recording=a.mcap', f'hydra/launcher={launcher}'],
            return_hydra_config=True,
        )

    assert config.hydra.launcher._target_.endswith(target)
    assert config.hydra.callbacks.table._target_ == 'training.evaluation_table.TableOfAll'


def job(folder, name, recording='a', bundle='s', *, failure='', metrics=None):
    place = folder / name
    place.mkdir()
    (place / 'job.json').write_text(json.dumps({'recording': recording, 'bundle': bundle}))
    if failure:
        (place / 'failure.txt').write_text(failure)
    if metrics is not None:
        run = {'metrics': metrics, 'statement': {'num_frames_used': 7}}
        (place / 'evaluation.json').write_text(json.dumps({'profile': 'plain', 'runs': [run]}))


def test_rows_come_in_the_order_of_the_jobs_with_their_failures(tmp_path):
    job(tmp_path, '10', metrics={'abs_rel': 0.5, 'ause': None})
    job(tmp_path, '2', 'b', failure='Expected a camera, got none.')
    job(tmp_path, '3', 'c')

    rows = gathered(tmp_path)

    assert [row.job for row in rows] == ['2', '3', '10']
    assert rows[0].failure == 'Expected a camera, got none.'
    assert rows[1].failure == 'ended without a result; see its log'
    assert (rows[2].num_frames, rows[2].metrics) == (7, {'abs_rel': 0.5})


def test_each_recording_counts_once_and_failures_in_no_mean():
    rows = [
        Row('0', 'a', 's', num_frames=1000, metrics={'abs_rel': 0.1}),
        Row('1', 'b', 's', num_frames=1, metrics={'abs_rel': 0.3}),
        Row('2', 'c', 's', failure='no'),
        Row('3', 'a', 't', num_frames=1, metrics={'abs_rel': 0.7}),
    ]

    assert means(rows) == {'s': {'abs_rel': pytest.approx(0.2)}, 't': {'abs_rel': 0.7}}
