"""Representations by hand, on real recordings, and what they refuse."""

import hashlib

from eventdepth_core.errors import InputError
from eventdepth_core.events import (
    event_accumulator,
    event_tensor,
    NO_TIME_US,
    packet_decoder,
    RepresentationSpec,
)
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

SIZE = (2, 3)
GRID = {'window_us': 40, 'interval_us': 1}


def events_of(*rows):
    return np.array(list(rows), EVENT_DTYPE)


def tensor(events, *names, end_us=40, **options):
    return event_tensor(
        events, RepresentationSpec(*names, **{**GRID, **options}), size=SIZE, end_us=end_us
    )


def test_the_conventions_place_their_bins_differently():
    one = events_of((13, 2, 1, -1))

    e2vid = tensor(one, 'voxel', 'e2vid', bins=5)
    tonic = tensor(one, 'voxel', 'tonic', bins=4)
    cube = tensor(one, 'voxel', 'event_cube', bins=4)

    np.testing.assert_allclose(e2vid[:, 1, 2], [0, -0.7, -0.3, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(tonic[:, 1, 2], [0, -0.7, -0.3, 0], rtol=1e-6)
    np.testing.assert_allclose(cube[:, 1, 2], [-0.2, -0.8, 0, 0], rtol=1e-6)


def test_what_falls_outside_the_bins_is_in_none():
    late, early = events_of((38, 0, 0, 1)), events_of((2, 0, 0, 1))

    assert tensor(late, 'voxel', 'tonic', bins=4).sum() == pytest.approx(0.2)
    assert tensor(late, 'voxel', 'event_cube', bins=4).sum() == pytest.approx(0.7)
    assert tensor(early, 'voxel', 'event_cube', bins=4).sum() == pytest.approx(0.7)


def test_the_last_event_belongs_to_a_tensor_scaled_by_events():
    events = events_of((7, 0, 0, 1), (10, 1, 0, 1), (13, 2, 0, 1))

    e2vid = tensor(events, 'voxel', 'e2vid', span='events', bins=3, end_us=None)
    tonic = tensor(events, 'voxel', 'tonic', span='events', bins=3, end_us=None)

    assert e2vid[:, 0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    np.testing.assert_allclose(tonic[:, 0], [[1, 0, 0], [0, 0.5, 0], [0, 0.5, 0]])


def test_the_window_is_cut_before_it_is_scaled_by_events():
    events = events_of((-1, 0, 0, 1), (7, 0, 0, 1), (13, 2, 0, 1), (40, 2, 0, 1))

    cut = tensor(events, 'voxel', 'e2vid', span='events', bins=2)

    assert cut[:, 0].tolist() == [[1, 0, 0], [0, 0, 1]]


def test_a_histogram_saturates_instead_of_wrapping():
    events = np.zeros(300, EVENT_DTYPE)
    events['p'] = 1
    accumulator = event_accumulator(
        RepresentationSpec('histogram', 'stacked', bins=1, **GRID), width=3, height=2
    )

    for part in np.split(events, 3):
        accumulator.push_events(part)

    assert accumulator.tensor(40)[1, 0, 0, 0] == 255
    assert tensor(events, 'histogram', 'stacked', bins=2)[1, :, 0, 0].tolist() == [255, 0]
    assert tensor(events, 'histogram', 'stacked', bins=1, max_count=10).max() == 10


def test_saturation_does_not_depend_on_the_intervals():
    events = np.zeros(400, EVENT_DTYPE)
    events['p'] = -1
    events['t'] = np.arange(400) // 10
    fine, coarse = (
        event_accumulator(
            RepresentationSpec('histogram', 'stacked', bins=1, window_us=40, interval_us=each),
            width=3,
            height=2,
        )
        for each in (1, 40)
    )

    for accumulator in (fine, coarse):
        accumulator.push_events(events)

    assert fine.tensor(40)[0, 0, 0, 0] == 255
    np.testing.assert_array_equal(fine.tensor(40), coarse.tensor(40))


def test_the_latest_of_each_polarity_is_kept():
    events = events_of((3, 1, 0, 1), (9, 1, 0, 1), (5, 1, 0, -1), (41, 1, 0, -1))

    latest_us = tensor(events, 'last_timestamp', 'plain', bins=1)

    assert latest_us.dtype == np.int64
    assert latest_us[:, 0].tolist() == [[NO_TIME_US, 5, NO_TIME_US], [NO_TIME_US, 9, NO_TIME_US]]


def test_a_time_surface_is_one_now_and_falls_with_age():
    events = events_of((39, 0, 0, 1), (20, 1, 0, -1), (0, 2, 0, 1))

    linear = tensor(events, 'time_surface', 'linear', bins=1)
    exponential = tensor(events, 'time_surface', 'exponential', bins=1, decay_us=20)

    np.testing.assert_allclose(linear[:, 0], [[0, 0.5, 0], [39 / 40, 0, 0]], rtol=1e-6)
    np.testing.assert_allclose(
        exponential[:, 0],
        [[0, np.exp(-1), 0], [np.exp(-1 / 20), 0, np.exp(-2)]],
        rtol=1e-6,
    )


def test_a_lookup_places_events_elsewhere_or_nowhere():
    events = events_of((1, 0, 0, 1), (2, 1, 0, -1), (3, 2, 1, 1))
    lookup = np.array([3, 0, -1, -1, -1, -1], np.int32)
    accumulators = [
        event_accumulator(spec, width=3, height=2, lookup=lookup, output_size=(2, 2))
        for spec in (
            RepresentationSpec('count', 'plain', bins=1, **GRID),
            RepresentationSpec(polarities='split', bins=2, **GRID),
        )
    ]

    for accumulator in accumulators:
        accumulator.push_events(events)

    assert accumulators[0].tensor(40).tolist() == [[[1, 0], [0, 0]], [[0, 0], [0, 1]]]
    split = accumulators[1].tensor(40).sum(axis=1)
    np.testing.assert_allclose(split, [[[1, 0], [0, 0]], [[0, 0], [0, 1]]])
    assert [accumulator.num_unmapped for accumulator in accumulators] == [1, 1]


def test_a_staging_buffer_of_another_type_is_refused():
    accumulator = event_accumulator(
        RepresentationSpec('count', 'plain', bins=1, **GRID), width=3, height=2
    )

    with pytest.raises(InputError, match=r'Expected out as contiguous int32 \(2, 2, 3\), got fl'):
        accumulator.tensor(40, out=np.zeros((2, 2, 3), np.float32))


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'size': (0, 3)}, r'positive size, got \(0, 3\)'),
        ({'end_us': None}, "end_us for span 'window', got None"),
        ({'end_us': 1.5}, 'end_us as an integer, got 1.5'),
        ({'end_us': 1 << 63}, 'end_us between'),
        ({'events': np.zeros(3)}, 'events of EVENT_DTYPE and one dimension, got float64'),
        ({'events': events_of((0, 0, 0, 0))}, r'polarities -1 and \+1, got 0 in 1 of 1'),
    ],
)
def test_a_batch_that_cannot_be_is_refused(options, text):
    arguments = {'events': events_of(), 'size': SIZE, 'end_us': 40, **options}
    events = arguments.pop('events')

    with pytest.raises(InputError, match=f'Expected (a )?{text}'):
        event_tensor(events, RepresentationSpec(), **arguments)


def test_a_stream_cannot_be_scaled_by_its_events():
    spec = RepresentationSpec('histogram', 'stacked', 'events', **GRID)

    with pytest.raises(InputError, match="Expected span 'window' for a stream, because"):
        event_accumulator(spec, width=3, height=2)


# ---- real recordings: what these representations were when they were checked -------------------

GOLDEN = {
    'e2vid': '3cf6d23bbe526853',
    'tonic': '88e0aa4d4d273187',
    'event_cube': '61f48f9ededa3c7c',
    'e2vid split': '22976e44a01032d6',
    'e2vid events': '067fc066258dd65c',
    'histogram': '339a7546da1e82a5',
    'count': '71bd5caa3ef14a6f',
    'last_timestamp': 'd972661a41549b9b',
    'linear': 'ceeff0854933698d',
}
SPECS = {
    'e2vid': RepresentationSpec(),
    'tonic': RepresentationSpec(convention='tonic', interval_us=10_000),
    'event_cube': RepresentationSpec(convention='event_cube', interval_us=5_000),
    'e2vid split': RepresentationSpec(polarities='split'),
    'e2vid events': RepresentationSpec(span='events'),
    'histogram': RepresentationSpec('histogram', 'stacked', interval_us=10_000, max_count=10),
    'count': RepresentationSpec('count', 'plain', bins=1),
    'last_timestamp': RepresentationSpec('last_timestamp', 'plain', bins=1),
    'linear': RepresentationSpec('time_surface', 'linear', bins=1),
}


@pytest.fixture(scope='module')
def recording(recorded_packets):
    return recorded_packets('evt3')[:400]


@pytest.mark.parametrize('name', GOLDEN)
def test_a_real_recording_gives_what_it_gave(name, recording):
    spec = SPECS[name]
    width, height = recording[0].width, recording[0].height
    decoder = packet_decoder('evt3', width, height)
    events = np.concatenate([decoder.decode(packet.payload) for packet in recording])
    end_us = int(events['t'].max()) // 50_000 * 50_000

    batch = event_tensor(events, spec, size=(height, width), end_us=end_us)

    if spec.span == 'window':
        accumulator = event_accumulator(spec, width=width, height=height)
        for packet in recording:
            accumulator.push_packet('evt3', packet.payload)
        np.testing.assert_array_equal(accumulator.tensor(end_us), batch)
    assert np.count_nonzero(batch) > 1_000
    assert hashlib.sha256(batch.tobytes()).hexdigest()[:16] == GOLDEN[name]
