"""What others took of the processor."""

import os
import subprocess
import sys
import time

import foreign_load
from foreign_load import cores_s, family_s, ForeignLoad, ForeignWatch, TICKS_PER_S
import pytest

STAT = """cpu  999 999 999 999 0 0 0 999
cpu0 100 20 30 4000 50 6 7 8 9 0
cpu1 1000 200 300 40000 500 60 70 80 90 0
cpu10 7 7 7 7 7 7 7 7 7 7
intr 5
"""
BURN = 'import time\nwhile time.process_time() < 0.3: pass'


def test_the_time_of_processes_and_of_the_hypervisor_counts():
    assert cores_s(STAT, [0]) == 158 / TICKS_PER_S
    assert cores_s(STAT, [0, 1]) == (158 + 1580) / TICKS_PER_S


def test_a_child_is_our_own_alive_and_ended():
    before_s = family_s(os.getpid())
    child = subprocess.Popen([sys.executable, '-c', f'{BURN}\ninput()'], stdin=subprocess.PIPE)
    deadline_s = time.monotonic() + 30.0
    while (alive_s := family_s(os.getpid()) - before_s) < 0.29 and time.monotonic() < deadline_s:
        time.sleep(0.01)

    child.communicate(b'\n')

    assert alive_s >= 0.29
    assert family_s(os.getpid()) - before_s >= alive_s


def test_what_our_children_do_is_not_foreign(monkeypatch):
    monkeypatch.setattr(foreign_load, 'cores_s', lambda *_: 1000.0)  # cores that do nothing more
    watch = ForeignWatch()

    subprocess.run([sys.executable, '-c', BURN], check=True)

    assert watch._foreign_s() - watch._begin <= -0.29
    assert watch.load().cores == 0.0


@pytest.mark.parametrize(('cores', 'is_too_much'), [(0.0, False), (0.2, False), (0.21, True)])
def test_a_tenth_of_the_cores_is_the_limit(cores, is_too_much):
    load = ForeignLoad(cores, 2)

    assert load.is_too_much == is_too_much
    assert load.sentence == f'other processes took {cores:.2f} of 2 cores (at most 0.20)'
