"""AEDAT4 files with several streams of a kind: which one is taken."""

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import aedat4_recording, open_recording
import numpy as np
import pytest

STREAMS = {
    0: {'type': 'events', 'width': 64, 'height': 48},
    2: {'type': 'events', 'width': 32, 'height': 24},
}


class Decoder:
    """Two event cameras as the aedat package gives them: one event each."""

    def __init__(self, _path):
        fields = [('t', '<u8'), ('x', '<u2'), ('y', '<u2'), ('on', '?')]
        self._packets = iter(
            {'stream_id': key, 'events': np.array([(5 + key, key, 1, True)], fields)}
            for key in STREAMS
        )

    def id_to_stream(self):
        return STREAMS

    def __next__(self):
        return next(self._packets)


@pytest.fixture
def stereo(tmp_path, monkeypatch):
    monkeypatch.setattr(aedat4_recording, '_open', Decoder)
    path = tmp_path / 'stereo.aedat4'
    path.touch()
    return path


def test_the_first_stream_is_taken_and_the_others_are_told(stereo):
    with open_recording(stereo) as recording:
        events = recording.streams['events']
        samples = list(recording.samples())

    assert (events.topic, events.alternatives) == ('0', ('2',))
    assert [each.events['t'].tolist() for each in samples] == [[5]]


def test_another_stream_can_be_chosen(stereo):
    with open_recording(stereo, topics={'events': '2'}) as recording:
        events = recording.streams['events']
        samples = list(recording.samples())

    assert (events.width, events.alternatives) == (32, ('0',))
    assert [each.events['t'].tolist() for each in samples] == [[7]]


def test_a_stream_that_is_not_there_is_refused(stereo):
    with pytest.raises(RecordingError, match=r"stream '7' in .* got \[0, 2\]"):
        open_recording(stereo, topics={'events': '7'})
