"""The kernel cache: where it lies, and what happens where it cannot be written."""

import importlib.util
import logging
from pathlib import Path

from eventdepth_core import compilation
import pytest

MODULE = """
from eventdepth_core.compilation import kernel

@kernel
def square(value):
    return value * value

@kernel
def twice(value):
    return value + value
"""


@pytest.fixture
def kernels_of(tmp_path, monkeypatch):
    def load(cache):
        monkeypatch.setenv('EVENTDEPTH_CACHE', str(cache))
        for cached in (compilation._folder_for, compilation._writable, compilation._warn_once):
            cached.cache_clear()
        path = tmp_path / 'square_kernel.py'
        path.write_text(MODULE)
        spec = importlib.util.spec_from_file_location('square_kernel', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    yield load
    for cached in (compilation._folder_for, compilation._writable, compilation._warn_once):
        cached.cache_clear()


def machine_code(cache: Path):
    return sorted(cache.glob('numba/*/**/*.nbc'))


def test_kernels_are_kept_in_the_chosen_folder(tmp_path, kernels_of):
    cache = tmp_path / 'cache'

    kernels = kernels_of(cache)

    assert (kernels.square(7), kernels.twice(7)) == (49, 14)
    assert len(machine_code(cache)) == 2
    assert not list(tmp_path.glob('__pycache__/*.nb?'))


def test_kernels_are_found_again_and_renewed_when_a_neighbour_changes(tmp_path, kernels_of):
    cache = tmp_path / 'cache'
    kernels_of(cache).square(7)

    again = kernels_of(cache).square
    again(7)
    (tmp_path / 'other_kernel.py').write_text('CONSTANT = 3\n')
    renewed = kernels_of(cache).square
    renewed(7)

    assert sum(again.stats.cache_hits.values()) == 1
    assert sum(renewed.stats.cache_hits.values()) == 0
    assert len(machine_code(cache)) == 2


def test_an_unwritable_folder_costs_one_warning_and_no_kernel(tmp_path, kernels_of, caplog):
    blocked = tmp_path / 'file'
    blocked.write_text('not a folder')

    with caplog.at_level(logging.WARNING):
        kernels = kernels_of(blocked)

    assert (kernels.square(7), kernels.twice(7)) == (49, 14)
    (record,) = caplog.records
    assert record.message.startswith('Expected a writable cache folder, got')


def test_the_folder_of_the_user_is_the_default(monkeypatch, tmp_path):
    monkeypatch.delenv('EVENTDEPTH_CACHE', raising=False)
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))

    assert compilation.cache_folder() == tmp_path / 'eventdepth'
