"""What the public calls take as integers and payloads, and what they refuse."""

from array import array

from eventdepth_core.errors import InputError
from eventdepth_core.events import packet_decoder
from eventdepth_core.events.arguments import check_events, checked_integer, payload_octets
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

OCTETS = np.arange(12, dtype=np.uint8)


@pytest.mark.parametrize('value', [7, np.int32(7), np.uint64(7)])
def test_integers_of_every_kind_become_int(value):
    checked = checked_integer(value, 'seq')

    assert type(checked) is int
    assert checked == 7


@pytest.mark.parametrize('value', [1.5, '7', None, np.float64(7.0), [7]])
def test_what_is_no_integer_is_refused_by_name(value):
    with pytest.raises(InputError, match='Expected seq as an integer, got'):
        checked_integer(value, 'seq')


@pytest.mark.parametrize('value', [8, -8, 2**70])
def test_an_integer_beyond_its_limit_is_refused(value):
    with pytest.raises(InputError, match=f'Expected seq between -8 and 8, got {value}'):
        checked_integer(value, 'seq', limit=8)


@pytest.mark.parametrize(
    'payload',
    [
        OCTETS,
        OCTETS.tobytes(),
        bytearray(OCTETS),
        memoryview(OCTETS.tobytes()),
        array('B', OCTETS.tobytes()),
        OCTETS.repeat(2)[::2],
        memoryview(OCTETS.repeat(2))[::2],
    ],
)
def test_bytes_of_every_kind_are_taken_even_with_gaps(payload):
    assert payload_octets(payload).tolist() == OCTETS.tolist()


@pytest.mark.parametrize('payload', [5, 'text', [300], None, np.zeros(4), np.zeros(4, '<u2')])
def test_a_payload_that_is_not_made_of_bytes_is_refused(payload):
    decoder = packet_decoder('mono', 70, 50)

    with pytest.raises(InputError, match='Expected a payload of'):
        decoder.decode(payload)


@pytest.mark.parametrize('size', [(70.0, 50), ('70', 50), (70, None)])
def test_a_size_that_is_not_of_integers_is_refused(size):
    with pytest.raises(InputError, match='as an integer, got'):
        packet_decoder('evt3', *size)


@pytest.mark.parametrize('events', [None, [], [1, 2], 'events'])
def test_events_that_are_no_array_are_refused(events):
    with pytest.raises(InputError, match='Expected events of EVENT_DTYPE, got one of type'):
        check_events(events)


@pytest.mark.parametrize('polarity', [0, 2, -128])
def test_a_polarity_other_than_minus_and_plus_one_is_refused(polarity):
    events = np.zeros(5, EVENT_DTYPE)
    events['p'] = [1, -1, 1, polarity, -1]

    with pytest.raises(InputError, match=f'polarities -1 and .1, got {polarity} in 1 of 5'):
        check_events(events)
