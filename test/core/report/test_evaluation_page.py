from dataclasses import replace
from html.parser import HTMLParser
import json
import math

from eventdepth_core.report import SubsetMetrics, Versions
from eventdepth_core.report.evaluation_page import evaluation_page, evaluation_text
from eventdepth_core.report.evaluation_summary import (
    EvaluationSummary,
    EvaluationTiming,
    GraphFacts,
    GraphFinding,
    PairCounts,
    StageLatency,
)
import pytest

GRAPH = GraphFacts(
    node='eventdepth',
    num_reports=4,
    num_triggers=40,
    num_frames=31,
    num_pending=1,
    drops={'overload': 8},
    rate_hz=7.5,
    engine={'bundle': 'eventdepth-s 0.1.0', 'engine': 'onnxruntime'},
    latencies=(
        StageLatency('infer', 90.0, 110.0, 120.0, 130.0),
        StageLatency('publish', 5.0, 15.0, 20.0, 25.0),
        StageLatency('total', 44.0, 61.0, 77.0, 88.0),
    ),
    findings=(GraphFinding('inputs', 'WARN', 'nobody publishes </script>', 3),),
)
SUMMARY = EvaluationSummary(
    predicted_topic='/eventdepth/depth/image',
    target_topic='/ground_truth/<depth>',
    tolerance_ms=1.0,
    profile='plain',
    reason='',
    counts=PairCounts(31, 31, 40, 30, 30, 1, 10, 0, {'undecodable': 2}),
    metrics=(
        SubsetMetrics('events', 10, {'abs_rel': 0.4, 'delta1': 0.3, 'ause': math.nan}),
        SubsetMetrics('events+points', 20, {'abs_rel': 0.1, 'delta1': 0.9}),
    ),
    baselines=(SubsetMetrics('points, nearest', 20, {'abs_rel': 0.12345}),),
    modalities={'events': 10, 'events+points': 20},
    scales={'prior': 10, 'metric': 20},
    incomplete={},
    graph=GRAPH,
    versions=Versions('0.1.0', '3.11', '2.0', '0.60', '1.20'),
    timing=EvaluationTiming('2026-01-01T00:00:00+00:00', 4.0, 7.7),
    size=(240, 320),
)


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {'img', 'meta', 'br'}:
            self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.tags.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def text_of(summary):
    outline = Outline()
    outline.feed(evaluation_page(summary, b'PNG'))
    assert outline.tags == []
    return ' '.join(outline.text)


@pytest.mark.parametrize(
    'expected',
    [
        '0.200', 'abs_rel, mean over frames', '31 of 40', 'points, nearest', '0.1235',
        'No: 20.0 % of the triggers were dropped for want of time.', '7.5', '61', 'undecodable',
        'nobody publishes </script>', '/ground_truth/<depth>', 'eventdepth-s 0.1.0',
        'The scale differs by frame', 'every measured pixel',
        'Measured: this machine keeps up at up to 7.7 Hz at 320x240 with 2 modalities',
    ],
)  # fmt: skip
def test_numbers_of_the_summary_stand_on_the_page(expected):
    assert expected in text_of(SUMMARY)


def test_a_graph_that_kept_up_is_said_to():
    graph = replace(GRAPH, drops={'reset': 1})

    assert 'Yes: no trigger was dropped' in text_of(replace(SUMMARY, graph=graph))


def test_without_a_word_of_the_node_nothing_is_claimed():
    text = text_of(replace(SUMMARY, graph=GraphFacts('eventdepth')))

    assert 'Nothing came from eventdepth on /diagnostics.' in text
    assert 'triggers gave depth' not in text


def test_nothing_compared_is_said_at_the_top():
    empty = replace(SUMMARY, reason='no <reference>', metrics=(), baselines=(), scales={})

    text = text_of(empty)

    assert 'Nothing was compared no <reference>' in text
    assert 'No frame was compared.' in text


def test_the_text_is_json_without_pictures():
    content = json.loads(evaluation_text(SUMMARY))

    assert (content['schema_version'], content['kind']) == (1, 'evaluation')
    assert content['metrics'][0]['values'] == {'abs_rel': 0.4, 'ause': None, 'delta1': 0.3}
    assert content['graph']['drops'] == {'overload': 8}
    assert content['size'] == [240, 320]
    assert content['sustained']['rate_hz'] == 7.7
    assert content['sustained']['num_modalities'] == 2
    assert 'pictures' not in content
