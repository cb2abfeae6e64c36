"""What the monitor writes is what the evaluator reads."""

import math

from eventdepth_core.pipeline.options import PipelineCounts
from eventdepth_core.realtime import LiveStatus
from eventdepth_ros.diagnostics import DepthMonitor, EngineFacts, InputSource, Level
from eventdepth_ros.evaluating.graph_health import GraphHealth, MAX_FINDINGS
import pytest

LIVE = LiveStatus(
    counts=PipelineCounts(),
    num_triggers=9,
    num_frames=5,
    num_pending=1,
    drops={'overload': 2, 'reset': 1},
    input_drops={},
    newest_us={},
    clock_offset_us=None,
    clock_drift_ppm=None,
    clock_jitter_us=None,
    num_resets={},
    last_mode=(),
    last_incomplete=(),
)


def reported(monitor, health, num=1):
    for _ in range(num):
        for status in monitor.statuses(LIVE, 0):
            health.add(
                f'{health.node}: {status.name}', status.level, status.message, dict(status.values)
            )
    return health.facts()


def test_what_the_monitor_says_is_understood():
    monitor = DepthMonitor((InputSource('events', '/camera/events'),))
    monitor.set_publishers('events', 0)
    monitor.set_engine(EngineFacts('ready', 'eventdepth-s', '0.1', engine='onnxruntime'))
    monitor._frames.latencies.add({'total': 40.0})

    facts = reported(monitor, GraphHealth('eventdepth'), num=3)

    assert (facts.num_triggers, facts.num_frames, facts.num_pending) == (9, 5, 1)
    assert facts.drops == {'overload': 2, 'reset': 1}
    assert facts.num_dropped == 3
    assert facts.num_reports == 3
    assert facts.engine['bundle'] == 'eventdepth-s 0.1'
    assert facts.latencies[0].stage == 'total'
    assert facts.latencies[0].max_ms == 40.0
    assert facts.latencies[0].p50_ms == pytest.approx(40.0, rel=0.026)
    (found,) = (f for f in facts.findings if f.part == 'inputs')
    assert (found.level, found.num_reports) == ('WARN', 3)
    assert found.text.startswith('nobody publishes /camera/events')


def test_other_nodes_are_passed_over():
    health = GraphHealth('eventdepth')
    health.add('camera: drops', Level.ERROR, 'broken', {'triggers': '5'})

    assert health.facts().num_reports == 0
    assert health.facts().findings == ()


def test_the_same_finding_with_other_numbers_is_one():
    health = GraphHealth('eventdepth')
    for k, level in enumerate((Level.WARN, Level.ERROR, Level.WARN)):
        health.add('eventdepth: latency', level, f'{k + 5} % are later than 100 ms', {})

    (found,) = health.facts().findings

    assert (found.level, found.num_reports) == ('ERROR', 3)
    assert found.text == '7 % are later than 100 ms'


def test_each_of_several_findings_is_kept():
    health = GraphHealth('eventdepth')
    values = {'finding 1': 'one', 'finding 2': 'two', 'rate': '5'}
    health.add('eventdepth: inputs', Level.WARN, 'one (and 1 more)', values)

    assert [found.text for found in health.facts().findings] == ['one', 'two']


def test_memory_is_bounded():
    health = GraphHealth('eventdepth')
    for k in range(200):
        health.add('eventdepth: inputs', Level.WARN, 'x' * k, {})

    assert len(health.facts().findings) == MAX_FINDINGS


def test_nothing_said_is_nothing_known():
    facts = GraphHealth('eventdepth').facts()

    assert facts.num_reports == 0
    assert math.isnan(facts.rate_hz)
