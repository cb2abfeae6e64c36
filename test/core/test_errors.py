"""The errors that more than one module raises: their texts and what guards an import."""

import sys

from eventdepth_core.errors import MissingDependencyError, needed_package
from eventdepth_core.recordings import McapRecorder, open_recording
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.definitions import CAMERA_INFO
import pytest


def test_a_missing_package_of_an_extra_names_the_extra():
    error = MissingDependencyError('torch', 'train')

    assert str(error).endswith("got none: pip install 'eventdepth_ros[train]'")
    assert (error.package, error.extra) == ('torch', 'train')


def test_a_missing_package_without_an_extra_names_itself():
    with (
        pytest.raises(
            MissingDependencyError, match=r'Expected .*, got none: pip install nowhere$'
        ),
        needed_package('nowhere'),
    ):
        import nowhere_to_be_found  # noqa: F401


def test_other_errors_pass_the_guard_of_an_import():
    with pytest.raises(ImportError, match='cannot import name') as caught, needed_package('sys'):
        from sys import nothing_of_that_name  # noqa: F401

    assert not isinstance(caught.value, MissingDependencyError)


def test_a_recorder_without_mcap_names_the_package_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'mcap.writer', None)

    with pytest.raises(MissingDependencyError, match=r'pip install mcap$'):
        McapRecorder(tmp_path / 'run')

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ('module', 'package'), [('mcap.records', 'mcap'), ('zstandard', 'zstandard')]
)
def test_reading_a_bag_without_a_package_names_it(tmp_path, monkeypatch, module, package):
    with McapRecorder(tmp_path / 'run') as recorder:
        recorder.write('/camera_info', CAMERA_INFO, bytes(8), 1)
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingDependencyError, match=rf'pip install {package}$'):
        list(Bag(tmp_path / 'run').messages({'/camera_info'}))


def test_reading_aedat4_without_aedat_names_it(tmp_path, monkeypatch):
    path = tmp_path / 'events.aedat4'
    path.write_bytes(b'#!AER-DAT4.0\r\n')
    monkeypatch.setitem(sys.modules, 'aedat', None)

    with pytest.raises(MissingDependencyError, match=r'pip install aedat$'):
        open_recording(path)
