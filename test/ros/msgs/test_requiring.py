"""A message package is taken where it is installed, else built once and checked."""

from pathlib import Path

from eventdepth_core.recordings.definitions import EVENT_PACKET, TYPE_HASHES
import pytest

NAME = 'event_camera_msgs'
HASH = TYPE_HASHES[EVENT_PACKET]
OTHER_HASH = 'RIHS01_' + '0' * 64
FAKE = """
class EventPacket:
    @classmethod
    def get_fields_and_field_types(cls):
        return dict.fromkeys({fields})
"""
FIELDS = ['header', 'height', 'width', 'seq', 'time_base', 'encoding', 'is_bigendian', 'events']


def write_package(folder: Path, fields: list[str]) -> Path:
    package = folder / NAME
    (package / 'msg').mkdir(parents=True)
    (package / '__init__.py').touch()
    (package / 'msg' / '__init__.py').write_text(FAKE.format(fields=fields))
    return folder


@pytest.fixture(scope='module')
def started_together(module_asking):
    """Start two programs at the same time on an empty cache; return what they answered."""
    programs = [module_asking.start(NAME) for _ in range(2)]
    answers = [program.communicate(timeout=120) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], answers
    return [output.strip() for output, _ in answers]


def test_two_processes_that_start_together_build_once(module_asking, started_together):
    (build,) = module_asking.builds

    assert module_asking.num_builds == 1
    assert started_together == [str(build / NAME / 'msg/__init__.py')] * 2
    assert not list(module_asking.cache.glob('msgs/.*'))


def test_options_in_the_name_of_a_compiler_are_respected(module_asking, started_together):
    lines = module_asking.record.read_text().splitlines()

    assert {'-DOF_THE_USER' in line for line in lines if '-shared' in line} == {True}


def test_a_finished_build_needs_no_compiler(module_asking, started_together):
    status, output, errors = module_asking.run(NAME, CC='/no/such/compiler')

    assert status == 0, errors
    assert output == started_together[0]
    assert module_asking.num_builds == 1


def test_an_installed_package_wins_over_an_earlier_build(module_asking, started_together, built):
    _, output, _ = module_asking.run(NAME, PYTHONPATH=str(built))

    assert output == str(built / NAME / 'msg' / '__init__.py')


def test_a_checkout_of_the_source_does_not_count_as_installed(
    module_asking, started_together, tmp_path
):
    source = tmp_path / 'workspace'
    (source / NAME / 'msg').mkdir(parents=True)
    (source / NAME / 'msg' / 'EventPacket.msg').touch()

    status, output, errors = module_asking.run(NAME, PYTHONPATH=str(source))

    assert status == 0, errors
    assert output == started_together[0]


def test_a_build_with_another_hash_is_refused(module_asking, started_together):
    code = f"""
from eventdepth_core.recordings import definitions
definitions.TYPE_HASHES[{EVENT_PACKET!r}] = {OTHER_HASH!r}
from eventdepth_ros import msgs
msgs.require({NAME!r})
"""

    status, _, errors = module_asking.run(code=code)

    assert status == 1
    assert f'with type hash {OTHER_HASH}, got type hash {HASH}' in errors


def test_a_missing_compiler_is_one_sentence_that_says_what_to_install(asking):
    status, _, errors = asking.run(NAME, CC='/no/such/compiler')

    (sentence,) = errors.splitlines()
    assert status == 1
    assert sentence.startswith('MessageBuildError: ')
    assert "got no '/no/such/compiler' on the path" in sentence
    assert 'apt install build-essential' in sentence
    assert 'CC' in sentence


def test_a_compiler_that_fails_shows_what_it_said_and_leaves_nothing(asking, tmp_path):
    compiler = tmp_path / 'broken'
    compiler.write_text('#!/bin/sh\necho "fatal error: no such thing" >&2\nexit 4\n')
    compiler.chmod(0o755)

    status, _, errors = asking.run(NAME, CC=str(compiler))

    assert status == 1
    assert f'Expected {compiler} to build a ROS message package, got exit status 4' in errors
    assert 'fatal error: no such thing' in errors
    assert [path.suffix for path in asking.cache.glob('msgs/*')] == ['.lock']
    assert not list(asking.cache.glob('msgs/.*'))


def test_an_unwritable_cache_is_named(asking, tmp_path):
    (tmp_path / 'file').touch()

    status, _, errors = asking.run(NAME, EVENTDEPTH_CACHE=str(tmp_path / 'file' / 'cache'))

    assert status == 1
    assert 'Expected a writable cache folder' in errors
    assert 'EVENTDEPTH_CACHE' in errors


def test_an_installed_package_wins_and_nothing_is_built(asking, built):
    status, output, errors = asking.run(NAME, PYTHONPATH=str(built))

    assert status == 0, errors
    assert output == str(built / NAME / 'msg' / '__init__.py')
    assert not asking.builds


def test_an_installed_package_with_another_hash_is_refused_naming_both(asking, installed):
    folder = installed(HASH, OTHER_HASH)

    status, _, errors = asking.run(NAME, PYTHONPATH=str(folder))

    assert status == 1
    assert (
        f'Expected {EVENT_PACKET} with type hash {HASH}, got type hash {OTHER_HASH} '
        f'from {folder / NAME}'
    ) in errors


@pytest.mark.parametrize(('fields', 'status'), [(FIELDS, 0), (FIELDS[1:], 1), (FIELDS[::-1], 1)])
def test_fields_are_compared_where_a_package_carries_no_hash(asking, tmp_path, fields, status):
    folder = write_package(tmp_path / 'humble', fields)

    actual, output, errors = asking.run(NAME, PYTHONPATH=str(folder))

    assert actual == status, errors
    assert output.startswith(str(folder)) or 'got fields' in errors
    assert not asking.builds


def test_an_unknown_package_is_refused_with_the_known_ones(asking):
    status, _, errors = asking.run('std_msgs')

    assert status == 1
    assert (
        "Expected a package out of event_camera_msgs, nav_msgs, tf2_msgs, got 'std_msgs'."
        in errors
    )


def test_without_ros_the_extra_is_named(asking):
    code = """
import sys
sys.modules['rclpy'] = None
from eventdepth_ros import msgs
msgs.require('tf2_msgs')
"""

    status, _, errors = asking.run(code=code)

    assert status == 1
    assert 'MissingDependencyError: Expected the package rclpy to be installed' in errors
    assert "pip install 'eventdepth_ros[ros]'" in errors
