"""The intake: whatever comes while it reads its queues, a message is taken after what it needs."""

from types import SimpleNamespace

from eventdepth_ros.depth import intake as module
from eventdepth_ros.depth.intake import Intake
import pytest

STREAMS = ('points', 'image', 'events')
SERVED = {'events': 'on_events', 'image': 'on_image', 'points': 'on_points'}


def message(stream, stamp):
    return SimpleNamespace(stream=stream, stamp=stamp, events=b'', data=b'')


@pytest.fixture
def world(monkeypatch):
    """Return an intake whose sensors go on publishing, in order of time, between two reads."""
    queues = {stream: [] for stream in STREAMS}
    to_come, taken = [], []

    def waiting(queue, _):
        found, queue[:] = list(queue), []
        for each in to_come[:3]:  # one of each sensor, after this queue was read
            queues[each.stream].append(each)
        del to_come[:3]
        return iter(found)

    monkeypatch.setattr(module, 'waiting_messages', waiting)
    monkeypatch.setattr(Intake, '_take', lambda _self, _stream, each, _bytes: taken.append(each))
    intake = Intake(None, None, monitor=None, guard=None, trace=None, max_hold_s=1.0)
    intake.drain(queues)
    return SimpleNamespace(intake=intake, queues=queues, to_come=to_come, taken=taken)


@pytest.mark.parametrize('stream', STREAMS)
def test_nothing_overtakes_what_came_before_it(world, stream):
    world.to_come += [message(each, stamp) for stamp in range(1, 9) for each in STREAMS]

    for stamp in (0, 0, 0):
        getattr(world.intake, SERVED[stream])(message(stream, stamp))

    for index, each in enumerate(world.taken):
        before = [other.stream for other in world.taken[:index] if other.stamp == each.stamp]
        needed = STREAMS[: STREAMS.index(each.stream)] if each.stamp else ()
        assert set(needed) <= set(before), each


def test_everything_that_waits_is_taken_once(world):
    for stream in STREAMS:
        world.queues[stream] += [message(stream, stamp) for stamp in (1, 2)]

    world.intake.on_events(message('events', 0))

    assert [(each.stream, each.stamp) for each in world.taken] == [
        ('points', 1), ('points', 2), ('image', 1), ('image', 2),
        ('events', 0), ('events', 1), ('events', 2),
    ]  # fmt: skip
