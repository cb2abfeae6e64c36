"""The event side of DepthPipeline: packets, clocks, gaps and jumps."""

from itertools import pairwise

from eventdepth_core import Rig
from eventdepth_core.errors import (
    InputError,
    StreamChangedError,
    UnknownEncodingError,
    UnsupportedInputError,
)
from eventdepth_core.events import encode, packet_encoder
from hypothesis import given, settings, strategies
import numpy as np
import pytest

STAMP_US = 100_000


def same(first, second):
    return (
        first.depth_m.tobytes() == second.depth_m.tobytes()
        and first.std_m.tobytes() == second.std_m.tobytes()
    )


def packets_of(events, num_packets):
    """Encode `events` as EVT3 packets of equal numbers of events."""
    encoder = packet_encoder('evt3', 70, 50)
    return [encoder.encode(part) for part in np.array_split(events, num_packets)]


def push(pipeline, payload, **keywords):
    pipeline.push_packet('evt3', 70, 50, 0, payload, **keywords)


@settings(max_examples=15)
@given(
    cuts=strategies.lists(strategies.integers(0, 6000), max_size=12),
    stamp_us=strategies.sampled_from([62_500, 87_500, 77_777, 133_001]),
)
def test_how_bytes_are_cut_into_packets_changes_no_bit(make_pipeline, events, cuts, stamp_us):
    payload = encode('evt3', events, 70, 50)
    whole, cut = make_pipeline(), make_pipeline()
    bounds = [0, *sorted(min(2 * place, len(payload)) for place in cuts), len(payload)]

    push(whole, payload)
    for start, end in pairwise(bounds):
        push(cut, payload[start:end])

    assert same(whole.estimate(stamp_us), cut.estimate(stamp_us))
    assert whole.counts.num_events == cut.counts.num_events == events.size


@pytest.mark.parametrize('stamp_us', [87_500, 91_234])
def test_packets_and_decoded_events_give_the_same_bytes(make_pipeline, events, stamp_us):
    by_packet, by_events, by_mono = make_pipeline(), make_pipeline(), make_pipeline()

    push(by_packet, encode('evt3', events, 70, 50))
    by_events.push_events(events)
    by_mono.push_packet('mono', 70, 50, 0, encode('mono', events, 70, 50))

    assert same(by_packet.estimate(stamp_us), by_events.estimate(stamp_us))
    assert same(by_mono.estimate(stamp_us), by_events.estimate(stamp_us))


def test_an_estimate_does_not_depend_on_what_comes_after_it(make_pipeline, events):
    live, late = make_pipeline(), make_pipeline()
    until = int(np.searchsorted(events['t'], STAMP_US))
    live.push_events(events[:until])
    late.push_events(events)

    assert same(live.estimate(STAMP_US), late.estimate(STAMP_US))


def test_the_array_of_events_may_be_reused_by_the_caller(make_pipeline, events):
    pipeline, untouched = make_pipeline(), make_pipeline()
    own = events.copy()
    pipeline.push_events(own)
    own['x'] = 0
    untouched.push_events(events)

    assert same(pipeline.estimate(77_777), untouched.estimate(77_777))


def test_arrival_times_shift_pipeline_time(make_pipeline, events):
    offset_us = 1_700_000_000_000_000
    sensor_time, host_time = make_pipeline(), make_pipeline()
    for part in np.array_split(events, 20):
        sensor_time.push_events(part)
        host_time.push_events(part, arrival_us=int(part['t'][-1]) + offset_us)

    frame = host_time.estimate(STAMP_US + offset_us)

    assert frame.stamp_us == STAMP_US + offset_us
    assert same(frame, sensor_time.estimate(STAMP_US))
    assert host_time.newest_stamp_us == sensor_time.newest_stamp_us + offset_us


def test_only_the_place_of_a_window_on_the_interval_grid_matters(make_pipeline, events):
    offset_us = 12_500 * 139_538_171_578
    absolute = events.copy()
    absolute['t'] += offset_us
    early, late = make_pipeline(), make_pipeline()

    early.push_events(events)
    late.push_events(absolute)

    for stamp_us in (100_000, 111_111):
        assert same(early.estimate(stamp_us), late.estimate(stamp_us + offset_us))


def test_silent_packets_do_not_disturb_the_clock(make_pipeline, events):
    pipeline, undisturbed = make_pipeline(), make_pipeline()
    payload = encode('evt3', events, 70, 50)
    for each in (pipeline, undisturbed):
        push(each, payload, arrival_us=5_200_000)
    for arrival_us in range(5_300_000, 9_000_000, 100_000):
        push(pipeline, b'', arrival_us=arrival_us)

    assert pipeline.counts.num_discontinuities == 0
    assert same(pipeline.estimate(5_150_000), undisturbed.estimate(5_150_000))


def test_a_stream_that_shows_only_its_time_is_a_measurement(make_pipeline):
    pipeline, silent = make_pipeline(), make_pipeline()
    time_words = np.array([0x8000, 0x6000, 0x8010, 0x6000], '<u2').tobytes()  # 0 and 65,536 µs

    push(pipeline, time_words)

    frame = pipeline.estimate(70_000)
    assert (frame.modalities, frame.incomplete) == (('events',), ('window_not_full',))
    with pytest.raises(InputError):
        silent.estimate(70_000)


def test_the_newest_stamp_is_the_last_that_has_closed(make_pipeline, events):
    pipeline = make_pipeline()

    assert pipeline.newest_stamp_us is None
    pipeline.push_events(events[events['t'] < 112_400])
    assert pipeline.newest_stamp_us == 100_000


def test_another_size_is_one_error_and_leaves_the_stream_as_it_was(make_pipeline, events):
    pipeline, healthy = make_pipeline(), make_pipeline()
    first, second = packets_of(events, 2)
    for each in (pipeline, healthy):
        push(each, first)

    with pytest.raises(StreamChangedError, match=r'packets of 70 x 50, .*, got 50 x 70'):
        pipeline.push_packet('evt3', 50, 70, 0, second)
    for each in (pipeline, healthy):
        push(each, second)

    assert same(pipeline.estimate(200_000), healthy.estimate(200_000))
    assert pipeline.estimate(125_000).incomplete == ('bad_packet',)
    assert dict(pipeline.counts.drops) == {'stream_changed': 1}


def test_another_encoding_is_one_error(make_pipeline, events):
    pipeline = make_pipeline()
    push(pipeline, encode('evt3', events, 70, 50))

    with pytest.raises(StreamChangedError, match="in 'evt3' as before, got 'mono'"):
        pipeline.push_packet('mono', 70, 50, 0, b'')
    with pytest.raises(StreamChangedError, match="in 'evt3' as before, got 'evt9'"):
        pipeline.push_packet('evt9', 70, 50, 0, b'')


def test_an_unknown_encoding_at_the_start_names_the_known(make_pipeline, events):
    pipeline = make_pipeline()

    with pytest.raises(UnknownEncodingError, match=r"out of evt3, evt2.*, got 'evt9'"):
        pipeline.push_packet('evt9', 70, 50, 0, b'')

    push(pipeline, encode('evt3', events, 70, 50))
    assert pipeline.estimate(STAMP_US).incomplete == ()
    assert dict(pipeline.counts.drops) == {'unknown_encoding': 1}


@settings(max_examples=50)
@given(payload=strategies.binary(max_size=200))
def test_any_bytes_are_taken_in_without_an_error(make_pipeline, events, payload):
    pipeline = make_pipeline()

    push(pipeline, payload)
    push(pipeline, encode('evt3', events, 70, 50))

    assert pipeline.counts.num_packets == 2


def test_a_sequence_gap_marks_the_windows_that_it_touches(make_pipeline, events):
    pipeline = make_pipeline()
    packets = packets_of(events, 20)
    for seq, packet in enumerate(packets):
        if seq != 9:
            push(pipeline, packet, seq=seq)

    assert pipeline.counts.num_sequence_gaps == 1
    assert pipeline.estimate(87_500).incomplete == ()
    assert pipeline.estimate(100_000).incomplete == ('sequence_gap',)
    assert pipeline.estimate(150_000).incomplete == ('sequence_gap',)
    assert pipeline.estimate(187_500).incomplete == ()


def test_sequence_numbers_that_begin_anew_at_their_end_are_no_gap(make_pipeline, events):
    pipeline = make_pipeline()
    encoder = packet_encoder('evt3', 70, 50)

    for seq, part in zip((2**64 - 2, 2**64 - 1, 0, 1), np.split(events, 4), strict=True):
        pipeline.push_packet('evt3', 70, 50, 0, encoder.encode(part), seq=seq)

    assert pipeline.counts.num_sequence_gaps == 0
    assert pipeline.estimate(150_000).incomplete == ()


def test_without_sequence_numbers_there_are_no_gaps(make_pipeline, events):
    pipeline = make_pipeline()
    for packet in packets_of(events, 5):
        push(pipeline, packet)

    assert pipeline.counts.num_sequence_gaps == 0
    assert pipeline.estimate(STAMP_US).incomplete == ()


def test_a_jump_back_in_time_leaves_nothing_from_before(make_pipeline, events, image):
    pipeline, fresh = make_pipeline(), make_pipeline()
    before = events.copy()
    before['t'] += 60_000_000
    before['x'] = 0
    pipeline.push_events(before)
    pipeline.push_image(image, 60_100_000)
    pipeline.push_pose(np.eye(4), 60_100_000)
    for each in (pipeline, fresh):
        each.push_events(events)

    frame = pipeline.estimate(STAMP_US)

    assert same(frame, fresh.estimate(STAMP_US))
    assert frame.incomplete == ()
    assert pipeline.estimate(45_000).incomplete == ('window_not_full',)
    assert pipeline.counts.num_discontinuities == 1
    pipeline.push_pose(np.eye(4), 50_000)


def test_a_window_that_is_no_longer_held_is_not_full(make_pipeline, events):
    pipeline = make_pipeline()
    pipeline.push_events(events)
    later = events.copy()
    for _ in range(5):
        later['t'] += 200_000
        pipeline.push_events(later.copy())

    assert pipeline.estimate(60_000).incomplete == ('window_not_full',)
    assert pipeline.estimate(1_200_000).incomplete == ()


def test_a_packet_without_events_keeps_the_stream_alive(make_pipeline, events):
    pipeline = make_pipeline()
    push(pipeline, encode('evt3', events, 70, 50))

    push(pipeline, b'')

    assert pipeline.counts.num_packets == 2
    assert pipeline.estimate(STAMP_US).incomplete == ()


def test_events_of_another_type_are_refused(make_pipeline):
    pipeline = make_pipeline()

    with pytest.raises(InputError, match='Expected events of EVENT_DTYPE'):
        pipeline.push_events(np.zeros((4, 4)))
    assert dict(pipeline.counts.drops) == {'bad_input': 1}


def test_packets_for_a_rig_without_event_camera_are_refused(make_pipeline, camera):
    pipeline = make_pipeline(Rig(image=camera))

    with pytest.raises(UnsupportedInputError, match='rig with an event camera'):
        push(pipeline, b'')


def test_a_window_that_ends_beyond_the_stream_is_not_closed(make_pipeline, events):
    pipeline = make_pipeline()
    pipeline.push_events(events[events['t'] <= 150_000])
    newest_us = int(events['t'][events['t'] <= 150_000][-1])

    assert pipeline.estimate(newest_us + 12_500).incomplete == ()
    assert pipeline.estimate(newest_us + 12_501).incomplete == ('window_not_closed',)


def test_the_newest_stamp_is_one_that_can_be_estimated(make_pipeline, events):
    pipeline = make_pipeline()

    pipeline.push_events(events[events['t'] < 12_400])
    assert pipeline.newest_stamp_us is None
    pipeline.push_events(events[(events['t'] >= 12_400) & (events['t'] < 13_000)])
    assert pipeline.estimate(pipeline.newest_stamp_us).stamp_us == 12_500


def test_sequence_numbers_of_numpy_do_not_wrap(make_pipeline, events):
    pipeline = make_pipeline()
    for seq, packet in zip([255, 256], packets_of(events, 2), strict=True):
        push(pipeline, packet, seq=np.uint8(255) if seq == 255 else np.uint16(seq))

    assert pipeline.counts.num_sequence_gaps == 0
