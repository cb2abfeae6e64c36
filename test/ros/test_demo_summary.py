"""What the demo says of its numbers."""

import json
import math

from eventdepth_core.errors import RecordingError
from eventdepth_ros.demo_summary import keeping, read_metrics, summary_table
import pytest
from rich.console import Console


def metrics(num_triggers=30, num_frames=30, drops=None, latencies=(), **fields):
    graph = {
        'num_triggers': num_triggers,
        'num_frames': num_frames,
        'drops': drops or {},
        'latencies': list(latencies),
    }
    rate = {'rate_hz': None, 'work_ms': None, 'num_frames': num_frames}
    empty = {'metrics': [], 'baselines': [], 'reason': ''}
    return {'graph': graph, 'sustained': rate, **empty, **fields}


def printed(content):
    console = Console(width=120)
    with console.capture() as capture:
        console.print(summary_table(content, keeping(content)))
    return capture.get()


def test_every_frame_made_is_keeping_up():
    made = keeping(metrics())

    assert made.kept_up
    assert made.sentence == 'kept up with real time: 30 frames expected, 30 made, 0 dropped'


def test_drops_are_told_by_reason():
    made = keeping(metrics(num_frames=20, drops={'overload': 6, 'late': 2, 'no_data': 0}))

    assert not made.kept_up
    assert made.sentence == (
        'did not keep up with real time: 30 frames expected, 20 made, '
        '8 dropped (late 2, overload 6), 2 not finished at the end'
    )


def test_a_graph_that_was_asked_for_nothing_has_not_kept_up():
    assert not keeping(metrics(num_triggers=0, num_frames=0)).kept_up


def test_latency_is_that_of_the_whole_way():
    latencies = [{'stage': 'infer', 'p50_ms': 30.0}, {'stage': 'total', 'p50_ms': 52.0}]

    assert keeping(metrics(latencies=latencies)).latency_ms == 52.0
    assert math.isnan(keeping(metrics()).latency_ms)
    assert '52 ms' in printed(metrics(latencies=latencies))


def test_the_rate_that_this_machine_keeps_up_with_is_printed():
    rate = {'rate_hz': 2.5, 'work_ms': 399.6, 'num_frames': 9}
    size = {'width': 320, 'height': 240, 'num_modalities': 3}

    text = ' '.join(printed(metrics(num_frames=9, sustained={**rate, **size})).split())

    assert 'did not keep up with real time' in text
    assert 'keeps up at up to 2.5 Hz at 320x240 with 3 modalities' in text
    assert '400 ms p95' in text


def test_a_rate_that_was_not_measured_is_not_claimed():
    assert 'no rate can be told from 3 frames' in printed(metrics(num_frames=3))


def test_accuracy_and_baselines_are_printed():
    subset = {'subset': 'events', 'num_frames': 9, 'values': {'abs_rel': 0.25, 'delta1': 0.5}}
    fill = {'subset': 'points, nearest', 'num_frames': 9, 'values': {'abs_rel': 0.125}}

    text = printed(metrics(metrics=[subset], baselines=[fill]))

    assert 'accuracy events' in text
    assert 'abs_rel 0.2500, delta1 0.5000 (9 frames)' in text
    assert 'baseline points, nearest' in text


def test_why_nothing_was_compared_is_printed():
    assert 'no depth image has come' in printed(metrics(reason='no depth image has come'))


@pytest.mark.parametrize('text', [None, 'no json', '[]', '{}'])
def test_a_file_that_is_no_evaluation_is_refused(tmp_path, text):
    path = tmp_path / 'metrics.json'
    if text is not None:
        path.write_text(text)

    with pytest.raises(RecordingError, match='Expected the metrics of'):
        read_metrics(path)


def test_an_evaluation_is_read(tmp_path):
    path = tmp_path / 'metrics.json'
    path.write_text(json.dumps(metrics()))

    assert read_metrics(path) == metrics()
