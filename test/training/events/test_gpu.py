"""The event core in torch against the kernels of the CPU, on CPU tensors: one code with CUDA."""

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events import packet_decoder, packet_encoder, VoxelAccumulator, VoxelSpec
from eventdepth_core.events.gpu import decode_evt3_words, fresh_state, TorchVoxelAccumulator
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
import torch

WIDTH, HEIGHT = 70, 50
SPEC = VoxelSpec(bins=5, window_us=50_000, interval_us=12_500)
DEVICES = ['cpu', *(['cuda'] if torch.cuda.is_available() else [])]

# words of every kind, those that carry events and time more often
WORD = st.one_of(
    st.integers(0, 0xFFFF),
    st.builds(lambda code, low: code << 12 | low, st.sampled_from([0, 2, 3, 4, 5, 6, 8]),
              st.integers(0, 0xFFF)),
    st.builds(lambda code, low: code << 12 | low, st.sampled_from([2, 3, 0]), st.integers(0, 80)),
    st.builds(lambda low: 8 << 12 | low, st.sampled_from([0, 1, 2, 3, 4_090, 4_095])),
)  # fmt: skip


def torch_events(words, cuts, device='cpu'):
    """Decode words in parts and return EVENT_DTYPE[n]."""
    state = fresh_state(device)
    parts = []
    for part in np.split(words, cuts):
        raw = torch.from_numpy(part.astype('<u2').view('<i2').copy()).to(device)
        events, state = decode_evt3_words(raw, state, (HEIGHT, WIDTH))
        decoded = np.zeros(events.t.numel(), EVENT_DTYPE)
        for name in 'txyp':
            decoded[name] = getattr(events, name).cpu().numpy()
        parts.append(decoded)
    return np.concatenate(parts), state


def cpu_events(words):
    decoder = packet_decoder('evt3', WIDTH, HEIGHT)
    return decoder.decode(words.astype('<u2').tobytes()), decoder.state


def bar(num=20_000, start_us=16_700_000, seed=3):
    """Return events over the wrap of the 24-bit time."""
    generator = np.random.default_rng(seed)
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = start_us + np.sort(generator.integers(0, 200_000, num))
    events['x'] = generator.integers(0, WIDTH, num)
    events['y'] = generator.integers(0, HEIGHT, num)
    events['p'] = generator.choice((-1, 1), num)
    order = np.lexsort((events['x'], events['p'], events['y'], events['t'] // 100))
    events = events[order]
    events['t'] = events['t'] // 100 * 100  # rows are read out together, so vectors arise
    return events


@settings(max_examples=300)
@given(st.lists(WORD, max_size=120), st.lists(st.integers(0, 120), max_size=3))
def test_any_words_give_the_events_and_the_state_of_the_cpu(words, cuts):
    words = np.array(words, np.uint16)

    events, state = torch_events(words, sorted(min(cut, words.size) for cut in cuts))

    expected, expected_state = cpu_events(words)
    np.testing.assert_array_equal(events, expected)
    np.testing.assert_array_equal(state.numpy(), expected_state)


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('packet', [2, 999, 10**9])
def test_a_stream_over_a_wrap_gives_the_grids_of_the_cpu_bit_for_bit(device, packet):
    payload = packet_encoder('evt3', WIDTH, HEIGHT).encode(bar())[: 2 * 9_000]
    on_cpu = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)
    on_device = TorchVoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT, device=device)
    asked_us = []

    for start in range(0, len(payload), packet):
        on_cpu.push_packet('evt3', payload[start : start + packet])
        on_device.push_packet('evt3', payload[start : start + packet])
        newest_us = on_cpu.newest_us
        if newest_us is not None and (not asked_us or newest_us > asked_us[-1] + 10_000):
            grid_us = newest_us - newest_us % SPEC.interval_us
            for end_us in (grid_us, newest_us + 1, newest_us - 7_003):
                expected = on_cpu.tensor(end_us)
                np.testing.assert_array_equal(on_device.tensor(end_us).cpu().numpy(), expected)
            asked_us.append(newest_us)

    assert asked_us
    assert on_device.newest_us == on_cpu.newest_us


def test_a_lookup_moves_events_and_leaves_out_those_without_a_cell():
    generator = np.random.default_rng(5)
    lookup = generator.integers(-1, 30 * 40, WIDTH * HEIGHT).astype(np.int32)
    payload = packet_encoder('evt3', WIDTH, HEIGHT).encode(bar(4_000))
    keywords = {'width': WIDTH, 'height': HEIGHT, 'lookup': lookup, 'output_size': (30, 40)}
    on_cpu = VoxelAccumulator(SPEC, **keywords)
    on_device = TorchVoxelAccumulator(SPEC, device='cpu', **keywords)

    on_cpu.push_packet('evt3', payload)
    on_device.push_packet('evt3', payload)

    end_us = on_cpu.newest_us
    grid = on_device.tensor(end_us).numpy()
    assert grid.shape == (5, 30, 40)
    np.testing.assert_array_equal(grid, on_cpu.tensor(end_us))


def test_lost_packets_leave_the_time_and_forget_the_addresses():
    payload = packet_encoder('evt3', WIDTH, HEIGHT).encode(bar(4_000))
    on_cpu = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)
    on_device = TorchVoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT, device='cpu')

    for accumulator in (on_cpu, on_device):
        accumulator.push_packet('evt3', payload[:2_000])
        accumulator.resynchronise()
        accumulator.push_packet('evt3', payload[2_600:])

    end_us = on_cpu.newest_us
    np.testing.assert_array_equal(on_device.tensor(end_us).numpy(), on_cpu.tensor(end_us))


def test_without_events_the_grid_is_zero_and_a_reset_forgets_them():
    accumulator = TorchVoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT, device='cpu')
    assert accumulator.newest_us is None
    accumulator.push_packet('evt3', packet_encoder('evt3', WIDTH, HEIGHT).encode(bar(500)))
    newest_us = accumulator.newest_us
    assert accumulator.tensor(newest_us).any()

    accumulator.reset()

    assert accumulator.newest_us is None
    assert not accumulator.tensor(newest_us).any()


def test_wrong_arguments_are_named():
    with pytest.raises(InputError, match='positive sensor size, got 0 x 5'):
        TorchVoxelAccumulator(SPEC, width=0, height=5, device='cpu')
    with pytest.raises(InputError, match=r'Expected a lookup \(3500,\), got \(7,\)'):
        TorchVoxelAccumulator(
            SPEC, width=WIDTH, height=HEIGHT, lookup=np.zeros(7, np.int32), device='cpu'
        )
    accumulator = TorchVoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT, device='cpu')
    with pytest.raises(UnknownEncodingError, match="out of evt3, got 'libcaer'"):
        accumulator.push_packet('libcaer', b'')
