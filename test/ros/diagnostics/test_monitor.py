"""What the monitor says in the situations it is for; clocks are those of the test."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from eventdepth_core.errors import EngineError
from eventdepth_core.pipeline.options import PipelineCounts
from eventdepth_core.realtime import LiveFrame, LiveStatus
from eventdepth_core.types import Camera, DepthFrame
from eventdepth_ros.diagnostics import (
    DepthMonitor,
    engine_facts,
    EngineFacts,
    InputSource,
    Level,
    MonitorOptions,
)
from eventdepth_ros.diagnostics.machine import read_resources
import numpy as np
import pytest

EVENTS = InputSource('events', '/camera/events')
IMAGE = InputSource('image', '/camera/image_raw')
CAMERA = Camera(80, 12, 60.0, 60.0, 39.5, 5.5)
QUIET = LiveStatus(
    counts=PipelineCounts(),
    num_triggers=0,
    num_frames=0,
    num_pending=0,
    drops={},
    input_drops={},
    newest_us={},
    clock_offset_us=None,
    clock_drift_ppm=None,
    clock_jitter_us=None,
    num_resets={},
    last_mode=(),
    last_incomplete=(),
)


class Bench:
    """A monitor and the two clocks it looks at."""

    def __init__(self, *inputs, **options):
        self.now_s = 1000.0
        self.live = QUIET
        self.monitor = DepthMonitor(
            inputs or (EVENTS, IMAGE), MonitorOptions(**options), steady_s=lambda: self.now_s
        )
        self.is_ros_time_running = True
        self.now_us = 5_000_000

    def run(self, duration_s, *, messages=('events', 'image'), period_s=0.1, rate_hz=0.0, **frame):
        """Let time pass; `messages` arrive every period, frames at a rate."""
        for _ in range(round(duration_s / period_s)):
            self.now_s += period_s
            if self.is_ros_time_running:
                self.now_us += round(1e6 * period_s)
            for modality in messages:
                self.monitor.received(modality, self.now_us)
            if messages:
                newest = {**self.live.newest_us, **dict.fromkeys(messages, self.now_us)}
                self.live = replace(self.live, newest_us=newest)
            if rate_hz and round(self.now_s / period_s) % round(1 / period_s / rate_hz) == 0:
                self.publish(**frame)
            self.statuses()

    def publish(self, total_ms=50.0, valid=1.0, modalities=('events', 'image'), incomplete=()):
        depth_m = np.full(CAMERA.size, 3.0, np.float32)
        is_valid = np.zeros(CAMERA.size, np.bool_)
        is_valid[:, : round(valid * CAMERA.width)] = True
        frame = DepthFrame(
            depth_m, 0.1 * depth_m, is_valid, self.now_us, modalities, 'metric', CAMERA, incomplete
        )
        published_ns = round(1e9 * self.now_s)
        begun_ns = published_ns - round(1e6 * total_ms)
        self.monitor.published(
            LiveFrame(frame, begun_ns, begun_ns, begun_ns, published_ns), published_ns
        )
        self.live = replace(
            self.live,
            num_triggers=self.live.num_triggers + 1,
            num_frames=self.live.num_frames + 1,
            last_mode=modalities,
        )

    def statuses(self):
        found = self.monitor.statuses(self.live, self.now_us)
        return {status.name: status for status in found}

    def __getitem__(self, name):
        return self.statuses()[name]

    def value(self, part, key):
        return dict(self[part].values)[key]


def test_all_is_well_while_everything_arrives():
    bench = Bench(rate_hz=5.0, deadline_ms=100.0)

    bench.run(10.0, rate_hz=5.0)

    statuses = bench.statuses()
    assert list(statuses) == [
        'inputs', 'clock', 'latency', 'mode', 'engine', 'outputs', 'drops', 'qos', 'resources',
    ]  # fmt: skip
    assert {name: s.message for name, s in statuses.items() if s.level != Level.OK} == {}
    assert float(bench.value('inputs', 'events: rate (Hz)')) == pytest.approx(10.0, rel=0.1)
    assert float(bench.value('outputs', 'rate (Hz)')) == pytest.approx(5.0, rel=0.1)
    assert bench.value('outputs', 'median std (m)') == '0.300'


@pytest.mark.parametrize(
    ('prepare', 'expected'),
    [
        (lambda m: m.set_publishers('events', 0), 'nobody publishes /camera/events'),
        (
            lambda m: m.qos_report('/camera/events', 'incompatible', 'offers reliability x', 1),
            'offers another reliability than this node asks for',
        ),
        (lambda m: m.set_publishers('events', 1), 'has a publisher that has sent nothing yet'),
    ],
)
def test_an_input_that_never_came_says_why(prepare, expected):
    bench = Bench(EVENTS)
    prepare(bench.monitor)

    status = bench['inputs']

    assert status.level >= Level.WARN
    assert expected in status.message


def test_an_unknown_encoding_is_said():
    bench = Bench(EVENTS)
    bench.live = replace(QUIET, counts=PipelineCounts(drops={'unknown_encoding': 1}))
    bench.monitor.received('events', bench.now_us)

    assert 'in an encoding that this node cannot read' in bench['inputs'].message
    assert bench['inputs'].level == Level.ERROR


def test_a_missing_calibration_is_said():
    bench = Bench(EVENTS)
    bench.monitor.set_camera('events', False)

    bench.run(0.5, messages=('events',))

    assert 'no camera calibration for /camera/events' in bench['inputs'].message


def test_packets_without_time_are_said():
    bench = Bench(EVENTS)
    bench.monitor.received('events', bench.now_us)

    assert 'without any event that carries a time' in bench['inputs'].message


def test_silence_is_a_warning_then_an_error_then_over():
    bench = Bench()
    bench.run(2.0)

    bench.run(2.0, messages=('events',))
    warned = bench['inputs']
    bench.run(4.0, messages=('events',))
    failed = bench['inputs']
    bench.run(1.0)

    assert (warned.level, failed.level) == (Level.WARN, Level.ERROR)
    assert '/camera/image_raw has been silent for 2.0 s' in warned.message
    assert bench['inputs'].level == Level.OK


def test_a_paused_bag_is_paused_and_not_silent():
    bench = Bench(is_sim_time=True, rate_hz=5.0)
    bench.run(5.0, rate_hz=5.0)

    bench.is_ros_time_running = False
    bench.run(20.0, messages=())

    assert bench['inputs'].level == Level.OK
    assert bench['outputs'].level == Level.OK
    assert bench['inputs'].message == 'paused: simulated time stands still'
    assert bench.value('clock', 'simulated time') == 'paused'


def test_simulated_time_without_a_clock_is_said():
    bench = Bench(is_sim_time=True)
    bench.now_us, bench.is_ros_time_running = 0, False

    assert 'nobody publishes /clock' in bench['clock'].message


def test_nothing_at_all_is_an_error():
    bench = Bench()
    bench.statuses()

    bench.run(6.0, messages=())

    assert bench['inputs'].level == Level.ERROR
    assert any('no input has sent anything' in value for _, value in bench['inputs'].values)


def test_gaps_and_refusals_are_told_while_they_last():
    bench = Bench()
    bench.run(3.0)

    counts = PipelineCounts(num_sequence_gaps=4, drops={'undecodable': 3})
    bench.live = replace(bench.live, counts=counts)
    bench.run(0.2)
    during = bench['inputs']
    bench.run(10.0)

    assert during.level == Level.WARN
    texts = [value for key, value in during.values if key.startswith('finding')]
    assert any('packets of /camera/events are missing' in text for text in texts)
    assert any('undecodable' in text for text in texts)
    assert bench['inputs'].level == Level.OK


def test_spare_images_are_no_trouble():
    bench = Bench()
    bench.run(3.0)

    bench.live = replace(bench.live, input_drops={'superseded_image': 50})
    bench.run(1.0)

    assert bench['inputs'].level == Level.OK
    assert bench.value('inputs', 'not used, superseded_image') == '50'


def test_missed_deadlines_are_told_after_a_while():
    bench = Bench(deadline_ms=40.0)
    bench.run(3.0, rate_hz=10.0, total_ms=30.0)
    before = bench['latency'].level

    bench.run(6.0, rate_hz=10.0, total_ms=60.0)

    assert (before, bench['latency'].level) == (Level.OK, Level.ERROR)
    assert '100 % of the depth images are later than 40 ms' in bench['latency'].message
    assert bench.value('latency', 'total p50/p95/p99/max (ms)').endswith(' 60.00')


def test_a_lost_modality_changes_the_mode():
    bench = Bench()
    bench.run(3.0, rate_hz=10.0)

    bench.run(3.0, messages=('events',), rate_hz=10.0, modalities=('events',))
    lost = bench['mode']
    bench.run(1.0, rate_hz=10.0)

    assert lost.level == Level.WARN
    assert 'depth goes on without image' in lost.message
    assert (bench['mode'].level, bench['mode'].message) == (Level.OK, 'events+image')


def test_no_depth_although_inputs_arrive_is_an_error():
    bench = Bench()

    bench.run(5.0)

    assert bench['outputs'].level == Level.ERROR
    assert 'no depth for' in bench['outputs'].message


def test_slow_depth_is_told():
    bench = Bench(rate_hz=10.0)

    bench.run(12.0, rate_hz=5.0)

    assert 'Hz instead of at least 8.0 Hz' in bench['outputs'].message


def test_depth_with_few_valid_pixels_is_told():
    bench = Bench()

    bench.run(8.0, rate_hz=10.0, valid=0.25)

    assert 'only 25 % of the pixels have a depth' in bench['outputs'].message


def test_dropped_triggers_are_told_with_the_main_reason():
    bench = Bench()
    bench.run(3.0, rate_hz=10.0)

    for k in range(20):
        drops = {'overload': 10 * (k + 1), 'reset': 1}
        bench.live = replace(bench.live, num_triggers=30 + 10 * (k + 1) + 1, drops=drops)
        bench.run(0.1)

    assert bench['drops'].level == Level.ERROR
    assert 'mostly because of overload: lower rate_hz' in bench['drops'].message


def test_sums_that_do_not_agree_are_an_error():
    bench = Bench()
    bench.live = replace(QUIET, num_triggers=5, num_frames=3, num_pending=1)

    assert '5 triggers are not the sum of 3 images' in bench['drops'].message


def test_clock_trouble_is_told():
    bench = Bench()
    bench.live = replace(
        QUIET, clock_offset_us=7_000, clock_drift_ppm=-3000.0, clock_jitter_us=50_000.0
    )

    bench.run(5.0)

    assert bench['clock'].level == Level.ERROR
    assert 'runs -3000.0 ppm away' in bench['clock'].message
    assert bench.value('clock', 'jitter (ms)') == '50.000'


def test_jumps_are_told_for_a_while():
    bench = Bench()
    bench.run(1.0)

    bench.live = replace(bench.live, num_resets={'time_jump': 1})
    bench.run(1.0)
    during = bench['clock']
    bench.run(40.0, period_s=0.5)

    assert 'time has jumped (in the last 30 s: 1)' in during.message
    assert bench['clock'].level == Level.OK


def test_the_engine_says_what_runs_or_why_not(tiny_facts):
    bench = Bench()
    bench.monitor.set_engine(tiny_facts)
    running = bench['engine']
    bench.monitor.set_engine(EngineFacts(state='failed', reason='no such bundle'))

    assert running.message == 'tiny on onnxruntime'
    assert len(dict(running.values)['sha256']) == 12
    assert bench['engine'].level == Level.ERROR
    assert 'the model does not run (no such bundle)' in bench['engine'].message


@pytest.fixture
def tiny_facts():
    graphs = {'fuse_decode': SimpleNamespace(sha256='ab' * 32)}
    inputs = SimpleNamespace(modalities=('events',))
    bundle = SimpleNamespace(
        name='tiny', version='1', task='metric_depth', precision='float32', graphs=graphs,
        inputs=inputs,
    )  # fmt: skip
    return engine_facts(bundle, SimpleNamespace(name='onnxruntime', num_threads=1))


def test_failed_estimates_in_a_row_are_an_error_until_one_works():
    bench = Bench()
    for _ in range(3):
        bench.monitor.failed(EngineError('NaN'))
    failing = bench['engine']
    bench.publish()

    assert '3 estimates in a row failed (engine_failed)' in failing.message
    assert bench['engine'].level == Level.OK


def test_a_qos_mismatch_is_told_until_something_comes():
    bench = Bench()
    bench.monitor.qos_report('/camera/events', 'incompatible', 'offers durability', 2)
    mismatched = bench['qos']
    bench.monitor.received('events', bench.now_us)

    assert '/camera/events has a peer with another durability' in mismatched.message
    assert bench['qos'].level == Level.OK


def test_lost_messages_are_told_while_they_are_lost():
    bench = Bench()
    bench.statuses()
    bench.monitor.qos_report('/camera/events', 'lost', '', 12)
    bench.run(0.5)
    losing = bench['qos']
    bench.run(10.0)

    assert losing.level == Level.WARN
    assert bench['qos'].level == Level.OK
    assert bench.value('qos', '/camera/events: lost') == '12'


def test_before_the_configuration_there_is_a_report_too():
    statuses = DepthMonitor().statuses(None, 0)

    assert {status.level for status in statuses} == {Level.OK}


def test_a_reset_forgets_everything():
    bench = Bench()
    bench.run(5.0, rate_hz=10.0)

    bench.monitor.reset()

    assert bench.value('outputs', 'published') == '0'
    assert bench.value('inputs', 'events: messages') == '0'


def test_resources_are_those_of_this_process():
    held = read_resources()

    assert 5 < held.rss_mib < held.memory_mib
    assert held.num_threads >= 1
    assert held.num_files >= 3


def test_where_the_system_tells_nothing_resources_are_unknown():
    held = read_resources(Path('/nowhere'))

    assert (held.rss_mib, held.num_threads, held.num_files) == (None, None, None)
