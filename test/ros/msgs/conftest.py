"""A compiler that keeps a record, and programs that ask for message packages."""

from collections.abc import Callable
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

LINKS_OF_A_BUILD = 3
OPTION = '-DOF_THE_USER'
RECORDING_COMPILER = '#!/bin/sh\necho "$@" >> {record}\nexec {compiler} "$@"\n'
ASK = """
import sys
from eventdepth_core.errors import EventDepthError
from eventdepth_ros import msgs
try:
    print(msgs.require(sys.argv[1]).__file__)
except EventDepthError as error:
    sys.exit(f'{type(error).__name__}: {error}')
"""
BUILD_WORDS = ('build', 'event_camera_msgs', '--target')
BUILD = 'from eventdepth_ros.msgs.__main__ import main; raise SystemExit(main())'


@dataclass(frozen=True)
class Asking:
    """Programs that call `require` with a cache and a recording compiler of this test."""

    cache: Path
    record: Path
    environment: dict[str, str]

    def start(self, *arguments: str, code: str = ASK, **changed: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, '-c', code, *arguments],
            cwd=self.cache.parent,
            env=self.environment | changed,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: str = ASK, **changed: str) -> tuple[int, str, str]:
        ran = self.start(*arguments, code=code, **changed)
        output, errors = ran.communicate(timeout=120)
        return ran.returncode, output.strip(), errors

    @property
    def num_builds(self) -> float:
        """How many packages have been linked, from the compiler's record."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return sum('-shared' in line for line in lines) / LINKS_OF_A_BUILD

    @property
    def builds(self) -> list[Path]:
        return sorted(path for path in self.cache.glob('msgs/*') if path.is_dir())


def _asking(folder: Path) -> Asking:
    pytest.importorskip('rclpy', reason='no ROS 2 here')
    record = folder / 'compiler.log'
    for name in ('gcc', 'g++'):
        script = folder / name
        script.write_text(RECORDING_COMPILER.format(record=record, compiler=name))
        script.chmod(0o755)
    cleared = ('PYTHONPATH', 'AMENT_PREFIX_PATH')
    environment = {key: value for key, value in os.environ.items() if key not in cleared}
    environment |= {
        'EVENTDEPTH_CACHE': str(folder / 'cache'),
        'CC': str(folder / 'gcc'),
        'CXX': f'{folder / "g++"} {OPTION}',
    }
    return Asking(folder / 'cache', record, environment)


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return _asking(tmp_path)


@pytest.fixture(scope='module')
def module_asking(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return _asking(tmp_path_factory.mktemp('asking'))


@pytest.fixture(scope='session')
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build EventPacket into a folder of its own, as an image does, and return the folder."""
    folder = tmp_path_factory.mktemp('built')
    asking = _asking(folder)
    target = str(folder / 'target')
    status, _, errors = asking.run(*BUILD_WORDS, target, code=BUILD)
    assert status == 0, errors
    assert not asking.builds
    return folder / 'target'


@pytest.fixture
def installed(built: Path, tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that copies the built package, one word in its description replaced."""

    def copy(old: str, new: str) -> Path:
        target = tmp_path / 'installed'
        shutil.copytree(built, target)
        description = target / 'share' / 'event_camera_msgs' / 'msg' / 'EventPacket.json'
        text = description.read_text()
        assert old in text
        description.write_text(text.replace(old, new))
        return target

    return copy
