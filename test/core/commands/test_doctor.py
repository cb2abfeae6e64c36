from importlib import metadata
from pathlib import Path

from eventdepth_core import cli
from eventdepth_core.commands import doctor
from eventdepth_core.errors import InputError
import pytest


@pytest.fixture
def sound(tiny_folder, monkeypatch, tmp_path):
    """Let the installation have a cache folder and a bundle."""
    monkeypatch.setenv('EVENTDEPTH_BUNDLES', str(tiny_folder.parent))
    monkeypatch.setenv('EVENTDEPTH_CACHE', str(tmp_path / 'cache'))
    monkeypatch.setenv('COLUMNS', '200')
    return tiny_folder


def findings():
    return {finding.subject: finding for finding in doctor.diagnosis()}


def test_a_sound_installation_has_no_problem(sound, capsys):
    code = cli.main(['doctor'])

    text = capsys.readouterr().out
    assert code == 0
    assert 'No problems.' in text
    for word in ('python', 'numba', 'onnxruntime', 'cache', 'bundle tiny', 'cores'):
        assert word in text


def test_a_broken_bundle_is_a_problem_and_code_one(sound, capsys):
    (sound / 'complete.onnx').write_bytes(b'other')

    assert cli.main(['doctor']) == 1
    assert 'Expected sha256' in capsys.readouterr().out


def test_a_cache_that_cannot_be_written_is_a_problem(sound, monkeypatch, tmp_path):
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('EVENTDEPTH_CACHE', str(tmp_path / 'file' / 'cache'))

    finding = findings()['cache']

    assert finding.state == 'problem'
    assert 'EVENTDEPTH_CACHE' in finding.text


def test_a_missing_package_is_a_problem_and_an_optional_one_is_not(sound, monkeypatch):
    real = metadata.version

    def version(name):
        if name in ('numba', 'torch'):
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, 'version', version)

    found = findings()

    assert found['numba'].state == 'problem'
    assert found['torch'].state == 'ok'


def test_packages_of_some_recordings_are_a_note_when_missing(sound, monkeypatch, capsys):
    real = metadata.version

    def version(name):
        if name in ('aedat', 'mcap', 'lz4', 'zstandard'):
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, 'version', version)

    found = findings()

    for name in ('aedat', 'mcap', 'lz4', 'zstandard'):
        assert found[name].state == 'note'
        assert found[name].text.startswith('missing: needed for ')
    assert cli.main(['doctor']) == 0


@pytest.mark.parametrize(('module', 'state'), [('cv2', 'ok'), ('absent_module', 'problem')])
def test_opencv_of_the_system_counts_without_metadata(sound, monkeypatch, module, state):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, 'version', version)
    monkeypatch.setitem(doctor.SYSTEM_MODULES, 'opencv-python-headless', module)

    assert findings()['opencv-python-headless'].state == state


def test_settings_are_told_and_misspelt_ones_noticed(sound, monkeypatch):
    monkeypatch.setenv('EVENTDEPTH_CASHE', '/x')
    monkeypatch.setenv('EVENTDEPTH_BUNDLES', '/does/not/exist')

    found = findings()

    assert found['EVENTDEPTH_CASHE'].state == 'note'
    assert found['EVENTDEPTH_BUNDLES'].state == 'problem'
    assert found['EVENTDEPTH_CACHE'].state == 'ok'


def test_installed_checks_take_part_and_their_failure_is_a_finding(sound, monkeypatch):
    def broken_check():
        raise InputError('Expected a network, got none.')

    def fine_check():
        yield doctor.Finding('graph', 'ok', 'up')

    monkeypatch.setattr(doctor, '_installed_checks', lambda: [broken_check, fine_check])

    found = findings()

    assert found['graph'].state == 'ok'
    assert found['broken_check'] == doctor.Finding(
        'broken_check', 'problem', 'Expected a network, got none.'
    )


def test_parameter_files_reach_the_checks_that_take_them(sound, monkeypatch):
    given = []

    def reading_check(params_files=()):
        given.extend(params_files)
        yield doctor.Finding('graph', 'ok', 'up')

    def other_check():
        yield doctor.Finding('disk', 'ok', 'free')

    monkeypatch.setattr(doctor, '_installed_checks', lambda: [reading_check, other_check])

    code = cli.main(['doctor', '--params-file', 'a.yaml', '--params-file', 'b.yaml'])

    assert code == 0
    assert given == [Path('a.yaml'), Path('b.yaml')]


def test_a_parameter_file_that_cannot_be_read_is_a_problem(sound, monkeypatch):
    def reading_check(params_files=()):
        yield doctor.Finding('graph', 'ok', params_files[0].read_text())

    monkeypatch.setattr(doctor, '_installed_checks', lambda: [reading_check])

    found = {each.subject: each for each in doctor.diagnosis((Path('/absent.yaml'),))}

    assert found['reading_check'].state == 'problem'
    assert '/absent.yaml' in found['reading_check'].text
