from dataclasses import replace
import json

from eventdepth_core.report import metrics_text, Timing


def test_the_text_is_json_with_the_timing_apart_at_the_end(summary):
    content = json.loads(metrics_text(summary))

    assert next(iter(content)) == 'schema_version'
    assert list(content)[-1] == 'timing'
    assert content['counts']['num_events'] == 34_567
    assert content['recording']['streams'][0]['encoding'] == 'evt3'
    assert content['profile'] == 'plain'


def test_pictures_and_series_stay_out(summary):
    content = json.loads(metrics_text(summary))

    assert not {'pictures', 'rate', 'total_ms'} & set(content)


def test_a_number_that_is_none_is_null(summary):
    content = json.loads(metrics_text(summary))

    assert content['metrics'][0]['values']['ause'] is None
    assert content['timing']['real_time_factor_all'] is None


def test_only_timing_differs_when_only_clocks_differ(summary):
    other = replace(summary, timing=Timing(started='later'), total_ms=(1.0,))

    first, second = json.loads(metrics_text(summary)), json.loads(metrics_text(other))

    assert first.pop('timing') != second.pop('timing')
    assert json.dumps(first) == json.dumps(second)
