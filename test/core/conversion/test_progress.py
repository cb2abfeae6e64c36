"""How far a conversion tells to be."""

from conversion_cases import made_events, MemoryRecording, slices_of
from eventdepth_core.conversion import progress
from eventdepth_core.conversion.progress import Ticker
from eventdepth_core.recordings.recording import StreamSummary
import pytest


@pytest.fixture
def recording(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, 'PERIOD_S', 0.0)
    return MemoryRecording(tmp_path / 'in', slices_of(made_events(100), 20))


def test_the_share_is_that_of_the_samples_where_their_number_is_known(recording):
    recording.streams = {'events': StreamSummary('events', 'text', 'a', 4)}
    told = []
    ticker = Ticker(told.append, recording)

    for i in range(4):
        ticker.tell(10 * i, None)
    ticker.end(40)

    assert [each.share for each in told] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert told[-1].num_events == 40


def test_the_share_is_that_of_the_time_where_the_number_is_not_known(recording):
    recording.start_us, recording.end_us = 1000, 5000
    told = []
    ticker = Ticker(told.append, recording)

    for now_us in (0, 2000, 9000):
        ticker.tell(1, now_us)

    assert [each.share for each in told] == [0.0, 0.25, 1.0]


def test_nothing_known_is_no_share(recording):
    told = []

    Ticker(told.append, recording).tell(7, 5)

    assert [(each.num_events, each.share) for each in told] == [(7, None)]
