from itertools import pairwise
import json
import threading

from eventdepth_core.realtime import LiveFrame
from eventdepth_core.types import Camera, DepthFrame
from eventdepth_ros.diagnostics import stage_latencies, STAGES, Trace
import numpy as np
import pytest

MS = 1_000_000


def live_frame(start_ns=0, stamp_us=7):
    depth_m = np.ones((3, 5), np.float32)
    camera = Camera(5, 3, 4.0, 4.0, 2.0, 1.0)
    frame = DepthFrame(depth_m, depth_m, depth_m > 0, stamp_us, ('events',), 'prior', camera)
    times = [start_ns + offset * MS for offset in (0, 2, 5, 45)]
    return LiveFrame(frame, *times)


def test_stages_add_up():
    stages = stage_latencies(live_frame(), 48 * MS)

    assert tuple(stages) == STAGES
    assert stages['total'] == 48.0
    parts = ('accumulate', 'wait', 'infer', 'publish')
    assert sum(stages[name] for name in parts) == pytest.approx(stages['total'])
    assert stages['overhead'] == stages['total'] - stages['infer'] == 8.0


def test_a_trace_is_what_chrome_reads(tmp_path):
    trace = Trace()
    trace.add('executor', 'receive', 1_000, 3_000, modality='events')
    trace.add_frame(live_frame(), 48 * MS)

    content = json.loads(trace.write(tmp_path / 'new' / 'trace.json').read_text())

    events = content['traceEvents']
    names = {e['tid']: e['args']['name'] for e in events if e['name'] == 'thread_name'}
    spans = [e for e in events if e['ph'] == 'X']
    assert {e['ph'] for e in events} == {'M', 'X'}
    assert spans[0]['name'] == 'capture'
    receive = next(e for e in spans if e['name'] == 'receive')
    assert (receive['ts'], receive['dur'], names[receive['tid']]) == (1.0, 2.0, 'executor')
    assert receive['args'] == {'modality': 'events'}
    infer = next(e for e in spans if e['name'] == 'infer')
    assert (infer['ts'], infer['dur'], names[infer['tid']]) == (5_000.0, 40_000.0, 'inference')
    assert len({e['pid'] for e in events}) == 1


def test_spans_of_one_track_nest():
    trace = Trace()
    for k in range(5):
        trace.add_frame(live_frame(start_ns=k * 30 * MS), (k * 30 + 48) * MS)
    spans = sorted(trace._spans, key=lambda span: span.start_ns)

    for track in ('window', 'mailbox'):
        ends = [(s.start_ns, s.end_ns) for s in spans if s.thread == track]
        assert all(end <= start for (_, end), (start, _) in pairwise(ends))


def test_the_oldest_spans_go_first():
    trace = Trace(capacity=10)
    for k in range(25):
        trace.add('executor', str(k), k, k + 1)

    assert [span.name for span in trace._spans] == [str(k) for k in range(15, 25)]


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / 'trace.json'
    path.write_text('old')

    Trace().write(path)

    assert json.loads(path.read_text())['traceEvents'][0]['args'] == {'name': 'eventdepth'}
    assert list(tmp_path.iterdir()) == [path]


def test_writing_while_another_thread_adds(tmp_path):
    trace, is_over = Trace(capacity=500), threading.Event()

    def add():
        k = 0
        while not is_over.is_set():
            trace.add('inference', 'infer', k, k + 1)
            k += 1

    thread = threading.Thread(target=add)
    thread.start()
    for _ in range(20):
        json.loads(trace.write(tmp_path / 'trace.json').read_text())
    is_over.set()
    thread.join()

    assert len(trace) == 500
