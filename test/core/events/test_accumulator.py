"""The accumulator against a plain float64 voxel grid, and its behaviour at the edges of time."""

from itertools import pairwise

from eventdepth_core.errors import InputError, StreamChangedError, UnknownEncodingError
from eventdepth_core.events import encode, packet_encoder, voxel_grid, VoxelAccumulator, VoxelSpec
from eventdepth_core.events.filters import Filtering
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

WIDTH, HEIGHT = 35, 21
SPEC = VoxelSpec()
START_US = 16_700_000  # the 24-bit clock turns within the stream


def random_events(num=6_000, *, start_us=START_US, duration_us=200_000, seed=0):
    generator = np.random.default_rng(seed)
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = np.sort(generator.integers(start_us, start_us + duration_us, num))
    events['x'] = generator.integers(0, WIDTH, num)
    events['y'] = generator.integers(0, HEIGHT, num)
    events['p'] = generator.choice([-1, 1], num)
    return events


def plain_voxel_grid(events, end_us, *, spec=SPEC, size=(HEIGHT, WIDTH)):
    """Add each event's polarity to the two bins around it: float64, event by event."""
    start_us = end_us - spec.window_us
    grid = np.zeros((spec.bins, *size))
    for t, x, y, p in events.tolist():
        if start_us <= t < end_us:
            place = (spec.bins - 1) * (t - start_us) / spec.window_us
            k = int(place)
            grid[k, y, x] += p * (1 - (place - k))
            if k + 1 < spec.bins:
                grid[k + 1, y, x] += p * (place - k)
    return grid


def accumulated(events=None, packets=None, *, spec=SPEC, **options):
    accumulator = VoxelAccumulator(spec, width=WIDTH, height=HEIGHT, **options)
    if events is not None:
        accumulator.push_events(events)
    for packet in packets or []:
        accumulator.push_packet('evt3', packet)
    return accumulator


def packets_of(events, packet_us=1_000):
    encoder = packet_encoder('evt3', WIDTH, HEIGHT)
    first, last = int(events['t'][0]), int(events['t'][-1])
    cuts = np.searchsorted(events['t'], np.arange(first, last + packet_us + 1, packet_us))
    return [encoder.encode(events[a:b]) for a, b in pairwise(cuts)]


ON_GRID_US = START_US + 200_000
OFF_GRID_US = ON_GRID_US - 3_457


@pytest.mark.parametrize('end_us', [ON_GRID_US, OFF_GRID_US, ON_GRID_US - 87_500])
@pytest.mark.parametrize('kind', ['events', 'packets'])
def test_a_window_is_the_plain_voxel_grid(kind, end_us, tolerances):
    events = random_events()
    accumulator = accumulated(**{kind: events if kind == 'events' else packets_of(events)})

    grid = accumulator.tensor(end_us)

    assert grid.dtype == np.float32
    tolerances['float32'].assert_close(grid, plain_voxel_grid(events, end_us))


@pytest.mark.parametrize('end_us', [ON_GRID_US, OFF_GRID_US])
def test_sums_and_decoding_again_and_the_batch_form_give_the_same_bits(end_us):
    events = random_events(seed=1)
    fine = VoxelSpec(interval_us=2_500)

    grids = [
        accumulated(events).tensor(end_us),
        accumulated(packets=packets_of(events)).tensor(end_us),
        accumulated(packets=[encode('evt3', events, WIDTH, HEIGHT)]).tensor(end_us),
        accumulated(events, spec=fine).tensor(end_us),
        voxel_grid(events, start_us=end_us - 50_000, end_us=end_us, bins=5, size=(HEIGHT, WIDTH)),
    ]

    assert np.abs(grids[0]).max() > 1
    for grid in grids[1:]:
        np.testing.assert_array_equal(grid, grids[0])


def test_a_stamp_that_the_ring_has_passed_is_decoded_again():
    events = random_events(seed=2)
    early_us = START_US + 100_000
    stopped = accumulated(packets=packets_of(events[events['t'] < early_us]))
    gone_on = accumulated(packets=packets_of(events))

    np.testing.assert_array_equal(gone_on.tensor(early_us), stopped.tensor(early_us))


def test_the_packets_of_a_recording_give_the_same_bits_however_cut(recorded_packets):
    packets = recorded_packets('evt3')[:60]
    stream = b''.join(packet.payload for packet in packets)
    cuts = np.sort(np.random.default_rng(4).integers(0, len(stream) // 2, 200)) * 2
    whole = VoxelAccumulator(SPEC, width=640, height=480)
    cut = VoxelAccumulator(SPEC, width=640, height=480)

    for packet in packets:
        whole.push_packet('evt3', packet.payload)
    for a, b in pairwise([0, *cuts, len(stream)]):
        cut.push_packet('evt3', stream[a:b])

    assert whole.newest_us == cut.newest_us
    for end_us in (whole.newest_us // 12_500 * 12_500, whole.newest_us - 1):
        expected = whole.tensor(end_us)
        assert np.count_nonzero(expected) > 1_000
        np.testing.assert_array_equal(cut.tensor(end_us), expected)


@pytest.mark.parametrize('encoding', ['libcaer', 'libcaer_cmp'])
def test_other_encodings_give_the_tensor_of_their_events(recorded_packets, encoding):
    packets = recorded_packets(encoding)[:12]
    accumulator = VoxelAccumulator(SPEC, width=packets[0].width, height=packets[0].height)

    for packet in packets:
        accumulator.push_packet(encoding, packet.payload, packet.time_base_ns)

    end_us = accumulator.newest_us // 12_500 * 12_500
    events = accumulator.events_between(end_us - 50_000, end_us)
    expected = voxel_grid(
        events,
        start_us=end_us - 50_000,
        end_us=end_us,
        bins=5,
        size=(packets[0].height, packets[0].width),
    )
    assert events.size > 5_000
    np.testing.assert_array_equal(accumulator.tensor(end_us), expected)


def test_a_lookup_moves_events_and_counts_those_without_a_place():
    events = random_events(seed=3)
    mirrored = np.arange(WIDTH * HEIGHT, dtype=np.int32).reshape(HEIGHT, WIDTH)[:, ::-1].copy()
    mirrored[:, 0] = -1
    accumulator = accumulated(packets=packets_of(events), lookup=mirrored.reshape(-1))
    from_events = accumulated(events, lookup=mirrored.reshape(-1))

    grid = accumulator.tensor(ON_GRID_US)

    kept = events[events['x'] > 0]
    expected = accumulated(kept).tensor(ON_GRID_US)[:, :, ::-1]
    np.testing.assert_array_equal(grid, expected)
    np.testing.assert_array_equal(from_events.tensor(ON_GRID_US), expected)
    assert accumulator.num_unmapped == from_events.num_unmapped == events.size - kept.size
    assert accumulator.num_events_in(START_US, START_US + 200_000) == events.size


def test_a_lookup_that_moves_nothing_changes_nothing():
    packets = packets_of(random_events(seed=3))
    same = np.arange(WIDTH * HEIGHT, dtype=np.int32)

    plain, looked_up = accumulated(packets=packets), accumulated(packets=packets, lookup=same)

    assert plain.tensor(ON_GRID_US).any()
    np.testing.assert_array_equal(looked_up.tensor(ON_GRID_US), plain.tensor(ON_GRID_US))
    assert looked_up.num_unmapped == 0


def test_vectors_go_through_a_lookup_column_by_column():
    events = np.zeros(4_000, EVENT_DTYPE)  # rows nearly full: most words are vectors
    generator = np.random.default_rng(4)
    events['t'] = START_US + np.arange(events.size) // 100 * 5_000
    pixels = [generator.permutation(WIDTH * HEIGHT)[:100] for _ in range(40)]
    events['y'], events['x'] = np.divmod(np.sort(pixels).reshape(-1), WIDTH)
    events['p'] = np.where(events['y'] % 2, 1, -1)
    lookup = generator.permutation(WIDTH * HEIGHT).astype(np.int32)
    lookup[::7] = -1

    packed = accumulated(packets=[encode('evt3', events, WIDTH, HEIGHT)], lookup=lookup)
    single = accumulated(events, lookup=lookup)

    assert single.tensor(ON_GRID_US).any()
    np.testing.assert_array_equal(packed.tensor(ON_GRID_US), single.tensor(ON_GRID_US))
    assert packed.num_unmapped == single.num_unmapped > 0


FILTERING = Filtering(refractory_us=4_000, background_us=3_000)


@pytest.mark.parametrize('packet_us', [500, 3_000, 200_001])
def test_filtered_packets_give_the_grid_of_the_filtered_events(packet_us):
    events = random_events(20_000, seed=5)
    kept = FILTERING.chain((HEIGHT, WIDTH)).apply(events)

    accumulator = accumulated(
        packets=packets_of(events, packet_us), event_filter=FILTERING.chain((HEIGHT, WIDTH))
    )

    assert 0 < kept.size < events.size
    expected = accumulated(kept)
    for end_us in (ON_GRID_US, OFF_GRID_US):
        np.testing.assert_array_equal(accumulator.tensor(end_us), expected.tensor(end_us))
    assert accumulator.num_filtered == events.size - kept.size
    assert accumulator.counts.num_events == events.size


def test_events_that_are_left_out_tell_the_time():
    lonely = random_events(40, seed=6, duration_us=4_000_000)  # nothing supports them
    nothing = Filtering(background_us=1)
    accumulator = accumulated(lonely, event_filter=nothing.chain((HEIGHT, WIDTH)))

    assert accumulator.num_filtered == lonely.size
    assert accumulator.newest_us == lonely['t'][-1]
    assert not accumulator.tensor(accumulator.newest_us).any()
    assert accumulator.oldest_complete_us < accumulator.newest_us


def test_reset_makes_the_filters_forget():
    events = random_events(3_000, seed=7)
    once = accumulated(events, event_filter=FILTERING.chain((HEIGHT, WIDTH)))
    again = accumulated(events, event_filter=FILTERING.chain((HEIGHT, WIDTH)))

    again.reset()
    again.push_events(events)

    assert again.num_filtered == once.num_filtered > 0
    np.testing.assert_array_equal(again.tensor(ON_GRID_US), once.tensor(ON_GRID_US))


def test_a_lookup_may_lead_to_another_size():
    events = random_events(seed=3)
    columns = np.tile(np.arange(WIDTH, dtype=np.int32) // 2, HEIGHT)
    accumulator = accumulated(events, lookup=columns, output_size=(1, 18))

    grid = accumulator.tensor(OFF_GRID_US)

    sums = accumulated(events).tensor(OFF_GRID_US).sum(axis=1)
    assert grid.shape == (5, 1, 18)
    np.testing.assert_allclose(grid[:, 0, 3], sums[:, 6] + sums[:, 7], rtol=1e-4, atol=1e-4)


def test_vectors_at_the_edge_of_the_sensor_and_lost_words_are_treated_alike():
    # words that the encoder never writes: vectors over the edge, vendor and reserved words
    generator = np.random.default_rng(6)
    codes = generator.choice([0, 2, 2, 3, 4, 4, 5, 6, 7, 9, 10, 14], 30_000)
    lows = generator.integers(0, 64, codes.size) | generator.integers(0, 2, codes.size) << 11
    lows[codes == 4] = generator.integers(0, 4096, np.count_nonzero(codes == 4))
    lows[codes == 6] = generator.integers(0, 4096, np.count_nonzero(codes == 6))  # back and forth
    words = np.concatenate([[8 << 12 | 30], codes << 12 | lows]).astype('<u2')
    fused = accumulated(packets=[words.tobytes()])
    listed = accumulated(fused.events_between(0, 1 << 40))

    end_us = int(fused.newest_us) + 1

    assert fused.counts.num_out_of_sensor > 100
    assert fused.counts.num_backward_steps > 1_000
    assert fused.counts.num_events == listed.counts.num_events > 1_000
    np.testing.assert_array_equal(fused.tensor(end_us), listed.tensor(end_us))


def test_no_events_give_zeros():
    accumulator = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)

    assert accumulator.newest_us is None
    assert accumulator.oldest_complete_us is None
    for end_us in (0, 1, 50_000):
        grid = accumulator.tensor(end_us)
        assert grid.shape == (5, HEIGHT, WIDTH)
        assert not grid.any()


def test_a_window_after_the_newest_event_is_zero_and_one_across_it_holds_what_came():
    events = random_events(duration_us=100_000)
    accumulator = accumulated(events)
    newest_us = int(events['t'][-1])

    assert not accumulator.tensor(START_US + 500_000).any()
    across = accumulator.tensor(START_US + 125_000)
    assert across.any()
    np.testing.assert_array_equal(across, accumulated(events).tensor(START_US + 125_000))
    assert accumulator.newest_us == newest_us


def test_it_says_from_when_on_it_is_complete():
    events = random_events(num=20_000, duration_us=2_000_000)
    accumulator = accumulated(packets=packets_of(events[:5]))

    assert accumulator.oldest_complete_us == events['t'][0] % (1 << 24)
    for packet in packets_of(events[5:]):
        accumulator.push_packet('evt3', packet)

    oldest_us = accumulator.oldest_complete_us
    kept_us = accumulator.newest_us - oldest_us
    assert 2 * SPEC.window_us <= kept_us <= 4 * SPEC.window_us + 10_000
    held = accumulator.events_between(oldest_us, accumulator.newest_us + 1)
    assert held.size == np.count_nonzero(events['t'] >= oldest_us)


def test_events_between_and_their_number_are_those_of_the_stream():
    events = random_events(seed=5)
    accumulator = accumulated(packets=packets_of(events))

    for start_us, end_us in [(ON_GRID_US - 50_000, ON_GRID_US), (OFF_GRID_US - 777, OFF_GRID_US)]:
        inside = events[(events['t'] >= start_us) & (events['t'] < end_us)]
        np.testing.assert_array_equal(accumulator.events_between(start_us, end_us), inside)
        assert accumulator.num_events_in(start_us, end_us) == inside.size > 0


def test_a_small_step_back_goes_where_its_time_says():
    events = random_events(seed=7)
    shuffle = np.random.default_rng(7).random(events.size)
    late = events[np.lexsort((shuffle, events['t'] // 20_000))]

    accumulator = accumulated(late)

    assert accumulator.num_discontinuities == 0
    for end_us in (ON_GRID_US, OFF_GRID_US):
        np.testing.assert_array_equal(
            accumulator.tensor(end_us), accumulated(events).tensor(end_us)
        )


@pytest.mark.parametrize('end_us', [100_000, 99_999])
def test_a_jump_back_forgets_all_that_came_before_and_is_recorded(end_us):
    before = random_events(seed=8, start_us=3_000_000)
    after = random_events(seed=9, start_us=0, duration_us=100_000)
    accumulator = accumulated(np.concatenate([before, after]))

    np.testing.assert_array_equal(accumulator.tensor(end_us), accumulated(after).tensor(end_us))
    assert accumulator.events_between(0, 10_000_000).size == after.size
    (found,) = accumulator.discontinuities
    assert found.kind == 'backward'
    assert (found.from_us, found.to_us) == (before['t'][-1], after['t'][0])


def test_a_long_silence_is_recorded_and_forgets_nothing_that_a_window_needs():
    first = random_events(seed=8, start_us=0, duration_us=100_000)
    second = random_events(seed=9, start_us=5_000_000, duration_us=100_000)
    events = np.concatenate([first, second])

    for accumulator in (
        accumulated(events),
        accumulated(packets=[encode('evt3', events, 35, 21)]),
    ):
        assert [d.kind for d in accumulator.discontinuities] == ['forward']
        np.testing.assert_array_equal(
            accumulator.tensor(5_100_000), accumulated(second).tensor(5_100_000)
        )


def test_lost_packets_make_addresses_unknown():
    packets = packets_of(random_events())
    accumulator = accumulated(packets=packets[:3])

    accumulator.resynchronise()
    accumulator.push_packet('evt3', np.array([0x2005], '<u2').tobytes())

    assert accumulator.counts.num_before_address == 1


def test_reset_makes_an_accumulator_as_new():
    accumulator = accumulated(packets=packets_of(random_events()))

    accumulator.reset()

    assert accumulator.newest_us is None
    assert accumulator.counts.num_packets == 0
    assert not accumulator.tensor(ON_GRID_US).any()
    events = random_events(seed=11, start_us=0)
    accumulator.push_events(events)
    np.testing.assert_array_equal(accumulator.tensor(99_999), accumulated(events).tensor(99_999))


def test_a_buffer_that_the_caller_uses_again_changes_nothing():
    events = random_events()
    buffer = events.copy()
    payload = bytearray(encode('evt3', events, WIDTH, HEIGHT))
    from_events, from_payload = accumulated(buffer), accumulated(packets=[payload])

    buffer['t'] = 0
    payload[:] = bytes(len(payload))

    expected = accumulated(events).tensor(OFF_GRID_US)
    np.testing.assert_array_equal(from_events.tensor(OFF_GRID_US), expected)
    np.testing.assert_array_equal(from_payload.tensor(OFF_GRID_US), expected)


def test_the_memory_of_the_packets_kept_is_bounded():
    events = random_events(num=200_000, duration_us=20_000_000)
    accumulator = accumulated(packets=packets_of(events, packet_us=10_000))

    kept_us = accumulator.newest_us - accumulator.oldest_complete_us

    assert kept_us < 300_000


def test_events_outside_the_sensor_do_not_enter_and_are_counted():
    events = random_events()
    events['x'][:10] = WIDTH
    accumulator = accumulated(events)

    assert accumulator.counts.num_out_of_sensor == 10
    assert accumulator.counts.num_events == events.size - 10
    assert accumulator.events_between(0, 1 << 40).size == events.size - 10


def test_out_receives_the_grid():
    accumulator = accumulated(random_events())
    out = np.full((5, HEIGHT, WIDTH), np.nan, np.float32)

    grid = accumulator.tensor(ON_GRID_US, out=out)

    assert grid is out
    np.testing.assert_array_equal(out, accumulator.tensor(ON_GRID_US))


def test_an_encoding_that_changes_in_mid_stream_is_refused():
    accumulator = accumulated(packets=packets_of(random_events()))

    with pytest.raises(StreamChangedError, match=r"Expected packets in 'evt3' .* got 'libcaer'"):
        accumulator.push_packet('libcaer', b'')


def test_an_unknown_encoding_is_refused():
    with pytest.raises(UnknownEncodingError, match="got 'evt4'"):
        accumulated().push_packet('evt4', b'')


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'lookup': np.zeros(5, np.int32)}, r'a lookup int32 \(735,\), got int32 \(5,\)'),
        ({'lookup': np.zeros(735, np.int64)}, r'a lookup int32 \(735,\), got int64'),
        ({'lookup': np.full(735, 735, np.int32)}, 'lookup entries of -1 to 734, got 735 to 735'),
        ({'output_size': (3, 4)}, r'a lookup for output size \(3, 4\), got none'),
        ({'output_size': (0, 4)}, r'a positive output size, got \(0, 4\)'),
    ],
)
def test_a_lookup_that_does_not_fit_is_refused(options, text):
    with pytest.raises(InputError, match=f'Expected {text}'):
        VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT, **options)


def test_other_inputs_that_do_not_fit_are_refused():
    accumulator = accumulated()

    with pytest.raises(InputError, match='Expected a positive sensor size, got 0 x 4'):
        VoxelAccumulator(SPEC, width=0, height=4)
    with pytest.raises(
        InputError, match='Expected events of EVENT_DTYPE and one dimension, got float64'
    ):
        accumulator.push_events(np.zeros(3))
    with pytest.raises(InputError, match='Expected out as contiguous float32'):
        accumulator.tensor(0, out=np.zeros((5, HEIGHT, WIDTH)))


@pytest.mark.parametrize(('index', 't'), [(-1, 2**63 - 1), (0, -(2**63)), (7, 2**62)])
def test_a_time_at_the_ends_of_int64_is_refused_and_changes_nothing(index, t):
    events = random_events(100)
    accumulator = accumulated(events)
    extreme = events.copy()
    extreme['t'][index] = t

    with pytest.raises(InputError, match=f'Expected events between .*{t}'):
        accumulator.push_events(extreme)

    assert accumulator.counts.num_events == 100
