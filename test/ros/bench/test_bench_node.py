"""What the benchmarks of the node conclude."""

from dataclasses import fields, replace

import pytest

pytest.importorskip('rclpy', reason='no ROS 2 here')
import bench_node
from bench_node import Row
from foreign_load import ForeignLoad, NOT_JUDGED
import soak_node
from soak_node import Sample

QUIET, BUSY = ForeignLoad(0.0, 2), ForeignLoad(1.0, 2)
GOOD = replace(
    Row(**{field.name: 0.0 for field in fields(Row)}),
    variant='incremental', executor='single', rate_mev_s=1.0, tick_ms=1.0, player_rate=1.0,
    overhead_p50_ms=1.0, overhead_p99_ms=2.0, load=5.0,
)  # fmt: skip


def test_our_own_load_keeps_nothing_from_being_judged():
    judged = bench_node.verdict([GOOD, replace(GOOD, rate_mev_s=50.0, tick_ms=1.2)])

    assert judged.status == 0
    assert judged.lines == ['tick 50:1 Mev/s, incremental, single: 1.20']


def test_a_missed_goal_is_status_one():
    judged = bench_node.verdict([GOOD, replace(GOOD, rate_mev_s=10.0, lost=3, sent=9)])

    assert judged.status == 1
    assert 'MISSED single, 10 Mev/s: 3 of 9 packets lost' in judged.lines


def test_with_foreign_load_in_one_run_nothing_is_judged():
    judged = bench_node.verdict([replace(GOOD, lost=3), replace(GOOD, foreign=1000.0)])

    assert judged.status == NOT_JUDGED
    (line,) = judged.lines
    assert line.startswith('NOT JUDGED: other processes took 1000.00 of ')
    assert (judged.sentences, judged.missed) == ([], [])


def samples(**steps):
    """Return 12 samples, of which the named fields grow by a step each."""
    steady = Sample(
        minute=0.0, memory_kb=90_000, threads=9, files=40, cpu_s=1.0, frames=100,
        overhead_p50_ms=1.0, overhead_p99_ms=4.0,
    )  # fmt: skip
    return [
        replace(
            steady,
            minute=float(k),
            **{name: getattr(steady, name) + k * step for name, step in steps.items()},
        )
        for k in range(12)
    ]


def test_what_stands_still_has_no_fault():
    assert soak_node.verdict(samples(), QUIET)[1] == []


@pytest.mark.parametrize(
    ('grows', 'step', 'fault'),
    [
        ('memory_kb', 200, 'memory grows by 200 kB/min'),
        ('files', 1, 'files_change is'),
        ('threads', 1, 'threads_change is'),
        ('overhead_p99_ms', 1.0, 'overhead p99 drifts'),
    ],
)
def test_what_grows_is_a_fault(grows, step, fault):
    (found,) = soak_node.verdict(samples(**{grows: step}), QUIET)[1]

    assert found.startswith(fault)


def test_with_foreign_load_growth_is_judged_and_drift_is_not():
    _, faults = soak_node.verdict(samples(overhead_p99_ms=1.0, memory_kb=200), BUSY)

    assert faults == ['memory grows by 200 kB/min > 100']
