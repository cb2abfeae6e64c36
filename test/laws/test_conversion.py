"""Laws of conversions, for any stream of events."""

import shutil

from conversion_cases import (
    convert_memory,
    decoded,
    events_of,
    h5_events,
    MemoryRecording,
    rosbags_packets,
)
from eventdepth_core.conversion import ConversionOptions
from eventdepth_core.types import EVENT_DTYPE, EventSlice
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np

SIZES = ((720, 1280), (260, 346), (481, 33), (1, 1))  # height, width
STARTS_US = (0, (1 << 24) - 3, 49_599_300_523, 1_764_000_000_000_001)
SILENCES_US = (16_777_216, 33_600_000, 100_000_000)


@st.composite
def streams(draw):
    """Draw (height, width) and events: at one time, dense, or after more than a turn of EVT3."""
    height, width = draw(st.sampled_from(SIZES))
    steps = draw(
        st.lists(
            st.integers(0, 2) | st.integers(0, 3000) | st.sampled_from(SILENCES_US), max_size=60
        )
    )
    events = np.zeros(len(steps), EVENT_DTYPE)
    events['t'] = draw(st.sampled_from(STARTS_US)) + np.cumsum(steps)
    for i in range(len(steps)):
        events[i]['x'] = draw(st.integers(0, width - 1))
        events[i]['y'] = draw(st.integers(0, height - 1))
        events[i]['p'] = draw(st.sampled_from([-1, 1]))
    return (height, width), events


def cut(events, size, data):
    """Return the events as slices, some of them empty."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=6)))
    return [EventSlice(each, size[1], size[0]) for each in np.split(events, cuts)]


@settings(max_examples=40)
@given(stream=streams(), packet_us=st.sampled_from([1, 1000, 50_000]), data=st.data())
def test_events_survive_the_way_into_a_bag(stream, packet_us, data, tmp_path):
    size, events = stream
    shutil.rmtree(tmp_path / 'bag', ignore_errors=True)
    recording = MemoryRecording(tmp_path / 'in', cut(events, size, data))
    encoding = data.draw(st.sampled_from(['evt3', 'mono']))
    split_bytes = data.draw(st.sampled_from([0, 150]))

    convert_memory(
        recording,
        tmp_path / 'bag',
        ConversionOptions(packet_us=packet_us, encoding=encoding, split_bytes=split_bytes),
    )

    if len(events) > 0:
        np.testing.assert_array_equal(events_of(tmp_path / 'bag'), events)
        np.testing.assert_array_equal(decoded(rosbags_packets(tmp_path / 'bag')), events)


@settings(max_examples=40)
@given(stream=streams(), data=st.data())
def test_events_survive_the_way_into_an_event_file(stream, data, tmp_path):
    size, events = stream
    (tmp_path / 'out.h5').unlink(missing_ok=True)
    recording = MemoryRecording(tmp_path / 'in', cut(events, size, data))

    convert_memory(recording, tmp_path / 'out.h5')

    found, table = h5_events(tmp_path / 'out.h5')
    np.testing.assert_array_equal(found, events)
    first_us = events['t'][0] if len(events) else 0
    np.testing.assert_array_equal(
        table, np.searchsorted(events['t'], first_us + 1000 * np.arange(len(table)))
    )


@settings(max_examples=40)
@given(stream=streams(), data=st.data())
def test_small_steps_back_are_sorted_stably(stream, data, tmp_path):
    size, events = stream
    shutil.rmtree(tmp_path / 'bag', ignore_errors=True)
    delays_us = data.draw(
        st.lists(st.integers(0, 19_000), min_size=len(events), max_size=len(events))
    )
    mixed = events[np.argsort(events['t'] + np.array(delays_us, np.int64), kind='stable')]
    recording = MemoryRecording(tmp_path / 'in', cut(mixed, size, data), kind='aedat4')

    convert_memory(recording, tmp_path / 'bag')

    if len(events) > 0:
        ordered = mixed[np.argsort(mixed['t'], kind='stable')]
        np.testing.assert_array_equal(events_of(tmp_path / 'bag'), ordered)
