"""What a stream says about its sender."""

from eventdepth_ros.depth.stream_watch import (
    Form,
    FormWatch,
    NUM_TO_SETTLE,
    OUTAGE_US,
    SenderWatch,
)
import pytest


def test_the_first_form_settles_at_once_and_is_no_change():
    watch = FormWatch()

    assert not watch.changed('evt3', 64, 48)
    assert watch.settled == Form('evt3', 64, 48)


def test_another_form_settles_after_enough_in_a_row_and_tells_once():
    watch = FormWatch()
    watch.changed('evt3', 64, 48)

    told = [watch.changed('evt3', 32, 24) for _ in range(NUM_TO_SETTLE + 3)]

    assert told == [False] * (NUM_TO_SETTLE - 1) + [True] + [False] * 3


def test_single_strays_never_settle():
    watch = FormWatch()
    watch.changed('evt3', 64, 48)

    for _ in range(5):
        for _ in range(NUM_TO_SETTLE - 1):
            assert not watch.changed('mono', 64, 48)
        assert not watch.changed('evt3', 64, 48)

    assert watch.settled == Form('evt3', 64, 48)


@pytest.mark.parametrize(
    ('seqs', 'stamps_us', 'expected'),
    [
        ([5, 6, 7], [0, 1, 2], [False, False, False]),
        ([5, 0, 1], [0, 1, 2], [False, True, False]),
        ([5, 9], [0, 1000], [False, False]),
        ([5, 9], [0, OUTAGE_US + 1], [False, True]),
        ([5, 6], [0, 60 * OUTAGE_US], [False, False]),
        ([0, 0, 0], [0, 1, 5 * OUTAGE_US], [False, False, False]),
    ],
)
def test_restarts_are_told_from_gaps_and_silence(seqs, stamps_us, expected):
    watch = SenderWatch()

    assert [watch.restarted(*pair) for pair in zip(seqs, stamps_us, strict=True)] == expected
