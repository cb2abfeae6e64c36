"""The linters of a ROS 2 build farm, where they are installed: they agree with `make lint`."""

import os
from pathlib import Path

import pytest

CHECKED = ('eventdepth_core', 'eventdepth_ros', 'training', 'setup.py')


@pytest.fixture
def arguments(repository: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(repository)
    return [name for name in CHECKED if os.path.lexists(name)]


def test_ament_flake8_finds_nothing(arguments: list[str]) -> None:
    linter = pytest.importorskip('ament_flake8.main', reason='ament_flake8 comes with ROS 2')

    status, findings = linter.main_with_errors(argv=['--config', 'setup.cfg', *arguments])

    assert status == 0, '\n'.join(findings)


def test_ament_pep257_finds_nothing(arguments: list[str]) -> None:
    linter = pytest.importorskip('ament_pep257.main', reason='ament_pep257 comes with ROS 2')

    status = linter.main(argv=['--add-ignore', 'D401', 'D402', 'D417', '--', *arguments])

    assert status == 0
