import json

from eventdepth_core.replay.comparison import Mode
from eventdepth_ros.evaluating.modes import CAPACITY, ModeHistory
import pytest


def message(stamp_us, *modalities, scale='metric', incomplete=()):
    return json.dumps(
        {
            'stamp_us': stamp_us,
            'modalities': modalities,
            'scale': scale,
            'incomplete': incomplete,
        }
    )


def test_a_frame_has_the_newest_mode_that_is_not_newer():
    history = ModeHistory()
    history.add(message(100, 'events'))
    history.add(message(200, 'points', 'events', incomplete=['sequence_gap']))

    assert [history.at(t).subset for t in (99, 100, 199, 200, 999)] == [
        'unknown', 'events', 'events', 'events+points', 'events+points',
    ]  # fmt: skip
    assert history.at(200).incomplete == ('sequence_gap',)


def test_time_that_goes_back_forgets_the_modes():
    history = ModeHistory()
    history.add(message(500, 'events'))
    history.add(message(100, 'image'))

    assert history.at(600).subset == 'image'


def test_no_sensor_is_a_mode_as_well():
    history = ModeHistory()
    history.add(message(0, scale='prior'))

    assert history.at(5).subset == 'none'


@pytest.mark.parametrize(
    'text', ['', '[]', '{}', '{"modalities": ["radar"], "scale": "metric"}',
             '{"modalities": [], "scale": "other"}', '{"modalities": 7, "scale": "metric"}',
             '{"modalities": [], "scale": "metric", "stamp_us": "x"}'],
)  # fmt: skip
def test_what_cannot_be_read_is_counted(text):
    history = ModeHistory()

    history.add(text)

    assert history.num_unreadable == 1
    assert history.at(10**18) == Mode()


def test_memory_is_bounded():
    history = ModeHistory()
    for k in range(2 * CAPACITY):
        history.add(message(k, 'events'))

    assert len(history._modes) == CAPACITY
