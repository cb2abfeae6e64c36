"""Statuses over real DDS."""

from diagnostic_msgs.msg import DiagnosticArray
from eventdepth_ros.diagnostics import Level, Status
from eventdepth_ros.diagnostics.publishing import DiagnosticsPublisher


def statuses():
    return (
        Status('inputs', Level.WARN, 'nobody publishes', (('rate (Hz)', '-'),)),
        Status('engine', Level.OK, 'ok'),
    )


def test_statuses_arrive_as_diagnostics(ros):
    publisher = DiagnosticsPublisher(ros.node('eventdepth'), 'camera', 0.05, statuses)
    arrays = ros.collect(DiagnosticArray, '/diagnostics')

    ros.spin_until(lambda: len(arrays) >= 2, what='two reports')

    first, second = arrays[0].status
    assert (first.level, first.name, first.message) == (
        b'\x01',
        'eventdepth: inputs',
        'nobody publishes',
    )
    assert (first.hardware_id, first.values[0].key, first.values[0].value) == (
        'camera',
        'rate (Hz)',
        '-',
    )
    assert second.level == b'\x00'
    assert arrays[0].header.stamp.sec > 0
    publisher.destroy()


def test_reports_go_on_while_simulated_time_stands(ros):
    from rclpy.parameter import Parameter

    node = ros.node('eventdepth', parameter_overrides=[Parameter('use_sim_time', value=True)])
    publisher = DiagnosticsPublisher(node, 'camera', 0.05, statuses)
    arrays = ros.collect(DiagnosticArray, '/diagnostics')

    ros.spin_until(lambda: len(arrays) >= 3, what='three reports')

    assert arrays[-1].header.stamp.sec == 0
    publisher.destroy()
