"""Laws of merging events with what happens beside them."""

from collections import Counter

from eventdepth_core.recordings.merging import ascending, Entry, merged
from eventdepth_core.types import EVENT_DTYPE, EventSlice, PoseSample
from hypothesis import given
from hypothesis import strategies as st
import numpy as np

TIMES = st.lists(st.integers(0, 60), max_size=40)


def events_at(times):
    events = np.zeros(len(times), EVENT_DTYPE)
    events['t'] = times
    events['x'] = np.arange(len(times))
    return events


def entry_at(stamp_us):
    return Entry(stamp_us, lambda: PoseSample(np.eye(4), stamp_us))


@given(TIMES, st.lists(st.integers(-5, 70), max_size=12), st.lists(st.integers(0, 40), max_size=4))
def test_samples_stand_between_the_events_before_and_from_their_stamp(times, stamps, cuts):
    events = events_at(sorted(times))
    blocks = np.split(events, sorted(min(cut, len(events)) for cut in cuts))
    dropped = Counter()

    samples = list(
        merged(blocks, [entry_at(stamp) for stamp in sorted(stamps)], (1, 1000), dropped)
    )

    slices = [each.events for each in samples if isinstance(each, EventSlice)]
    np.testing.assert_array_equal(np.concatenate([events[:0], *slices]), events)
    assert [each.stamp_us for each in samples if isinstance(each, PoseSample)] == sorted(stamps)
    for i, sample in enumerate(samples):
        if isinstance(sample, PoseSample):
            before = [each.events for each in samples[:i] if isinstance(each, EventSlice)]
            num_before = sum(map(len, before))
            assert num_before == (events['t'] < sample.stamp_us).sum()
    assert dropped == {}


@given(st.lists(TIMES, max_size=6))
def test_what_comes_out_ascends_and_what_is_lost_is_counted(lists):
    blocks = [events_at(times) for times in lists]
    dropped = Counter()

    out = list(ascending(blocks, dropped))

    joined = np.concatenate([events_at([]), *out])
    assert (np.diff(joined['t']) >= 0).all()
    assert len(joined) + dropped['late_event'] == sum(map(len, blocks))
    assert all(len(each) > 0 for each in out)


@given(TIMES)
def test_events_outside_of_the_sensor_are_counted(times):
    dropped = Counter()

    samples = list(merged([events_at(sorted(times))], [], (1, 10), dropped))

    assert sum(len(each.events) for each in samples) == min(len(times), 10)
    assert dropped['out_of_sensor'] == max(len(times) - 10, 0)
