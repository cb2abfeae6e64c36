import json

from eventdepth_core import cli
import pytest


@pytest.fixture
def recording(tmp_path):
    """Write a text folder with a quarter of a second of one event per millisecond."""
    folder = tmp_path / 'recording'
    folder.mkdir()
    lines = ['70 50', *(f'{k / 1000:.3f} {k % 70} {k % 50} {k % 2}' for k in range(1, 250))]
    (folder / 'events.txt').write_text('\n'.join(lines) + '\n')
    return folder


def test_replay_prints_a_summary_and_leaves_the_files(recording, tiny_folder, tmp_path, capsys):
    out = tmp_path / 'out'

    words = f'replay {recording} --bundle {tiny_folder} --out {out}'.split()

    code = cli.main([*words, '--fov-deg=60', '--use=events', '--rate-hz=10'])

    text = capsys.readouterr().out
    assert code == 0
    assert '2 from events: 2' in text
    assert 'prior (guessed): 2' in text
    assert 'assumed' in text
    assert {path.name for path in out.iterdir()} == {
        'depth.mcap',
        'metrics.json',
        'preview.png',
        'report.html',
    }
    assert json.loads((out / 'metrics.json').read_text())['options']['rate_hz'] == 10.0


def test_a_recording_without_a_camera_is_one_line_of_advice(
    recording, tiny_folder, tmp_path, capsys
):
    code = cli.main(
        ['replay', str(recording), '--bundle', str(tiny_folder), '--out', str(tmp_path / 'out')]
    )

    err = capsys.readouterr().err
    assert code == 2
    assert err.count('\n') == 1
    assert '--camera FILE' in err
    assert '--fov-deg DEG' in err


def test_a_replay_without_any_frame_says_where_the_recording_ends(
    recording, tiny_folder, tmp_path, capsys
):
    words = f'replay {recording} --bundle {tiny_folder} --out {tmp_path / "out"}'.split()

    code = cli.main([*words, '--fov-deg=60', '--start-s=1e9', '--no-report'])

    err = capsys.readouterr().err
    assert code == 1
    assert err == (
        'Expected at least one frame from 1e+09 s on, got none: the recording ends at 0.248 s.\n'
    )


def test_results_that_cannot_be_written_are_one_line(recording, tiny_folder, tmp_path, capsys):
    (tmp_path / 'file').write_text('')
    out = tmp_path / 'file' / 'out'
    words = f'replay {recording} --bundle {tiny_folder} --out {out}'.split()

    code = cli.main([*words, '--fov-deg=60'])

    err = capsys.readouterr().err
    assert code == 2
    assert err.count('\n') == 1
    assert f'Expected a folder that can be written at {out}, got ' in err


@pytest.mark.parametrize(
    ('words', 'text'),
    [
        (['--use', 'events,radar'], "got 'radar'"),
        (['--topics', 'events'], 'expected STREAM=TOPIC'),
        (['--camera', 'a.yaml', '--fov-deg', '60'], 'not allowed with'),
        (['--trigger', 'never'], 'invalid choice'),
    ],
)
def test_wrong_options_are_refused_with_what_was_expected(words, text, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(['replay', 'x', '--out', 'y', *words])

    assert stopped.value.code == 2
    assert text in capsys.readouterr().err


def test_a_missing_recording_and_a_missing_bundle_are_one_line_each(tiny_folder, tmp_path, capsys):
    absent = str(tmp_path / 'absent')

    codes = [
        cli.main(['replay', absent, '--bundle', str(tiny_folder), '--out', str(tmp_path / 'o')]),
        cli.main(['replay', absent, '--bundle', 'no-such', '--out', str(tmp_path / 'o')]),
    ]

    lines = capsys.readouterr().err.splitlines()
    assert codes == [2, 2]
    assert len(lines) == 2
    assert 'absent' in lines[0]
    assert "'no-such'" in lines[1]
