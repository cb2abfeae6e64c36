"""Profile, shared memory and socket buffers against a depth image of 640x480."""

import mmap
import os

from eventdepth_ros.checks import check_middleware, middleware
import pytest

PROFILE = (
    '<dds><profiles><transport_descriptors><transport_descriptor><type>SHM</type>'
    '<segment_size>{segment}</segment_size><maxMessageSize>{message}</maxMessageSize>'
    '</transport_descriptor></transport_descriptors></profiles></dds>'
)


@pytest.fixture
def shared_memory(clean, tmp_path):
    """Let a folder of this test stand in for /dev/shm."""
    folder = tmp_path / 'shm'
    folder.mkdir()
    clean.setattr(middleware, 'SHARED_MEMORY', folder)
    return folder


def test_the_shipped_profile_is_in_effect_and_large_enough(clean, by_subject, repository):
    finding = by_subject(check_middleware)['dds profile']

    assert finding.state == 'ok'
    assert f'the shipped {repository}/config/fastdds.xml: 33.6 MB' in finding.text


@pytest.mark.parametrize(
    ('segment', 'message', 'state'),
    [
        (33_554_432, 8_388_608, 'ok'),
        (524_288, 8_388_608, 'problem'),
        (33_554_432, 65_536, 'problem'),
    ],
)
def test_a_profile_of_the_user_is_measured(clean, by_subject, tmp_path, segment, message, state):
    path = tmp_path / 'own.xml'
    path.write_text(PROFILE.format(segment=segment, message=message))
    clean.setenv('FASTRTPS_DEFAULT_PROFILES_FILE', str(path))

    finding = by_subject(check_middleware)['dds profile']

    assert finding.state == state
    assert f'your {path}' in finding.text
    assert ('depth images of 640x480 (1.2 MB) will be lost' in finding.text) == (
        state == 'problem'
    )


def test_a_profile_that_does_not_exist_is_a_problem(clean, by_subject):
    clean.setenv('FASTDDS_DEFAULT_PROFILES_FILE', '/no/such/file.xml')

    finding = by_subject(check_middleware)['dds profile']

    assert finding.state == 'problem'
    assert '/no/such/file.xml' in finding.text


def test_no_profile_is_a_problem(clean, by_subject):
    clean.setenv('EVENTDEPTH_DDS', 'off')

    finding = by_subject(check_middleware)['dds profile']

    assert finding.state == 'problem'
    assert 'none (EVENTDEPTH_DDS=off): 0.5 MB' in finding.text


@pytest.mark.parametrize(('allowed', 'state'), [(212_992, 'note'), (8_388_608, 'ok')])
def test_the_socket_buffer_is_a_note_with_the_command(clean, by_subject, tmp_path, allowed, state):
    (tmp_path / 'rmem_max').write_text(f'{allowed}\n')
    clean.setattr(middleware, 'SOCKET_BUFFER', tmp_path / 'rmem_max')

    finding = by_subject(check_middleware)['net.core.rmem_max']

    assert finding.state == state
    assert ('sysctl -w net.core.rmem_max=8388608' in finding.text) == (state == 'note')


def test_little_shared_memory_is_a_problem_with_the_docker_option(clean, by_subject):
    usage = type('Usage', (), {'free': 64_000_000})
    clean.setattr(middleware.shutil, 'disk_usage', lambda _path: usage)

    finding = by_subject(check_middleware)['/dev/shm']

    assert finding.state == 'problem'
    assert '64 MB free, 5 nodes take 168 MB' in finding.text
    assert '--shm-size=512m' in finding.text


def test_what_no_process_maps_is_left_over(shared_memory, by_subject):
    for name in ('fastrtps_a1', 'fastrtps_a1_el', 'sem.fastrtps_a1_mutex', 'other'):
        (shared_memory / name).write_bytes(b'x' * 1_000_000)
    used = shared_memory / 'fastrtps_b2'
    used.write_bytes(b'x' * mmap.PAGESIZE)
    (shared_memory / 'fastrtps_b2_el').touch()
    descriptor = os.open(used, os.O_RDWR)

    with mmap.mmap(descriptor, 0):
        left = {path.name for path in middleware.leftovers()}
        finding = by_subject(check_middleware)['leftovers']
    os.close(descriptor)

    assert left == {'fastrtps_a1', 'fastrtps_a1_el', 'sem.fastrtps_a1_mutex'}
    assert finding.state == 'note'
    assert finding.text.startswith('3 files, 3 MB, left by processes that were killed: ')
