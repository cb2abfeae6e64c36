from dataclasses import replace
from html.parser import HTMLParser

from eventdepth_core.report import report_page
import pytest


class Outline(HTMLParser):
    """Collects text and attributes, and checks that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.text, self.sources, self._open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ('src', 'href')]
        if tag not in ('img', 'meta', 'br'):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def outline(summary):
    parsed = Outline()
    parsed.feed(report_page(summary))
    assert parsed._open == []
    return parsed


def test_the_page_loads_nothing_from_elsewhere(summary):
    sources = outline(summary).sources

    assert len(sources) == 3
    assert all(source.startswith('data:image/png;base64,') for source in sources)


def test_names_from_the_recording_are_escaped(summary):
    text = ' '.join(outline(summary).text)

    assert '<b>a & b</b>' in text
    assert '/<cam>/events' in text


@pytest.mark.parametrize(
    ('scales', 'title'),
    [
        ({'metric': 3}, 'Metric scale'),
        ({'prior': 3}, 'Guessed scale'),
        ({'relative': 3}, 'Arbitrary unit'),
        ({'metric': 1, 'prior': 2}, 'The scale differs by frame'),
        ({}, 'No frames'),
    ],
)
def test_the_page_says_what_the_metres_are_worth(summary, scales, title):
    text = ' '.join(outline(replace(summary, scales=scales)).text)

    assert title in text


def test_an_assumed_camera_is_called_assumed(summary):
    text = ' '.join(outline(summary).text)

    assert 'The camera is assumed' in text


def test_numbers_of_the_summary_stand_on_the_page(summary):
    text = ' '.join(outline(summary).text)

    for number in ('34,567', '20 x', '20.0 ms', '0.0909', '123456', 'unknown_encoding'):
        assert number in text


def test_gaps_and_jumps_of_every_stream_stand_among_the_losses(summary):
    text = ' '.join(outline(summary).text)

    assert 'gaps in the sequence of packets 4,321' in text
    assert 'jumps in time, of any stream 8,765' in text


def test_a_replay_without_reference_drops_or_jumps_says_so(summary):
    bare = replace(summary, metrics=(), drops={}, discontinuities=(), pictures=(), total_ms=())

    text = ' '.join(outline(bare).text)

    assert 'no reference depth' in text
    assert 'Discontinuities: 0.' in text
