"""Message packages: installed, built, to be built, or impossible to build."""

from eventdepth_ros.checks import check_messages
from eventdepth_ros.checks import messages as module
from eventdepth_ros.msgs import MessageTypeError
import pytest


@pytest.fixture
def empty_cache(clean, tmp_path):
    clean.setenv('EVENTDEPTH_CACHE', str(tmp_path / 'cache'))
    clean.setattr(module, 'installed', lambda _name: None)
    return clean


def test_what_can_be_built_is_a_note_with_the_command(empty_cache, by_subject):
    found = by_subject(check_messages)

    assert found['compiler'].state == 'ok'
    assert found['event_camera_msgs'].state == 'note'
    assert 'python -m eventdepth_ros.msgs build' in found['tf2_msgs'].text


def test_what_cannot_be_built_is_a_problem_that_says_what_to_install(empty_cache, by_subject):
    empty_cache.setenv('CC', '/no/such/compiler')

    found = by_subject(check_messages)

    assert found['compiler'].state == 'note'
    assert "'/no/such/compiler'" in found['compiler'].text
    assert found['event_camera_msgs'].state == 'problem'
    assert 'ros-<distribution>-event-camera-msgs' in found['event_camera_msgs'].text


def test_an_installed_package_of_other_types_is_a_problem(clean, by_subject, tmp_path):
    def refuse(name):
        raise MessageTypeError(f'{name}/msg/X', 'type hash A', 'type hash B', str(tmp_path))

    clean.setattr(module, 'installed', lambda _name: tmp_path)
    clean.setattr(module, 'require', refuse)

    finding = by_subject(check_messages)['tf2_msgs']

    assert finding.state == 'problem'
    assert 'with type hash A, got type hash B' in finding.text


def test_a_built_package_is_told_with_its_folder(clean, by_subject):
    from eventdepth_ros import msgs

    for name in msgs.PACKAGES:
        msgs.require(name)

    found = by_subject(check_messages)

    assert {found[name].state for name in msgs.PACKAGES} == {'ok'}
