"""Events in ascending time out of slices with small steps back."""

from eventdepth_core.conversion.event_order import EventOrder
from eventdepth_core.errors import RecordingError
from eventdepth_core.types import EVENT_DTYPE, EventSlice, ImageSample
import numpy as np
import pytest


def slice_at(*times_us, x=0):
    events = np.zeros(len(times_us), EVENT_DTYPE)
    events['t'], events['x'] = times_us, x
    return EventSlice(events, 64, 48)


def released(order, samples):
    found = [each for sample in samples for each in order.add(sample)]
    return found + list(order.flush())


def rows(samples):
    parts = [each.events for each in samples if isinstance(each, EventSlice)]
    return [(int(t), int(x)) for t, x in np.concatenate(parts)[['t', 'x']]]


def test_a_step_back_within_the_window_is_sorted_stably():
    slices = [slice_at(10, 30, x=1), slice_at(20, 30, x=2), slice_at(5, x=3)]

    found = released(EventOrder(100), slices)

    assert rows(found) == [(5, 3), (10, 1), (20, 2), (30, 1), (30, 2)]


def test_ascending_slices_come_out_as_they_are_once_they_are_old_enough():
    order = EventOrder(100)
    first, second = slice_at(0, 50), slice_at(60, 151)

    assert list(order.add(first)) == []
    assert rows(order.add(second)) == [(0, 0), (50, 0)]


def test_an_image_does_not_overtake_the_events_before_it():
    image = ImageSample(np.zeros((48, 64), np.uint8), 40)

    found = released(EventOrder(100), [slice_at(10, 30), image, slice_at(20, 50)])

    assert rows(found[:1]) == [(10, 0), (20, 0), (30, 0), (50, 0)]
    assert found[1] is image


def test_an_older_event_ends_it():
    order = EventOrder(100)
    list(order.add(slice_at(0, 1000)))
    list(order.add(slice_at(1200)))

    with pytest.raises(RecordingError, match='go back by at most 100 µs, got a step from 1200'):
        list(order.add(slice_at(999)))


def test_allowed_loss_counts_older_events():
    order = EventOrder(100, allows_loss=True)

    found = released(order, [slice_at(0, 1000), slice_at(1200), slice_at(3, 999, 1001)])

    assert rows(found) == [(0, 0), (1000, 0), (1001, 0), (1200, 0)]
    assert order.dropped == {'late_event': 2}


def test_empty_slices_give_nothing():
    assert released(EventOrder(100), [slice_at(), slice_at()]) == []
