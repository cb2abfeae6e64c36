"""Record times: of arrival or of the header, and before the first /clock."""

from eventdepth_core.recordings.definitions import IMAGE, STRING, TF_MESSAGE
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawTransforms
from eventdepth_ros.recording.stamping import header_stamp_ns, MAX_EARLY, Stamper
import numpy as np
import pytest

NOW_NS = 77_000_000_000


def image(stamp_ns, byte_order='<'):
    message = raw_image(np.zeros((2, 3), np.uint8), 'mono8', Header(stamp_ns, 'camera'))
    return encode_message(message, byte_order)


@pytest.mark.parametrize('byte_order', ['<', '>'])
def test_the_stamp_of_a_header_is_read_in_both_byte_orders(byte_order):
    assert header_stamp_ns(IMAGE, image(1_234_567_890_123, byte_order)) == 1_234_567_890_123


@pytest.mark.parametrize(
    ('type_name', 'raw'),
    [
        (STRING, bytes(40)),
        (TF_MESSAGE, encode_message(RawTransforms(()))),
        (IMAGE, image(0)),
        (IMAGE, b'\x00\x01\x00\x00\x05'),
        (IMAGE, b'\x00\x09' + bytes(40)),
    ],
)
def test_what_has_no_stamp_has_none(type_name, raw):
    assert header_stamp_ns(type_name, raw) is None


def test_arrival_is_the_time_of_the_clock():
    stamper = Stamper('receive', lambda: NOW_NS)

    assert list(stamper.stamped('/a', IMAGE, image(5))) == [('/a', image(5), NOW_NS)]


def test_headers_win_where_they_are_asked_for():
    stamper = Stamper('header', lambda: NOW_NS)

    times = [stamp for _, _, stamp in stamper.stamped('/a', IMAGE, image(5))]
    times += [stamp for _, _, stamp in stamper.stamped('/b', STRING, b'word')]

    assert times == [5, NOW_NS]


def test_what_comes_before_the_clock_waits_for_it():
    times = iter([0, 0, NOW_NS])
    stamper = Stamper('receive', lambda: next(times))

    early = [list(stamper.stamped('/tf', STRING, bytes([i]))) for i in range(2)]
    late = list(stamper.stamped('/a', STRING, b'x'))

    assert early == [[], []]
    assert late == [('/tf', b'\x00', NOW_NS), ('/tf', b'\x01', NOW_NS), ('/a', b'x', NOW_NS)]


def test_without_any_clock_nothing_is_lost_at_the_end():
    stamper = Stamper('receive', lambda: 0)
    assert list(stamper.stamped('/a', IMAGE, image(9))) == []
    assert list(stamper.stamped('/b', STRING, b'x')) == []

    assert list(stamper.released(0)) == [('/a', image(9), 9), ('/b', b'x', 0)]


def test_what_waits_for_the_clock_is_bounded():
    stamper = Stamper('receive', lambda: 0)

    for _ in range(MAX_EARLY):
        assert list(stamper.stamped('/a', STRING, b'x')) == []

    assert len(list(stamper.stamped('/a', STRING, b'x'))) == MAX_EARLY + 1
