"""Whole turns of relative clocks in the time base of packets."""

from eventdepth_core.events import encode, packet_decoder
from eventdepth_core.events.turns import turns_before_us, turns_ns
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest


@pytest.mark.parametrize('encoding', ['evt3', 'evt2', 'evt21'])
@pytest.mark.parametrize('first_us', [0, 7, (1 << 24) - 1, 1 << 24, 1_764_000_000_123_456])
def test_decoded_time_and_the_turns_are_the_absolute_time(encoding, first_us):
    events = np.array([(first_us, 1, 2, 1), (first_us + 40_000_000, 3, 4, -1)], EVENT_DTYPE)

    base_ns = turns_ns(encoding, first_us)
    found = packet_decoder(encoding, 64, 48).decode(encode(encoding, events, 64, 48), base_ns)

    assert (found['t'] + turns_before_us(encoding, base_ns)).tolist() == events['t'].tolist()


@pytest.mark.parametrize(
    ('encoding', 'base_ns'), [('evt3', 0), ('evt3', 1_764_000_000_000_000_001), ('mono', 1 << 34)]
)
def test_a_time_base_of_another_meaning_tells_no_turns(encoding, base_ns):
    assert turns_before_us(encoding, base_ns) == 0
