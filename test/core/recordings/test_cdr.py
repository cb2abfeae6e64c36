"""CDR primitives: alignment, both byte orders, and no way past the end."""

from contextlib import suppress

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.cdr import CdrReader, CdrWriter
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest


@pytest.mark.parametrize('byte_order', ['<', '>'])
def test_what_was_written_is_read_back(byte_order):
    writer = CdrWriter(byte_order)
    writer.uint8(7)
    writer.uint32(2**31 + 3)
    writer.uint8(1)
    writer.uint64(2**63 + 5)
    writer.string('µs')
    writer.int32(-4)
    writer.float64_array(np.array([1.5, -2.0]))
    writer.octets(b'abc')

    reader = CdrReader(writer.message())

    assert reader.uint8() == 7
    assert reader.uint32() == 2**31 + 3
    assert reader.uint8() == 1
    assert reader.uint64() == 2**63 + 5
    assert reader.string() == 'µs'
    assert reader.int32() == -4
    np.testing.assert_array_equal(reader.float64_array(2), [1.5, -2.0])
    assert bytes(reader.octets()) == b'abc'


def test_primitives_are_aligned_to_their_size_after_the_encapsulation():
    writer = CdrWriter()
    writer.uint8(1)
    writer.uint64(2)

    message = writer.message()

    assert message[:5] == b'\x00\x01\x00\x00\x01'
    assert message[5:12] == bytes(7)
    assert message[12:] == b'\x02' + bytes(7)


def test_octets_are_a_view_of_the_message():
    writer = CdrWriter()
    writer.octets(bytes(1000))
    message = writer.message()

    view = CdrReader(message).octets()

    assert isinstance(view, memoryview)
    assert view.obj is message


def test_an_empty_array_is_not_aligned():
    writer = CdrWriter()
    writer.uint32(0)
    writer.float64_array(np.empty(0))
    writer.uint32(9)

    reader = CdrReader(writer.message())

    assert reader.float64_array(reader.uint32()).shape == (0,)
    assert reader.uint32() == 9


@pytest.mark.parametrize('raw', [b'', b'\x00', b'\x00\x01\x00', b'\x00\x07\x00\x00abcd'])
def test_an_unknown_encapsulation_is_a_decode_error(raw):
    with pytest.raises(DecodeError, match='Expected a CDR encapsulation'):
        CdrReader(raw)


def test_reading_past_the_end_says_how_many_bytes_are_missing():
    reader = CdrReader(b'\x00\x01\x00\x00\xff\xff\xff\xff')

    with pytest.raises(DecodeError, match=r'Expected 4294967295 bytes at offset 4 .* got 0'):
        reader.octets()


def test_a_sequence_that_cannot_fit_is_refused_before_it_is_read():
    reader = CdrReader(b'\x00\x01\x00\x00\xff\xff\xff\x7f')

    with pytest.raises(DecodeError, match='elements of at least 13 bytes'):
        reader.count(13)


def test_a_string_that_is_not_utf8_is_a_decode_error():
    reader = CdrReader(b'\x00\x01\x00\x00\x02\x00\x00\x00\xff\x00')

    with pytest.raises(DecodeError, match='Expected a string in UTF-8'):
        reader.string()


@given(st.binary(max_size=64))
def test_random_bytes_never_raise_anything_but_decode_errors(raw):
    with suppress(DecodeError):
        reader = CdrReader(b'\x00\x01\x00\x00' + raw)
        reader.string()
        reader.float64_array(reader.count(8))
        reader.uint64()
