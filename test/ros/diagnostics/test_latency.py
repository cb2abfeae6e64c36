import math

from eventdepth_ros.diagnostics import LatencyHistogram, StageLatencies
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest


def summary_of(values_ms, half_window=None):
    histogram = LatencyHistogram(half_window)
    for value_ms in values_ms:
        histogram.add(value_ms)
    return histogram.summary()


@given(st.lists(st.floats(0.002, 9e4), min_size=1, max_size=200))
def test_percentiles_are_within_a_bucket_of_the_exact_ones(values_ms):
    summary = summary_of(values_ms)

    exact = np.percentile(values_ms, (50, 95, 99), method='inverted_cdf')
    found = (summary.p50_ms, summary.p95_ms, summary.p99_ms)
    np.testing.assert_allclose(found, exact, rtol=0.026)
    assert summary.max_ms == max(values_ms)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50))
def test_percentiles_are_in_order_whatever_comes(values_ms):
    summary = summary_of(values_ms)

    assert summary.num == sum(map(math.isfinite, values_ms))
    if summary.num and summary.max_ms >= 0.002:
        assert summary.p50_ms <= summary.p95_ms <= summary.p99_ms <= summary.max_ms


def test_nothing_added_is_nan():
    summary = summary_of([])

    assert summary.num == 0
    assert math.isnan(summary.p50_ms)


def test_old_values_are_forgotten():
    summary = summary_of([1000.0] * 10 + [1.0] * 20, half_window=10)

    assert summary.max_ms == 1.0
    assert 10 <= summary.num <= 20


def test_stages_keep_their_order():
    stages = StageLatencies()
    stages.add({'wait': 1.0, 'infer': 50.0})
    stages.add({'wait': 3.0, 'infer': 70.0})

    summaries = stages.summaries()

    assert list(summaries) == ['wait', 'infer']
    assert summaries['infer'].p50_ms == pytest.approx(50.0, rel=0.026)
