"""At which rate a machine keeps up."""

import math

from eventdepth_core.report import Versions
from eventdepth_core.report.evaluation_summary import (
    EvaluationSummary,
    EvaluationTiming,
    GraphFacts,
    PairCounts,
    StageLatency,
)
from eventdepth_core.report.sustained_rate import MIN_FRAMES, sustained_rate
import pytest


def stage(name, p50_ms, p95_ms):
    return StageLatency(name, p50_ms, p95_ms, p95_ms, p95_ms)


LATENCIES = (stage('wait', 90.0, 130.0), stage('infer', 50.0, 80.0), stage('publish', 5.0, 20.0))


def summary(received_hz=math.nan, drops=None, num_frames=30, latencies=LATENCIES, modalities=None):
    return EvaluationSummary(
        predicted_topic='', target_topic='', tolerance_ms=1.0, profile='plain', reason='',
        counts=PairCounts(), metrics=(), baselines=(), modalities=modalities or {'events': 1},
        scales={}, incomplete={}, versions=Versions('', '', '', '', ''),
        graph=GraphFacts(num_frames=num_frames, drops=drops or {}, latencies=latencies),
        timing=EvaluationTiming(predicted_hz=received_hz),
        size=(240, 320),
    )  # fmt: skip


def test_the_slow_images_set_the_rate_and_waiting_does_not():
    rate = sustained_rate(summary())

    assert rate.work_ms == 100.0
    assert rate.rate_hz == 10.0


def test_the_rate_is_rounded_down():
    slower = (stage('infer', 50.0, 81.0), stage('publish', 5.0, 20.0))

    assert sustained_rate(summary(latencies=slower)).rate_hz == 9.9


def test_an_overloaded_graph_sustains_no_more_than_what_came():
    assert sustained_rate(summary(7.48, {'overload': 4})).rate_hz == 7.4
    assert sustained_rate(summary(12.0, {'overload': 4})).rate_hz == 10.0


def test_a_graph_without_overload_sustains_at_least_what_came():
    assert sustained_rate(summary(12.0, {'reset': 2, 'overload': 0})).rate_hz == 12.0
    assert sustained_rate(summary(5.0)).rate_hz == 10.0


@pytest.mark.parametrize(
    'measured',
    [
        {'num_frames': MIN_FRAMES - 1},
        {'num_frames': 0, 'latencies': ()},
        {'latencies': LATENCIES[:2]},
        {'latencies': (stage('infer', math.nan, math.nan), *LATENCIES[2:])},
    ],
)
def test_too_little_measured_gives_no_rate(measured):
    rate = sustained_rate(summary(5.0, **measured))

    assert math.isnan(rate.rate_hz)
    assert rate.sentence.startswith('no rate can be told from ')


def test_few_frames_are_enough():
    assert sustained_rate(summary(num_frames=MIN_FRAMES)).rate_hz == 10.0


@pytest.mark.parametrize(
    ('modalities', 'expected'),
    [
        ({'events': 3}, 'with 1 modality ('),
        ({'events': 9, 'events+image+points': 1}, 'with 3 modalities ('),
        ({'unknown': 2}, 'with 0 modalities ('),
    ],
)
def test_size_and_inputs_are_said(modalities, expected):
    sentence = sustained_rate(summary(modalities=modalities)).sentence

    assert 'up to 10.0 Hz at 320x240' in sentence
    assert expected in sentence
    assert '100 ms p95, 30 frames' in sentence
