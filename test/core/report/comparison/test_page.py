"""The page and the JSON of comparisons with and without deviations, subsets and provenance."""

from io import BytesIO
import json

from eventdepth_core.evaluation import profile_named
from eventdepth_core.evaluation.statement import Provenance
from eventdepth_core.report.comparison import comparison_page, comparison_text, ComparisonSummary
from eventdepth_core.report.comparison.figures import (
    coverage_chart,
    distance_chart,
    sparsification_chart,
    worst_sheet,
)
from eventdepth_core.report.comparison.judging import RunJudge
from eventdepth_core.report.comparison.pairing import Pair
from eventdepth_core.report.versions import installed_versions
import numpy as np
import pytest

SIZE = (45, 61)


def judged(name, *, profile='mvsec_e2depth', noise=0.1, has_std=True, told=True, num=5):
    random = np.random.default_rng(0)
    judge = RunJudge(profile_named(profile), (lambda key: f'<{key[0] % 2}>') if told else None)
    for k in range(num):
        target_m = np.exp(random.uniform(0.3, 3.4, SIZE)).astype(np.float32)
        target_m[:4] = np.nan
        spread = noise * (k + 1)
        predicted_m = target_m * np.exp(random.normal(0, spread, SIZE)).astype(np.float32)
        std_m = (spread * predicted_m).astype(np.float32) if has_std else None
        judge.add(Pair((k, ''), predicted_m, target_m), std_m)
    judge.add(Pair((99, ''), None, target_m))
    judge.add(Pair((100, ''), predicted_m[1:], target_m))
    origin = Provenance('tiny 1', 'onnx', 'events', 4, 'float16', 'a<b>', 3.25, 4.5, 2)
    return judge.result(name, '/p', origin if told else Provenance())


def summary_of(*runs, profile='mvsec_e2depth', quantity='depth'):
    return ComparisonSummary('/t', profile, quantity, runs, installed_versions())


@pytest.fixture(scope='module')
def summary():
    return summary_of(judged('good <&>'), judged('bad', noise=0.3, has_std=False, told=False))


def test_the_page_says_everything_that_belongs_beside_a_number(summary):
    page = comparison_page(summary)

    for text in (
        'good &lt;&amp;&gt;', 'profile mvsec_e2depth', 'y &lt; 10, 20, 30 m', 'mean over images',
        'target without prediction: 1', 'different sizes: 1', 'of abs_rel, 20 steps', 'float16',
        'a&lt;b&gt;', '3.2 / 4.5 ms', 'not told', 'median of each target', '&lt;0&gt;',
        'Worst frames of bad', 'switch epsilon', 'mae_10m', 'temporal_log_error',
    ):  # fmt: skip
        assert text in page, text
    assert 'src="http' not in page
    assert page.count('<img') == 5


def test_the_json_holds_the_curves_and_only_finite_numbers(summary):
    content = json.loads(comparison_text(summary))

    good, bad = content['runs']
    assert good['metrics']['abs_rel'] < bad['metrics']['abs_rel']
    assert len(good['distance']['edges_m']) == len(good['distance']['abs_rel']) + 1
    assert [curve['error'] for curve in good['sparsification']] == ['abs_rel', 'rmse']
    assert bad['sparsification'] == []
    assert bad['coverage'] is None
    assert good['statement']['dropped_frames'] == {
        'different sizes': 1,
        'target without prediction': 1,
    }
    assert 'worst' not in good
    assert content['kind'] == 'comparison'


def test_the_worst_frames_are_the_worst_in_order():
    run = judged('run', num=7)

    assert [frame.key for frame in run.worst] == ['6', '5', '4', '3']
    errors = [frame.abs_rel for frame in run.worst]
    assert errors == sorted(errors, reverse=True)
    frame = run.worst[0]
    assert np.nanmean(frame.relative_error) == pytest.approx(frame.abs_rel, rel=1e-4)


def test_metrics_by_subset_share_out_the_frames():
    run = judged('run')

    assert [(each.subset, each.num_frames) for each in run.subsets] == [('<0>', 3), ('<1>', 2)]
    assert sum(each.values['n'] for each in run.subsets) == run.metrics['n']


def test_the_median_is_judged_on_the_pixels_of_the_prediction():
    run = judged('run', noise=0.02)

    (median,) = run.baselines
    assert median.values['n'] == run.metrics['n']
    assert median.values['abs_rel'] > 5 * run.metrics['abs_rel']


def test_a_page_of_disparities_is_in_pixels():
    run = judged('run', profile='dsec_disparity')

    page = comparison_page(summary_of(run, profile='dsec_disparity', quantity='disparity'))

    assert 'Error against distance (px)' in page
    assert '<td>pe1</td>' in page


@pytest.mark.parametrize('draw', [coverage_chart, sparsification_chart])
def test_charts_of_what_is_not_there_say_so_and_equal_input_gives_equal_bytes(draw):
    import matplotlib.image

    bare, full = judged('bare', has_std=False), judged('full')

    notice, chart = draw([bare]), draw([bare, full])

    assert chart == draw([bare, full])
    assert matplotlib.image.imread(BytesIO(notice)).shape[0] < 120
    assert matplotlib.image.imread(BytesIO(chart)).shape[0] > 300


def test_distances_and_worst_frames_are_drawn_for_any_number_of_runs():
    runs = [judged(str(k), num=1) for k in range(9)]

    assert len(distance_chart(runs, 'm')) > 10_000
    assert len(worst_sheet(runs[0].worst, 'm')) > 10_000
    assert worst_sheet((), 'm')
