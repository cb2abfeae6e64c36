"""Where traces are written."""

import json

from eventdepth_ros.depth.tracing import log_folder, saved_trace
from eventdepth_ros.diagnostics import Trace


def test_each_call_writes_a_file_of_its_own(tmp_path):
    trace = Trace(10)
    trace.add('executor', 'receive', 0, 1000)

    paths = [saved_trace(trace, str(tmp_path / 'traces'), 'eventdepth') for _ in range(2)]

    assert len(set(paths)) == 2
    assert all(json.loads(path.read_text())['traceEvents'] for path in paths)


def test_without_a_folder_traces_lie_beside_the_logs(tmp_path, monkeypatch):
    monkeypatch.setenv('ROS_LOG_DIR', str(tmp_path))

    assert saved_trace(Trace(1), '', 'eventdepth').parent == tmp_path
    assert log_folder() == tmp_path
