"""The commands that make sets, the demo and recordings: what each asks for."""

from pathlib import Path

import pytest

pytest.importorskip('skimage')

from training.simulate import __main__ as commands
from training.simulate import dataset, recording
from training.simulate.lidar_scan import ScanningLidar
from training.simulate.named_recordings import DEMO, REPLAYS

DEMO_README = Path(__file__).resolve().parents[3] / 'config' / 'demo' / 'README.md'


@pytest.fixture
def asked(monkeypatch):
    """Return the arguments of commands that would have run."""
    seen = []
    for module in (dataset, recording):
        monkeypatch.setattr(module, 'main', seen.append)
    return seen


def specs():
    options = recording.parser()
    return {
        name: recording.walk_spec(options.parse_args(['--out', 'x', *line.split()]))
        for name, line in REPLAYS.items()
    }


def test_sets_are_those_of_the_recipe(asked, tmp_path):
    commands.main(['sets', '--out', str(tmp_path), '--workers', '3'])

    options = [dataset.parser().parse_args(each) for each in asked]
    assert [(each.split, each.num, each.swept) for each in options] == [
        ('train', 16_000, False),
        ('val', 300, False),
        ('test', 400, False),
        ('train', 2_000, True),
        ('val', 200, True),
        ('test', 240, True),
    ]
    assert {(each.seed, each.workers) for each in options} == {(1, 3)}
    assert {each.scenes for each in options} == {'recorded'}


def test_the_demo_is_made_as_its_readme_says(asked, tmp_path):
    commands.main(['demo', '--out', str(tmp_path)])

    assert asked == [['--out', str(tmp_path), *DEMO.split()]]
    assert f'--out config/demo {DEMO} --overwrite' in DEMO_README.read_text()


def test_each_recording_has_every_sensor_and_together_they_have_all_kinds():
    found = specs().values()

    assert all(each.rgb is not None for each in found)
    assert all(isinstance(each.lidar, ScanningLidar) for each in found)
    assert all(min(each.image_rate_hz, each.points_rate_hz) > 0 for each in found)
    assert {each.motion for each in found} == {'smooth', 'handheld', 'driving'}
    assert {each.camera.distortion_model for each in found} == {'plumb_bob', 'equidistant'}
    assert {bool(each.rgb.readout_us) for each in found} == {True, False}
    assert {each.rgb.has_own_view for each in found} == {True, False}
    assert len({type(each.lidar.pattern) for each in found}) == 3
    assert {each.family for each in found} == {
        *('room', 'table', 'drive', 'indoor_classroom', 'driving_country')
    }
    assert {each.focus is None for each in found} == {True, False}


def test_recordings_that_are_there_are_kept(asked, tmp_path):
    (tmp_path / 'table_aps').mkdir()

    commands.main(['recordings', '--out', str(tmp_path)])

    made = [Path(each[1]).name for each in asked]
    assert made == [name for name in REPLAYS if name != 'table_aps']


def test_an_unknown_recording_is_refused(asked, tmp_path, capsys):
    with pytest.raises(SystemExit):
        commands.main(['recordings', '--out', str(tmp_path), 'moon'])

    assert 'moon' in capsys.readouterr().err
    assert asked == []


@pytest.mark.parametrize(('kind', 'low_px', 'high_px'), [('narrow', 445, 1300), ('wide', 90, 250)])
def test_a_drawn_lens_brings_its_own_field_of_view(kind, low_px, high_px):
    command = ['--out', 'x', '--lens', f'drawn-{kind}', '--seed']

    cameras = [
        recording.walk_spec(recording.parser().parse_args([*command, seed])).camera
        for seed in ('1', '1', '2')
    ]

    assert cameras[0] == cameras[1] != cameras[2]
    assert all(low_px < camera.fx < high_px for camera in cameras)
