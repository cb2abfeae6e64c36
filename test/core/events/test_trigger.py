"""trigger records: time in ns from the time base, channel, edge."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import encode, packet_decoder
from eventdepth_core.types import TRIGGER_DTYPE
import numpy as np
import pytest


def test_a_record_carries_time_channel_and_edge():
    decoder = packet_decoder('trigger', 640, 480)
    records = np.array([1 << 63 | 6 << 48 | 0xABCD << 32 | 999, 6 << 48 | 1], '<u8')

    events = decoder.decode(records.tobytes(), 7_000_001)

    assert events.size == 0
    assert decoder.triggers.tolist() == [(7_001, 6, 1), (7_000, 6, -1)]
    assert decoder.counts.num_triggers == 2


def test_triggers_come_back():
    triggers = np.array([(5, 32_767, 1), (4_294_972, 0, -1)], TRIGGER_DTYPE)
    decoder = packet_decoder('trigger', 640, 480)

    decoder.decode(encode('trigger', triggers, 640, 480, time_base_ns=4_999), 4_999)

    assert decoder.triggers.tolist() == triggers.tolist()


def test_a_trigger_that_the_time_base_cannot_reach_is_refused():
    triggers = np.array([(4_294_968, 1, 1)], TRIGGER_DTYPE)

    with pytest.raises(InputError, match=r'Expected events within 2\^32 ns .* got offsets'):
        encode('trigger', triggers, 640, 480)
