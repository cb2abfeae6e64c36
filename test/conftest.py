"""
What every test may ask for: the real recordings, the tolerances, the hypothesis profile.

Real recordings lie outside the repository; the environment variable `EVENTDEPTH_DATA` names
their folder (the Makefile sets it where the folder is found). A test that asks for `data_root`
is skipped with the reason where there is none.

What lies under training is marked `training` and is not collected where torch is missing; what
lies under bench is marked `bench`.

"""

from dataclasses import dataclass
from importlib.util import find_spec
import os
from pathlib import Path
import sys

from hypothesis import HealthCheck, settings
import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # for `layouts`, the writers of dataset formats
TRAINING_FOLDER = 'training'
BENCH_FOLDER = 'bench'
collect_ignore = [] if find_spec('torch') else [TRAINING_FOLDER]

# `default` repeats the same examples in every run; `make fuzz` looks for new ones.
settings.register_profile(
    'default',
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile('fuzz', settings.get_profile('default'), derandomize=False)
settings.load_profile(os.environ.get('EVENTDEPTH_HYPOTHESIS', 'default'))


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Relative and absolute tolerance of a comparison, to be passed on as keywords."""

    rtol: float
    atol: float

    def assert_close(self, actual: object, expected: object) -> None:
        """Compare two arrays, NaN equal to NaN."""
        np.testing.assert_allclose(actual, expected, rtol=self.rtol, atol=self.atol)


# One table for the whole suite: what two ways of computing the same numbers may differ by.
TOLERANCES = {
    'float16': Tolerance(rtol=1e-2, atol=1e-3),
    'float32': Tolerance(rtol=1e-5, atol=1e-6),
    'float64': Tolerance(rtol=1e-10, atol=1e-12),
    'graph': Tolerance(rtol=1e-3, atol=1e-4),  # torch against an exported graph, per element
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the folder it lies in."""
    for item in items:
        if item.path.is_relative_to(HERE / TRAINING_FOLDER):
            item.add_marker(pytest.mark.training)
        if item.path.is_relative_to(HERE / BENCH_FOLDER):
            item.add_marker(pytest.mark.bench)


@pytest.fixture(scope='session')
def tolerances() -> dict[str, Tolerance]:
    return TOLERANCES


@pytest.fixture(scope='session')
def repository() -> Path:
    return HERE.parent


@pytest.fixture(scope='session')
def data_root() -> Path:
    named = os.environ.get('EVENTDEPTH_DATA')
    if not named:
        pytest.skip('EVENTDEPTH_DATA is not set: no real recordings here')
    root = Path(named)
    if not root.is_dir():
        pytest.skip(f'EVENTDEPTH_DATA={named} is not a folder: no real recordings here')
    return root
