"""Engines and threads."""

import os

from eventdepth_ros.checks import check_machine
import pytest


def test_the_engine_that_runs_is_named(by_subject):
    finding = by_subject(check_machine)['engines']

    assert finding.state == 'ok'
    assert finding.text.startswith('onnxruntime')


@pytest.mark.parametrize(
    ('chosen', 'state'), [('1', 'ok'), ('1000', 'note'), ('two', 'problem'), ('0', 'problem')]
)
def test_threads_are_held_against_cores(monkeypatch, by_subject, chosen, state):
    monkeypatch.setenv('OMP_NUM_THREADS', chosen)

    finding = by_subject(check_machine)['threads']

    assert finding.state == state
    assert f'OMP_NUM_THREADS={chosen}' in finding.text.replace("'", '')


def test_threads_that_nobody_chose_are_fine(monkeypatch, by_subject):
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)

    finding = by_subject(check_machine)['threads']

    assert finding.state == 'ok'
    assert f'{len(os.sched_getaffinity(0))} cores' in finding.text
