"""Reading in a thread: order, bounds, errors, end."""

import threading

from eventdepth_core.errors import RecordingError
from eventdepth_ros.playing.playable import TimedMessage
from eventdepth_ros.playing.read_ahead import ReadAhead
import pytest

WAIT_S = 10.0


def message(i, num_bytes=10):
    return TimedMessage('/a', i, bytes(num_bytes))


def test_messages_come_in_the_order_of_the_source():
    reader = ReadAhead(lambda: iter([message(i) for i in range(500)]), max_messages=7)

    assert [each.stamp_ns for each in reader] == list(range(500))


@pytest.mark.parametrize('bound', [{'max_messages': 10}, {'max_bytes': 100}])
def test_a_full_buffer_makes_the_source_wait(bound):
    num_read, has_stopped = 0, threading.Event()

    def source():
        nonlocal num_read
        for i in range(1000):
            num_read = i
            if i == 10:
                has_stopped.set()
            yield message(i)

    reader = ReadAhead(source, **bound)
    assert has_stopped.wait(WAIT_S)

    assert next(iter(reader)).stamp_ns == 0
    assert num_read <= 12
    reader.close()


def test_a_fault_of_the_source_is_raised_after_what_came_before_it():
    def source():
        yield message(0)
        raise RecordingError('Expected a page, got a hole.')

    reader = iter(ReadAhead(source))

    assert next(reader).stamp_ns == 0
    with pytest.raises(RecordingError, match='got a hole'):
        next(reader)


def test_closing_ends_the_thread_and_the_iteration():
    def endless():
        i = 0
        while True:
            yield message(i)
            i += 1

    reader = ReadAhead(endless, max_messages=5)
    iterator = iter(reader)
    next(iterator)

    reader.close()

    assert list(iterator) == []
    assert not any(each.name == 'read-ahead' for each in threading.enumerate())


def test_filling_waits_for_half_a_buffer_or_the_end():
    reader = ReadAhead(lambda: iter([message(0)]), max_messages=1000)

    reader.fill(WAIT_S)

    assert [each.stamp_ns for each in reader] == [0]
