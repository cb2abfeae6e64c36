"""A small rig and the messages that its sensors would send."""

from pathlib import Path
import sys

from eventdepth_core import Camera, DepthPipeline, EVENT_DTYPE, Rig
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'bench'))


@pytest.fixture(scope='session')
def camera():
    return Camera(width=70, height=50, fx=61.0, fy=60.0, cx=34.0, cy=24.5)


@pytest.fixture(scope='session')
def tiny_engine(tiny_bundle):
    from eventdepth_core.engine import load_engine

    return load_engine(tiny_bundle, num_threads=1)


@pytest.fixture
def make_pipeline(tiny_bundle, tiny_engine, camera):
    """Return a function that makes a pipeline of the tiny bundle; sessions are shared."""

    def make(rig=None, **keywords):
        return DepthPipeline(
            tiny_bundle, Rig(event=camera) if rig is None else rig, tiny_engine, **keywords
        )

    return make


@pytest.fixture(scope='session')
def events():
    """Return 200 ms of events at random places, in order of time, from 20 µs on."""
    rng = np.random.default_rng(7)
    made = np.zeros(6000, EVENT_DTYPE)
    made['t'] = np.sort(rng.integers(20, 200_000, made.size))
    made['t'][0] = 20
    made['x'] = rng.integers(0, 70, made.size)
    made['y'] = rng.integers(0, 50, made.size)
    made['p'] = rng.choice(np.array([-1, 1], np.int8), made.size)
    return made


@pytest.fixture(scope='session')
def image():
    rows, columns = np.mgrid[:50, :70]
    checks = ((rows // 6 + columns // 8) % 2 * 120 + 2 * rows).astype(np.uint8)
    return np.stack([checks, 255 - checks, checks // 2], axis=2)


@pytest.fixture(scope='session')
def sparse_m():
    """Return a slanted plane from 4 to 9 m, measured at every 35th pixel."""
    rows, columns = np.mgrid[:50, :70]
    plane = 4.0 + 5.0 * columns / 69.0
    measured = (rows % 5 == 1) & (columns % 7 == 3)
    return np.where(measured, plane, np.nan).astype(np.float32)
