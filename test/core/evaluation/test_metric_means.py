import math

from eventdepth_core.evaluation.metric_means import mean_metrics, RunningMeans
from hypothesis import given
from hypothesis import strategies as st


def test_metrics_are_averaged_and_counts_summed():
    rows = [{'abs_rel': 0.1, 'n': 10, 'num_images': 1}, {'abs_rel': 0.3, 'n': 30, 'num_images': 1}]

    means = mean_metrics(rows)

    assert means == {'abs_rel': 0.2, 'n': 40, 'num_images': 2}


def test_a_frame_without_the_metric_takes_no_part():
    means = mean_metrics([{'ause': math.nan}, {'ause': 0.5}, {}])

    assert means == {'ause': 0.5}


def test_a_metric_that_is_never_a_number_is_nan():
    assert math.isnan(mean_metrics([{'ause': math.nan}])['ause'])


def test_no_rows_give_no_metrics():
    assert mean_metrics([]) == {}


@given(st.lists(st.floats(-1e12, 1e12) | st.just(math.nan), max_size=60))
def test_running_means_are_those_of_all_rows_at_once_bit_for_bit(values):
    means = RunningMeans()
    for value in values:
        means.add({'mae': value})

    numbers = [value for value in values if math.isfinite(value)]
    expected = math.fsum(numbers) / len(numbers) if numbers else math.nan
    found = means.values().get('mae', math.nan)
    assert found == expected or math.isnan(found) == math.isnan(expected) is True
    assert means.num_rows == len(values)
