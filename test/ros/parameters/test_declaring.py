from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters import declare, parameter, watch_changes
from eventdepth_ros.parameters.declaring import nearest_name
import pytest
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter


@dataclass(frozen=True, slots=True)
class Table:
    bundle: str = parameter('bundle', 'small', 'A bundle.', read_only=True)
    rate_hz: float = parameter('rate_hz', 10.0, 'Images per second.', minimum=0.5, maximum=100.0)
    queue_depth: int = parameter('events.queue_depth', 1000, 'A depth.', minimum=1)
    encoding: str = parameter('depth.encoding', 'f', 'A choice.', choices=('f', 'u'))
    topics: tuple[str, ...] = parameter('topics', (), 'Some topics.')
    low_m: float = parameter('depth.low_m', 0.5, 'Nearest.')
    high_m: float = parameter('depth.high_m', 80.0, 'Farthest.')

    def __post_init__(self) -> None:
        if self.low_m >= self.high_m:
            raise InputError(f'Expected low_m < high_m, got {self.low_m} and {self.high_m}.')


def given(**values):
    return [Parameter(name.replace('__', '.'), value=value) for name, value in values.items()]


def test_without_settings_the_defaults_hold(ros_node):
    node = ros_node('probe')

    assert declare(node, Table) == Table()
    assert node.get_parameter('topics').value == ['']


def test_settings_take_the_place_of_defaults(ros_node):
    node = ros_node(
        'probe', parameter_overrides=given(rate_hz=5.0, topics=['/a'], depth__low_m=1.0)
    )

    assert declare(node, Table) == Table(rate_hz=5.0, topics=('/a',), low_m=1.0)


def test_a_descriptor_says_what_the_row_says(ros_node):
    node = ros_node('probe')

    declare(node, Table)

    rate = node.describe_parameter('rate_hz')
    assert (rate.type, rate.dynamic_typing) == (ParameterType.PARAMETER_DOUBLE, False)
    assert rate.description == 'Images per second.'
    assert (rate.floating_point_range[0].from_value, rate.floating_point_range[0].to_value) == (
        0.5,
        100.0,
    )
    depth = node.describe_parameter('events.queue_depth')
    assert (depth.integer_range[0].from_value, depth.integer_range[0].to_value) == (1, 2**63 - 1)
    assert node.describe_parameter('bundle').read_only
    assert node.describe_parameter('depth.encoding').additional_constraints == 'One of: f, u.'
    assert node.describe_parameter('topics').type == ParameterType.PARAMETER_STRING_ARRAY


@pytest.mark.parametrize(
    ('values', 'text'),
    [
        ({'rate_hz': 5}, r'write 5\.0'),
        ({'rate_hz': 0.0}, r'Expected rate_hz: 0\.5 to 100, got 0\.0'),
        ({'depth__encoding': 'x'}, 'out of f, u'),
        ({'depth__low_m': 100.0}, 'Expected low_m < high_m'),
        ({'bundle': 3}, 'Expected bundle: a string, got 3'),
    ],
)
def test_a_setting_that_breaks_a_rule_ends_the_start(ros_node, values, text):
    node = ros_node('probe', parameter_overrides=given(**values))

    with pytest.raises(InputError, match=text):
        declare(node, Table)


def test_an_unknown_setting_is_warned_of_with_the_nearest_name(ros_node, capfd):
    names = {'bundel': 'x', 'encoding': 'u', 'zzz': 1, 'use_sim_time': False}
    names['qos_overrides./events.subscription.depth'] = 3
    node = ros_node('probe', parameter_overrides=given(**names))

    declare(node, Table)

    warnings = [line for line in capfd.readouterr().err.splitlines() if 'Unknown' in line]
    assert len(warnings) == 3
    assert "'bundel' is ignored: did you mean 'bundle'?" in warnings[0]
    assert "'encoding' is ignored: did you mean 'depth.encoding'?" in warnings[1]
    assert "'zzz' is ignored: known are bundle, depth.encoding" in warnings[2]


@pytest.mark.parametrize(
    ('value', 'reason'),
    [
        (Parameter('rate_hz', value=0.1), 'out of range'),
        (Parameter('rate_hz', value=5), "expected 'Type.DOUBLE' got 'Type.INTEGER'"),
        (Parameter('bundle', value='other'), 'read-only'),
        (Parameter('depth.encoding', value='x'), "Expected depth.encoding out of f, u, got 'x'."),
        (Parameter('depth.low_m', value=99.0), 'Expected low_m < high_m, got 99.0 and 80.0.'),
        (Parameter('depth.low_m', value=float('nan')), 'finite number'),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused_and_changes_nothing(ros_node, value, reason):
    node = ros_node('probe')
    seen = []
    declare(node, Table)
    watch_changes(node, Table, seen.append)
    before = node.get_parameter(value.name).value

    (result,) = node.set_parameters([value])

    assert not result.successful
    assert reason in result.reason
    assert node.get_parameter(value.name).value == before
    assert seen == []


def test_a_change_gives_a_new_frozen_table(ros_node):
    node = ros_node('probe')
    seen = []
    declare(node, Table)
    watch_changes(node, Table, seen.append)

    node.set_parameters([Parameter('rate_hz', value=5.0)])
    node.set_parameters([Parameter('topics', value=['/a', '/b'])])
    node.set_parameters([Parameter('topics', value=[''])])

    assert seen == [
        Table(rate_hz=5.0),
        Table(rate_hz=5.0, topics=('/a', '/b')),
        Table(rate_hz=5.0),
    ]


def test_changes_set_together_are_judged_together(ros_node):
    node = ros_node('probe')
    seen = []
    declare(node, Table)
    watch_changes(node, Table, seen.append)

    result = node.set_parameters_atomically(
        [Parameter('depth.low_m', value=90.0), Parameter('depth.high_m', value=100.0)]
    )

    assert result.successful
    assert seen == [Table(low_m=90.0, high_m=100.0)]


def test_parameters_of_others_do_not_concern_the_table(ros_node):
    node = ros_node('probe')
    seen = []
    declare(node, Table)
    watch_changes(node, Table, seen.append)
    node.declare_parameter('theirs', 1)

    node.set_parameters([Parameter('theirs', value=2)])

    assert seen == []


def test_another_process_hears_why_its_change_was_refused(ros_node, spin_until):
    node = ros_node('probe')
    declare(node, Table)
    client = ros_node('asking').create_client(SetParameters, '/probe/set_parameters')
    spin_until(client.service_is_ready, 10.0)
    request = SetParameters.Request(
        parameters=[Parameter('depth.encoding', value='x').to_parameter_msg()]
    )

    answer = client.call_async(request)
    spin_until(answer.done, 10.0)

    (result,) = answer.result().results
    assert result.reason == "Expected depth.encoding out of f, u, got 'x'."


@pytest.mark.parametrize(
    ('name', 'near'),
    [
        ('bundel', 'bundle'),
        ('rate', 'rate_hz'),
        ('queue_depth', 'events.queue_depth'),
        ('image.queue_dept', 'events.queue_depth'),
        ('xyz', None),
    ],
)
def test_the_nearest_name_looks_at_the_whole_and_at_the_last_part(name, near):
    assert nearest_name(name, ('bundle', 'rate_hz', 'events.queue_depth')) == near
