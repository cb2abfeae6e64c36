"""Events wait in order, within bounds, and are thinned evenly."""

from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.waiting import WaitingEvents
from eventdepth_core.types import EVENT_DTYPE
import numpy as np


def _events(t_us, x=3, y=2):
    events = np.zeros(len(t_us), EVENT_DTYPE)
    events['t'], events['x'], events['y'], events['p'] = t_us, x, y, 1
    events['p'][1::2] = -1
    return events


def test_what_is_before_the_edge_is_taken_and_the_rest_stays():
    waiting = WaitingEvents(10, SweepOptions())
    waiting.push(_events([5, 900, 1100]))
    waiting.push(_events([1500, 2500]))

    taken = waiting.take(np.array([0, 1000, 2000]))

    assert taken.t_us.tolist() == [5, 900, 1100, 1500]
    assert taken.pixels.tolist() == [23] * 4
    assert taken.signs.tolist() == [1, -1, 1, 1]
    assert len(waiting) == 1
    assert waiting.first_us == 2500


def test_the_oldest_packets_go_where_too_many_wait():
    waiting = WaitingEvents(10, SweepOptions(max_waiting_events=250))

    gone = [waiting.push(_events(np.arange(100) + 1000 * k)) for k in range(4)]

    assert gone == [0, 0, 100, 100]
    assert len(waiting) == 200
    assert waiting.first_us == 2000


def test_a_busy_slice_is_thinned_evenly_and_a_quiet_one_is_not():
    waiting = WaitingEvents(10, SweepOptions(max_event_rate_hz=100_000.0))
    waiting.push(_events(np.concatenate([np.arange(0, 1000, 2), 1000 + np.arange(0, 1000, 20)])))

    taken = waiting.take(np.array([0, 1000, 2000]))

    busy = taken.t_us[taken.t_us < 1000]
    assert len(busy) == 100
    assert np.unique(np.diff(busy)).tolist() == [10]
    assert len(taken.t_us) - len(busy) == 50
    assert taken.num_thinned == 400


def test_thinning_does_not_depend_on_packets():
    events = _events(np.sort(np.random.default_rng(0).integers(0, 3000, 2000)))
    whole, pieces = (WaitingEvents(10, SweepOptions(max_event_rate_hz=2e5)) for _ in range(2))
    whole.push(events)
    for piece in np.array_split(events, 37):
        pieces.push(piece)
    edges_us = np.array([0, 1000, 2000, 3000])

    np.testing.assert_array_equal(whole.take(edges_us).t_us, pieces.take(edges_us).t_us)


def test_nothing_waiting_gives_nothing():
    taken = WaitingEvents(10, SweepOptions()).take(np.array([0, 1000]))

    assert len(taken.t_us) == len(taken.pixels) == len(taken.signs) == taken.num_thinned == 0


def test_long_silences_are_told_once_wherever_packets_end():
    waiting = WaitingEvents(10, SweepOptions(max_memory_us=1000))
    waiting.push(_events([0, 900, 5000, 5100]))
    waiting.push(_events([9000]))

    first, second = waiting.silences_before(5050), waiting.silences_before(20_000)

    assert [(each.start_us, each.end_us) for each in first] == [(901, 5000)]
    assert [(each.start_us, each.end_us) for each in second] == [(5101, 9000)]
    assert waiting.silences_before(20_000) == []
