import argparse
from importlib import metadata
import subprocess
import sys

from eventdepth_core import cli
from eventdepth_core.errors import BundleError, InputError
import pytest


class Failing:
    """A command that raises what it was given."""

    SUMMARY = 'Fail.'

    def __init__(self, error):
        self._error = error

    def add_arguments(self, parser: argparse.ArgumentParser):
        parser.add_argument('--often', action='store_true')

    def run(self, arguments):
        raise self._error


@pytest.fixture
def failing(monkeypatch):
    """Return a function that replaces all commands by one that raises."""

    def replaced(error):
        monkeypatch.setattr(cli, 'installed_commands', lambda: {'fail': Failing(error)})

    return replaced


def test_help_lists_every_command_with_its_summary(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(['--help'])

    text = ' '.join(capsys.readouterr().out.split())
    assert stopped.value.code == 0
    for name, command in cli.installed_commands().items():
        assert f'{name} {command.SUMMARY}' in text


@pytest.mark.parametrize('name', list(cli.BUILT_IN))
def test_every_command_has_help_for_every_option(name, capsys):
    parser = argparse.ArgumentParser()
    cli.installed_commands()[name].add_arguments(parser)

    with pytest.raises(SystemExit) as stopped:
        cli.main([name, '--help'])

    assert stopped.value.code == 0
    assert capsys.readouterr().out
    assert all(action.help for action in parser._actions)


def test_an_error_of_the_library_is_one_line_and_code_two(failing, capsys):
    failing(BundleError('Expected a bundle,\n  got [bold]none[/bold].'))

    code = cli.main(['fail'])

    out, err = capsys.readouterr()
    assert code == 2
    assert out == ''
    assert err == 'eventdepth: error: Expected a bundle, got [bold]none[/bold].\n'


def test_a_file_that_cannot_be_opened_is_one_line(failing, capsys):
    failing(PermissionError(13, 'Permission denied', '/somewhere'))

    code = cli.main(['fail'])

    err = capsys.readouterr().err
    assert code == 2
    assert err.count('\n') == 1
    assert '/somewhere' in err


def test_a_defect_keeps_its_traceback(failing):
    failing(ZeroDivisionError('a defect'))

    with pytest.raises(ZeroDivisionError):
        cli.main(['fail'])


def test_an_interrupt_has_its_own_code(failing):
    failing(KeyboardInterrupt())

    assert cli.main(['fail']) == 130


def test_an_interrupt_while_commands_are_loaded_has_the_same_code(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, 'installed_commands', interrupted)

    assert cli.main(['doctor']) == 130


def test_an_interrupt_inside_an_extension_that_loads_has_the_same_code(failing):
    error = ImportError('initialization failed')
    error.__cause__ = KeyboardInterrupt()
    failing(error)

    assert cli.main(['fail']) == 130


def test_an_import_that_fails_by_itself_keeps_its_traceback(failing):
    failing(ImportError('no such module'))

    with pytest.raises(ImportError, match='no such module'):
        cli.main(['fail'])


def test_commands_that_contradict_each_other_are_one_line(monkeypatch, capsys):
    point = entry_point('doctor', 'elsewhere.doctor')
    monkeypatch.setattr(metadata, 'entry_points', lambda **_: [point])

    code = cli.main(['doctor'])

    assert code == 2
    assert capsys.readouterr().err.count('\n') == 1


def test_an_unknown_command_or_option_is_refused_with_usage(capsys):
    for words in ([], ['dance'], ['doctor', '--dance']):
        with pytest.raises(SystemExit) as stopped:
            cli.main(words)
        assert stopped.value.code == 2
    assert 'usage: eventdepth' in capsys.readouterr().err


def entry_point(name, value):
    return metadata.EntryPoint(name=name, value=value, group=cli.GROUP)


def test_installed_commands_join_the_built_in_ones(monkeypatch):
    point = entry_point('nothing', 'eventdepth_core.commands.doctor')
    monkeypatch.setattr(metadata, 'entry_points', lambda **_: [point])

    commands = cli.installed_commands()

    assert set(commands) == {*cli.BUILT_IN, 'nothing'}
    assert commands['nothing'] is commands['doctor']


def test_two_commands_of_one_name_are_refused(monkeypatch):
    point = entry_point('doctor', 'elsewhere.doctor')
    monkeypatch.setattr(metadata, 'entry_points', lambda **_: [point])

    with pytest.raises(InputError, match=r"one command 'doctor', got .* and elsewhere\.doctor"):
        cli.installed_commands()


def test_help_loads_no_heavy_package():
    code = (
        'import sys\n'
        'from eventdepth_core import cli\n'
        'try:\n    cli.main(["replay", "--help"])\nexcept SystemExit:\n    pass\n'
        'heavy = {"torch", "numba", "onnxruntime", "matplotlib", "cv2", "rich"}\n'
        'sys.exit(", ".join(sorted(heavy & set(sys.modules))) or None)\n'
    )

    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
