"""The ground that tests over real processes stand on."""

import itertools
import os
import signal

from harness import domains, shared_memory
from harness import session as sessions
from harness.drivers import event_qos, latched_qos
from harness.session import RosSession, SharedMemoryLedger
import pytest
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import String

DRIVER = 'harness.driver'


@pytest.fixture
def other(tmp_path):
    session = RosSession(tmp_path)
    yield session
    session.close()


def test_two_sessions_never_share_a_domain(ros, other):
    assert ros.domain.number != other.domain.number


def test_messages_stay_within_their_session(ros, other):
    heard = other.collect(String, '/word')
    here = ros.collect(String, '/word')
    publisher = ros.node('speaker').create_publisher(String, '/word', 10)
    ros.wait_for_subscribers(publisher)
    publisher.publish(String(data='hello'))

    ros.spin_until(lambda: here)
    other.spin_for(0.2)

    assert here[0].data == 'hello'
    assert heard == []


def test_a_driver_publishes_in_a_process_of_its_own_and_obeys(ros):
    from eventdepth_ros import msgs

    packet_type = msgs.require('event_camera_msgs').EventPacket
    packets = ros.collect(packet_type, '/camera/events', event_qos())
    infos = ros.collect(CameraInfo, '/camera/camera_info', latched_qos())
    driver = ros.start(DRIVER)
    ros.spin_until(lambda: len(packets) > 20, what='packets')
    driver.tell('lose 7')
    ros.spin_until(lambda: 'done lose 7' in driver.text and infos)

    def has_gap():
        return any(b.seq - a.seq == 8 for a, b in itertools.pairwise(packets))

    ros.spin_until(has_gap, what='a gap of seven packets')

    assert packets[0].encoding == 'evt3'
    assert (infos[0].width, infos[0].height) == (packets[0].width, packets[0].height)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGKILL])
def test_a_child_never_outlives_its_session_and_leaves_no_memory(tmp_path, number):
    session = RosSession(tmp_path)
    session.wait_for_publishers('/camera/events', count=0)
    child = session.start(DRIVER)
    session.wait_for_publishers('/camera/events')
    child.note_segments()
    names = child.segments - shared_memory.mapped_names(os.getpid())

    if number == signal.SIGKILL:
        child.kill()
    session.close()

    assert names
    assert not child.is_alive
    left = shared_memory.remaining(names)
    assert bool(left) == (number == signal.SIGKILL)
    shared_memory.remove(left)
    assert not shared_memory.remaining(names)


def test_what_earlier_users_of_a_domain_left_is_not_of_the_session(tmp_path, monkeypatch):
    domain = domains.Domain()
    ports = [domain.ports[11], domain.ports[13]]
    old, new = (shared_memory.FOLDER / f'fastrtps_port{port}' for port in ports)
    old.touch()
    domain.close()
    monkeypatch.setattr(domains, '_candidates', lambda: [domain.number])
    ledger = SharedMemoryLedger()  # of this test alone: others may have used the domain
    monkeypatch.setattr(sessions, 'LEDGER', ledger)

    session = RosSession(tmp_path)
    new.touch()
    session.close()
    old.unlink()
    new.unlink()

    assert session.domain.number == domain.number
    assert old.name not in ledger.owned
    assert new.name in ledger.owned
