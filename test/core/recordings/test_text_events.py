"""Event text: exact times, any piece size, bad lines."""

from collections import Counter

from eventdepth_core.recordings.text_event_kernels import parse_events
from eventdepth_core.recordings.text_events import (
    read_text_events,
    text_event_bounds,
    text_event_extent,
    text_event_size,
)
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest


def read(path, **options):
    dropped = Counter()
    pieces = list(read_text_events(path, dropped, **options))
    joined = [tuple(int(number) for number in event) for piece in pieces for event in piece]
    return joined, dropped


@pytest.mark.parametrize(('text', 't_us'), [
    ('0.003820001', 3820), ('0.003819999', 3820), ('1.5', 1_500_000), ('7', 7_000_000),
    ('1600000000.123456789', 1_600_000_000_123_457), ('1.6e9', 1_600_000_000_000_000),
    ('1.234500000000000000e-03', 1235), ('1.2344E-3', 1234), ('+0.5', 500_000), ('0', 0),
    ('-0.25', -250_000), ('.5', 500_000), ('5.', 5_000_000),
])  # fmt: skip
def test_time_is_read_exactly_and_rounded_once(tmp_path, text, t_us):
    path = tmp_path / 'events.txt'
    path.write_text(f'{text} 3 4 1\n')

    assert read(path) == ([(t_us, 3, 4, 1)], {})


@pytest.mark.parametrize('line', ['0.1 3 4 0', '0.1\t3\t4\t-1', ' 0.1,3,4,0 \r', '0.1; 3; 4; 0'])
def test_separators_and_both_ways_to_say_off(tmp_path, line):
    path = tmp_path / 'events.txt'
    path.write_text(f'# t x y p\n\n{line}\n')

    assert read(path) == ([(100_000, 3, 4, -1)], {})


def test_the_last_line_needs_no_newline(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text('0.1 3 4 1\n0.2 5 6 0')

    assert read(path)[0] == [(100_000, 3, 4, 1), (200_000, 5, 6, -1)]


@pytest.mark.parametrize('line', [
    'no event', '0.1 3 4', '0.1 3 4 1 5', '0.1 70000 4 1', '0.1 3 -4 1', '0.1 3 4 2', '0.1 x 4 1',
    '1e99 3 4 1', '1e 3 4 1', '99999999999999999999 1 1 1', '- 3 4 1', '. 1 1 1',
])  # fmt: skip
def test_a_line_that_is_no_event_is_counted(tmp_path, line):
    path = tmp_path / 'events.txt'
    path.write_text(f'0.1 3 4 1\n{line}\n0.2 3 4 1\n')

    events, dropped = read(path)

    assert [event[0] for event in events] == [100_000, 200_000]
    assert dropped == {'bad_line': 1}


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.integers(0, 345), st.integers(0, 259), st.booleans()),
        max_size=40,
    ),
    st.integers(1, 300),
)
def test_pieces_joined_are_the_file_for_any_piece_size(tmp_path_factory, events, read_bytes):
    path = tmp_path_factory.mktemp('text') / 'events.txt'
    events.sort(key=lambda event: event[0])
    path.write_text(''.join(f'{t / 1e6:.6f} {x} {y} {int(p)}\n' for t, x, y, p in events))

    found, dropped = read(path, read_bytes=read_bytes)

    assert found == [(t, x, y, 1 if p else -1) for t, x, y, p in events]
    assert not dropped


def test_small_backward_steps_are_sorted_and_no_event_is_lost(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text('0.1 1 0 1\n0.3 2 0 1\n0.2 3 0 1\n0.2 4 0 1\n')

    events, dropped = read(path)

    assert [event[1] for event in events] == [1, 3, 4, 2]
    assert not dropped


def test_an_event_older_than_the_piece_before_is_counted(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text('0.5 1 0 1\n0.6 2 0 1\n0.1 3 0 1\n0.7 4 0 1\n')

    events, dropped = read(path, read_bytes=20)

    assert [event[1] for event in events] == [1, 2, 4]
    assert dropped == {'late_event': 1}


def test_a_first_line_of_two_integers_is_the_size(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text('240 180\n0.1 3 4 1\n')

    assert text_event_size(path) == (180, 240)
    assert read(path) == ([(100_000, 3, 4, 1)], {})


def test_extent_and_bounds_come_from_the_events(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text('0.1 3 40 1\n0.2 50 6 1\n')

    assert text_event_extent(path) == (41, 51)
    assert text_event_bounds(path) == (100_000, 200_000)
    assert text_event_size(path) is None


def test_an_empty_file_has_no_events(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text('')

    assert read(path) == ([], {})
    assert text_event_bounds(path) is None


def test_bounds_of_a_long_file_come_from_its_ends(tmp_path):
    path = tmp_path / 'events.txt'
    path.write_text(''.join(f'0.{i:06d} 3 4 1\n' for i in range(5000)))

    assert text_event_bounds(path) == (0, 4999)


def test_events_have_the_one_dtype(tmp_path):
    from eventdepth_core.types import EVENT_DTYPE

    path = tmp_path / 'events.txt'
    path.write_text('0.1 3 40 1\n')

    (piece,) = read_text_events(path, Counter())

    assert piece.dtype == EVENT_DTYPE
    np.testing.assert_array_equal(piece['p'], [1])


@settings(max_examples=60)
@given(
    rows=st.lists(
        st.tuples(
            st.from_regex(r'\A[0-9]{1,12}(\.[0-9]{0,9})?\Z'),
            st.integers(0, 70_000),
            st.integers(0, 70_000),
            st.integers(-1, 2),
        )
    )
)
def test_a_plain_line_is_read_as_the_same_line_with_other_separators(rows):
    found = []
    for separator in (' ', ', '):
        text = ''.join(separator.join(map(str, row)) + '\n' for row in rows).encode()
        events = np.zeros(len(rows) + 1, EVENT_DTYPE)
        counts = parse_events(np.frombuffer(text, np.uint8), events)
        found.append((counts[0], counts[2], events.tolist()))

    assert found[0] == found[1]
