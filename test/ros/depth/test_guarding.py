"""Errors that are counted, told once, and left behind."""

from eventdepth_core.errors import DecodeError
from eventdepth_ros.depth.guarding import Guard, INTERNAL_ERROR, QUIET_S


class Journal:
    def __init__(self):
        self.warnings, self.errors = [], []

    def warning(self, message):
        self.warnings.append(message)

    def error(self, message):
        self.errors.append(message)


def make_guard():
    journal, now_s = Journal(), [0.0]
    return Guard(journal, lambda: now_s[0]), journal, now_s


def test_an_error_of_the_library_is_counted_by_reason_and_told_once_in_a_while():
    guard, journal, now_s = make_guard()
    counted = []

    for second in (0.0, 1.0, QUIET_S + 1.0):
        now_s[0] = second
        with guard.counting(counted.append):
            raise DecodeError('Expected bytes, got none.')

    assert counted == ['undecodable'] * 3
    assert journal.warnings == ['Expected bytes, got none. (undecodable)'] * 2


def test_anything_else_is_told_with_its_traceback():
    guard, journal, _ = make_guard()
    counted = []

    with guard.counting(counted.append):
        raise KeyError('left')

    assert counted == [INTERNAL_ERROR]
    assert 'Traceback' in journal.errors[0]
    assert "KeyError: 'left'" in journal.errors[0]


def test_what_does_not_fail_is_not_counted():
    guard, journal, _ = make_guard()
    counted = []

    with guard.counting(counted.append):
        pass

    assert (counted, journal.warnings, journal.errors) == ([], [], [])


def test_a_sentence_is_not_repeated_too_soon():
    guard, journal, now_s = make_guard()

    for second in (0.0, 5.0, 20.0):
        now_s[0] = second
        guard.warn('No depth yet.', quiet_s=10.0)

    assert len(journal.warnings) == 2
