"""The evaluator as a process of its own, fed by publishers of the test."""

import json
import os
from pathlib import Path
import signal

import cv2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from eventdepth_core.evaluation import evaluate, list_profiles
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.messages import Header, RawCompressedImage
from eventdepth_ros import conversions, qos
from eventdepth_ros.parameters.evaluator import PROFILES
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import String

SIZE = (33, 44)
STEP_US = 100_000
EPOCH_US = 1_700_000_000_000_000


class Graph:
    """A depth node and a player, as far as the evaluator sees them."""

    def __init__(self, ros, *, is_compressed=False):
        self.node = ros.node('pretended')
        self.ros = ros
        self.random = np.random.default_rng(5)
        out, latched = qos.depth_out(50), qos.latched()
        self.depth = self.node.create_publisher(Image, '/eventdepth/depth/image', out)
        self.std = self.node.create_publisher(Image, '/eventdepth/depth/std', out)
        self.mode = self.node.create_publisher(String, '/eventdepth/mode', latched)
        self.health = self.node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        kind = CompressedImage if is_compressed else Image
        self.is_compressed = is_compressed
        self.target = self.node.create_publisher(kind, '/ground_truth/depth', out)

    def wait(self):
        self.ros.wait_for_subscribers(self.depth, self.std, self.mode, self.health, self.target)

    def send_mode(self, k, *modalities, scale='metric'):
        content = {
            'modalities': modalities,
            'scale': scale,
            'incomplete': [],
            'stamp_us': EPOCH_US + k * STEP_US,
        }
        self.mode.publish(String(data=json.dumps(content)))

    def maps(self, k):
        random = np.random.default_rng(k)
        target = random.uniform(1.0, 9.0, SIZE).astype(np.float32)
        depth = (target * random.uniform(0.8, 1.2, SIZE)).astype(np.float32)
        depth[:2] = np.nan
        return depth, (0.1 * depth).astype(np.float32), np.round(target, 3).astype(np.float32)

    def send_depth(self, k, *, has_std=True):
        depth, std, _ = self.maps(k)
        self.depth.publish(self.message(depth, k))
        if has_std:
            self.std.publish(self.message(std, k))

    def send_target(self, k):
        target = self.maps(k)[2]
        if not self.is_compressed:
            self.target.publish(self.message(target, k))
            return
        png = cv2.imencode('.png', np.rint(1000 * target).astype(np.uint16))[1].tobytes()
        raw = RawCompressedImage(self.header(k), '16UC1; png compressed ', png)
        self.target.publish(conversions.compressed_image_message(raw))

    def send_health(self):
        status = DiagnosticStatus(
            level=b'\x01',
            name='eventdepth: drops',
            message='25 % of the triggers give no depth',
            values=[
                KeyValue(key=key, value=value)
                for key, value in (
                    ('triggers', '8'),
                    ('frames', '6'),
                    ('pending', '0'),
                    ('dropped, overload', '2'),
                )
            ],
        )
        self.health.publish(DiagnosticArray(status=[status]))

    def message(self, array, k):
        return conversions.image_message(raw_image(array, '32FC1', self.header(k)))

    def header(self, k):
        return Header((EPOCH_US + k * STEP_US) * 1000, 'camera')


@pytest.fixture
def output(tmp_path):
    return tmp_path / 'evaluation'


def start(ros, output, **parameters):
    return ros.start(
        'evaluator', name='evaluator', parameters={'output': str(output), **parameters}
    )


def test_judging_steps_back_behind_other_sessions(ros, output):
    child = start(ros, output, niceness=7)
    Graph(ros).wait()

    autogroup = Path(f'/proc/{child.pid}/autogroup')
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 7
    if autogroup.exists() and autogroup.read_text():
        assert autogroup.read_text().strip().endswith('nice 7')


def compared(ros, metrics, count):
    ros.spin_until(lambda: len(metrics) >= count, what=f'{count} compared frames')
    return [json.loads(message.data) for message in metrics]


def content(output):
    return json.loads((output / 'metrics.json').read_text())


def test_metrics_are_those_of_the_library(ros, output):
    graph = Graph(ros)
    metrics = ros.collect(String, '/evaluator/metrics')
    child = start(ros, output)
    graph.wait()

    graph.send_mode(0, 'events', 'image')
    for k in range(4):
        graph.send_depth(k)
        graph.send_target(k)
    graph.send_depth(4)
    live = compared(ros, metrics, 4)
    status, _ = child.ending_s(signal.SIGINT)

    depth, std, target = graph.maps(0)
    expected = evaluate(depth, target, profile='plain', std_m=std)
    assert live[0]['metrics'] == pytest.approx(expected)
    assert live[0]['inputs'] == 'events+image'
    assert status == 0
    final = content(output)
    means = final['metrics'][0]
    maps = [graph.maps(k) for k in range(4)]
    rows = [evaluate(depth, target, std_m=std) for depth, std, target in maps]
    assert (means['subset'], means['num_frames']) == ('events+image', 4)
    assert means['values']['abs_rel'] == pytest.approx(np.mean([row['abs_rel'] for row in rows]))
    assert means['values']['ause'] == pytest.approx(np.mean([row['ause'] for row in rows]))
    assert final['reason'] == ''
    assert (output / 'report.html').stat().st_size > 50_000
    assert (output / 'preview.png').read_bytes()[:4] == b'\x89PNG'


def test_after_a_pause_little_is_left_to_do(ros, output):
    graph = Graph(ros)
    child = start(ros, output)
    graph.wait()
    for k in range(4):
        graph.send_depth(k)
        graph.send_target(k)
    ros.spin_until((output / 'report.html').exists, what='a first report')

    status, seconds = child.ending_s(signal.SIGINT)

    assert status == 0
    assert seconds < 2.0
    assert content(output)['counts']['num_compared'] == 4


def test_references_may_come_late_and_modes_change(ros, output):
    graph = Graph(ros)
    metrics = ros.collect(String, '/evaluator/metrics')
    child = start(ros, output)
    graph.wait()

    graph.send_mode(0, 'events')
    for k in (0, 1):
        graph.send_depth(k)
    graph.send_target(1)
    graph.send_target(0)
    compared(ros, metrics, 1)
    graph.send_mode(2, 'events', 'points')
    graph.send_target(2)
    for k in (2, 3):
        graph.send_depth(k)
    compared(ros, metrics, 3)
    child.ending_s(signal.SIGTERM)

    final = content(output)
    assert final['modalities'] == {'events': 2, 'events+points': 1}
    assert final['counts']['num_unmatched_predicted'] == 1


def test_a_compressed_reference_is_found_by_its_type(ros, output):
    graph = Graph(ros, is_compressed=True)
    metrics = ros.collect(String, '/evaluator/metrics')
    start(ros, output)
    graph.wait()

    for k in (0, 1):
        graph.send_target(k)
        graph.send_depth(k)
    live = compared(ros, metrics, 1)

    depth, std, target = graph.maps(0)
    assert live[0]['metrics']['abs_rel'] == pytest.approx(
        evaluate(depth, target, std_m=std)['abs_rel'], rel=1e-6
    )


def test_what_the_depth_node_said_stands_in_the_report(ros, output):
    graph = Graph(ros)
    child = start(ros, output)
    graph.wait()

    graph.send_health()
    ros.spin_for(0.3)
    child.ending_s(signal.SIGINT)

    final = content(output)['graph']
    assert (final['num_triggers'], final['num_frames']) == (8, 6)
    assert final['drops'] == {'overload': 2}
    assert final['findings'][0]['level'] == 'WARN'
    assert 'No: 25.0 %' in (output / 'report.html').read_text()


def test_no_pair_is_said_with_its_reason(ros, output):
    graph = Graph(ros)
    statuses = ros.collect(DiagnosticArray, '/diagnostics')
    child = start(ros, output)
    graph.wait()

    for k in range(3):
        graph.send_depth(k)
        graph.send_target(k + 100)
    ros.spin_until(
        lambda: any('no depth image has met' in s.message for a in statuses for s in a.status),
        what='the finding',
    )
    status, _ = child.ending_s(signal.SIGINT)

    assert status == 0
    assert 'tolerance_ms' in content(output)['reason']
    assert content(output)['metrics'] == []
    assert 'Nothing was compared' in (output / 'report.html').read_text()


def test_a_folder_that_cannot_be_written_ends_the_start(ros, tmp_path):
    (tmp_path / 'file').write_text('')

    child = start(ros, tmp_path / 'file' / 'folder')

    assert child.wait(20.0) == 1
    assert 'Expected a folder that can be written' in child.text


def test_the_table_offers_every_profile():
    assert list_profiles() == PROFILES
