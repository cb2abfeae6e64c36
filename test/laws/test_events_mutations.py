"""
Laws of everything that takes packets from outside, for packets that are broken.

10^4 mutations in every run of the tests, always the same; 10^6 new ones by `make fuzz`
(`EVENTDEPTH_HYPOTHESIS=fuzz`), or as many as `EVENTDEPTH_MUTATIONS` says.

"""

import json
import os
from pathlib import Path
import secrets
import subprocess
import sys

from eventdepth_core.compilation import cache_folder
import pytest

PROGRAM = Path(__file__).parent / 'packet_mutations.py'
IS_FUZZING = os.environ.get('EVENTDEPTH_HYPOTHESIS') == 'fuzz'
NUM_MUTATIONS = int(os.environ.get('EVENTDEPTH_MUTATIONS', '1000000' if IS_FUZZING else '10000'))
MAX_GROWTH_MIB = 32
RECORDED = {'evt3', 'libcaer', 'libcaer_cmp', 'mono'}


@pytest.fixture(scope='module')
def report():
    """Let another process mutate: numba's bounds check needs its own and a cache of its own."""
    seed = secrets.randbits(32) if IS_FUZZING else 0
    environment = {
        **os.environ,
        'NUMBA_BOUNDSCHECK': '1',
        'EVENTDEPTH_CACHE': str(cache_folder() / 'bounds-checked'),
    }
    finished = subprocess.run(
        [sys.executable, PROGRAM, '--num', str(NUM_MUTATIONS), '--seed', str(seed)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, f'seed {seed}: {finished.stderr[-2_000:]}'
    return json.loads(finished.stdout)


def test_broken_packets_neither_crash_nor_give_events_outside_the_sensor(report):
    assert report['num_mutations'] == NUM_MUTATIONS
    for name in ('events', 'triggers', 'tensors', 'encoded', 'filtered'):
        assert report['counts'][name] > 0, report


def test_broken_packets_leave_memory_flat(report):
    assert report['growth_mib'] < MAX_GROWTH_MIB, report


def test_real_packets_are_among_those_that_are_broken(report, data_root):
    generated = report['encodings']['trigger']

    assert all(report['encodings'][name] > generated for name in RECORDED), report
