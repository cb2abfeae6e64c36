"""
Cost of a bundle on this machine: ms a frame by graph and threads, beside a GEMM of the same run.

The GEMM is a 1024^3 float32 product through onnxruntime's own kernels, so both sides use the same
thread pool. Medians of `REPEATS` calls after a warm-up; numbers of a loaded machine say so.

"""

import os
from pathlib import Path
import statistics
import subprocess
import sys
import time

import numpy as np
import onnx
from onnx import helper, TensorProto
import onnxruntime
from training.tables import Row

REPEATS = 15
GEMM_SIZE = 1024
EXAMPLE = {'grid_height': 64, 'grid_width': 80, 'height': 480, 'width': 640}
GRID = (64, 80)
STARTUP_RUNS = 5
FIRST_DEPTH = """
import sys
import numpy as np
from eventdepth_core import Camera, DepthPipeline, EVENT_DTYPE, load_bundle, Rig
events = np.zeros(100_000, EVENT_DTYPE)
events['t'] = np.arange(events.size) // 2
events['x'] = np.arange(events.size) * 7 % 640
events['y'] = np.arange(events.size) * 3 % 480
events['p'] = 1
pipeline = DepthPipeline(load_bundle(sys.argv[1]), Rig(event=Camera(640, 480, 500, 500, 320, 240)))
pipeline.push_events(events)
pipeline.estimate(50_000)
"""


def speed_table(bundle: Path, gflop: dict[str, float], strides: dict[str, int]) -> list[Row]:
    """Rows (graph, threads, ms, GFLOP/s, share of GEMM) at 640x480 for 1 and 2 threads."""
    rows: list[Row] = []
    for threads in (1, 2):
        gemm = _gemm_rate(threads)
        total_ms, total_gflop = 0.0, 0.0
        for name, cost in gflop.items():
            ms = _graph_ms(bundle / f'{name}.onnx', threads, strides)
            if name != 'complete_motion':  # a frame runs one of the completion heads
                total_ms, total_gflop = total_ms + ms, total_gflop + cost
            rows.append(_row(name, threads, ms, cost, gemm))
        rows.append(_row('a frame', threads, total_ms, total_gflop, gemm))
    return rows


def startup_seconds(bundle: Path) -> list[float]:
    """Seconds from process start to the first depth at 640x480: cold once, then warm runs."""
    environment = {**os.environ, 'PYTHONDONTWRITEBYTECODE': ''}
    seconds = []
    for _ in range(1 + STARTUP_RUNS):
        start = time.perf_counter()
        command = [sys.executable, '-c', FIRST_DEPTH, str(bundle)]
        subprocess.run(command, check=True, capture_output=True, env=environment)
        seconds.append(time.perf_counter() - start)
    return seconds


def load_average() -> float:
    """Return the one-minute load of the machine."""
    return os.getloadavg()[0]


def _row(name: str, threads: int, ms: float, cost: float, gemm: float) -> Row:
    rate = cost / ms * 1e3
    return {
        'graph': name,
        'threads': threads,
        'ms': round(ms, 2),
        'gflop': round(cost, 3),
        'gflop_per_s': round(rate, 1),
        'gemm_gflop_per_s': round(gemm, 1),
        'share_of_gemm': round(rate / gemm, 2),
    }


def _session(model: bytes | str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    return onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])


def _median_ms(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> float:
    session.run(None, feeds)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        session.run(None, feeds)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def _graph_ms(path: Path, threads: int, strides: dict[str, int]) -> float:
    session = _session(str(path), threads)
    rng = np.random.default_rng(0)
    feeds = {}
    for entry in session.get_inputs():
        shape = [_length(axis, entry.name, i, strides) for i, axis in enumerate(entry.shape)]
        feeds[entry.name] = np.abs(rng.standard_normal(shape)).astype(np.float32)
    return _median_ms(session, feeds)


def _length(axis: int | str, name: str, position: int, strides: dict[str, int]) -> int:
    if isinstance(axis, int):
        return axis
    if axis in EXAMPLE:
        return EXAMPLE[axis]
    return GRID[position - 2] // strides[name.split('_', 1)[1]]


def _gemm_rate(threads: int) -> float:
    n = GEMM_SIZE
    a, b, c = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (n, n)) for name in ('a', 'b', 'c')
    )
    graph = helper.make_graph([helper.make_node('MatMul', ['a', 'b'], ['c'])], 'gemm', [a, b], [c])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    onnx.checker.check_model(model)
    rng = np.random.default_rng(0)
    feeds = {name: rng.standard_normal((n, n)).astype(np.float32) for name in ('a', 'b')}
    ms = _median_ms(_session(model.SerializeToString(), threads), feeds)
    return 2.0 * n**3 / 1e9 / (ms / 1e3)
