from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters import parameter, parameters_from, rows
import pytest


@dataclass(frozen=True, slots=True)
class Table:
    bundle: str = parameter('bundle', 'small', 'A bundle.', read_only=True)
    rate_hz: float = parameter('rate_hz', 10.0, 'A rate.', minimum=0.5, maximum=100.0)
    queue_depth: int = parameter('events.queue_depth', 1000, 'A depth.', minimum=1)
    is_lazy: bool = parameter('lazy', True, 'A flag.')
    encoding: str = parameter('depth.encoding', 'f', 'A choice.', choices=('f', 'u'))
    topics: tuple[str, ...] = parameter('topics', (), 'Some topics.')
    low_m: float = parameter('low_m', 0.5, 'Nearest.')
    high_m: float = parameter('high_m', 80.0, 'Farthest.')

    def __post_init__(self) -> None:
        if self.low_m >= self.high_m:
            raise InputError(f'Expected low_m < high_m, got {self.low_m} and {self.high_m}.')


def test_a_row_holds_what_its_field_was_made_with():
    row = rows(Table)[1]

    assert (row.name, row.attribute, row.kind, row.default) == (
        'rate_hz',
        'rate_hz',
        'double',
        10.0,
    )
    assert (row.minimum, row.maximum, row.read_only) == (0.5, 100.0, False)
    assert row.range_text == '0.5 to 100'


@pytest.mark.parametrize(
    ('columns', 'text'),
    [
        ({'minimum': 1.0}, 'at least 1'),
        ({'maximum': 2.5}, 'at most 2.5'),
        ({}, ''),
    ],
)
def test_the_accepted_range_is_said_in_words(columns, text):
    @dataclass(frozen=True)
    class One:
        value: float = parameter('value', 2.0, 'A value.', **columns)

    assert rows(One)[0].range_text == text


def test_values_take_the_place_of_defaults():
    table = parameters_from(Table, {'rate_hz': 5.0, 'events.queue_depth': 7, 'topics': ['a', 'b']})

    assert table == Table(rate_hz=5.0, queue_depth=7, topics=('a', 'b'))


@pytest.mark.parametrize('written', [[''], [], ('',)])
def test_an_empty_list_is_what_ros_can_write_of_it(written):
    assert parameters_from(Table, {'topics': written}).topics == ()


@pytest.mark.parametrize(
    ('values', 'text'),
    [
        (
            {'rate_hz': 5},
            r'Expected rate_hz: a number with a decimal point \(write 5\.0\), got 5\.',
        ),
        ({'rate_hz': True}, 'decimal point, got True'),
        ({'rate_hz': 0.1}, r'Expected rate_hz: 0\.5 to 100, got 0\.1\.'),
        ({'rate_hz': 101.0}, 'Expected rate_hz: 0.5 to 100, got 101.0'),
        ({'rate_hz': float('nan')}, 'finite number, got nan'),
        ({'low_m': float('inf')}, 'finite number, got inf'),
        ({'events.queue_depth': 0}, 'at least 1, got 0'),
        ({'events.queue_depth': 1.0}, 'an integer, got 1.0'),
        ({'events.queue_depth': False}, 'an integer, got False'),
        ({'lazy': 1}, 'true or false, got 1'),
        ({'bundle': 3}, 'a string, got 3'),
        ({'depth.encoding': 'x'}, "Expected depth.encoding out of f, u, got 'x'"),
        ({'topics': 'a'}, "a list of strings, got 'a'"),
        ({'topics': None}, r"\(write \[''\] for an empty one\), got nothing"),
        ({'topics': [1]}, r'a list of strings, got \[1\]'),
        ({'low_m': 90.0}, r'Expected low_m < high_m, got 90\.0 and 80\.0'),
        ({'rate': 1.0}, "Expected a parameter of Table, got 'rate'"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_with_its_name(values, text):
    with pytest.raises(InputError, match=text):
        parameters_from(Table, values)


def test_choices_hold_for_the_elements_of_a_list():
    @dataclass(frozen=True)
    class Lists:
        kinds: tuple[str, ...] = parameter('kinds', ('a',), 'Kinds.', choices=('a', 'b'))

    assert parameters_from(Lists, {'kinds': ['b', 'a']}).kinds == ('b', 'a')
    with pytest.raises(InputError, match="Expected kinds out of a, b, got 'c'"):
        parameters_from(Lists, {'kinds': ['a', 'c']})


def test_a_field_without_a_row_is_refused():
    @dataclass(frozen=True)
    class Plain:
        value: float = 1.0

    with pytest.raises(InputError, match=r'Expected Plain\.value made by parameter'):
        rows(Plain)


def test_a_type_that_ros_does_not_know_is_refused():
    @dataclass(frozen=True)
    class Strange:
        value: complex = parameter('value', 1j, 'A value.')

    with pytest.raises(InputError, match='with a type out of bool, int'):
        rows(Strange)


def test_a_name_stands_once_in_a_table():
    @dataclass(frozen=True)
    class Twice:
        first: int = parameter('n', 1, 'One.')
        second: int = parameter('n', 2, 'Two.')

    with pytest.raises(InputError, match=r'got n again at Twice\.second'):
        rows(Twice)


def test_a_default_keeps_the_rules_of_its_own_row():
    @dataclass(frozen=True)
    class Broken:
        n: int = parameter('n', 1, 'One.', minimum=2)

    with pytest.raises(InputError, match='Expected n: at least 2, got 1'):
        rows(Broken)


def test_something_else_than_a_dataclass_is_refused():
    with pytest.raises(InputError, match='Expected a dataclass of parameters'):
        rows(int)
