"""The shipped recording is what its page says."""

from collections import Counter

from eventdepth_core.events import packet_decoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.rig_file import rig_from_file
import numpy as np
import pytest

MAX_BYTES = 10_000_000
HOST_START_US = 10_000_000
SECONDS = 3.0


@pytest.fixture(scope='module')
def folder(repository):
    return repository / 'config' / 'demo'


@pytest.fixture(scope='module')
def samples(folder):
    with open_recording(folder) as recording:
        found = list(recording.samples())
        assert not recording.dropped
    return found


def test_it_is_small(folder):
    assert sum(each.stat().st_size for each in folder.iterdir()) < MAX_BYTES


def test_it_holds_every_stream_at_its_rate(samples):
    counts = Counter(each.stream for each in samples)

    assert counts == {'events': 1500, 'image': 30, 'points': 30, 'depth': 30, 'pose': 600}


def test_events_come_at_their_rate_stamped_at_the_first(samples):
    decoder, num_events = packet_decoder('evt3', 320, 240), 0
    for packet in (each for each in samples if each.stream == 'events'):
        events = decoder.decode(packet.payload)
        num_events += events.size
        if events.size > 0:
            assert packet.stamp_us == HOST_START_US + events['t'][0]
            assert packet.arrival_us >= HOST_START_US + events['t'][-1]

    assert num_events / SECONDS == pytest.approx(0.3e6, rel=0.1)


def test_images_and_ground_truth_have_the_same_stamps(samples):
    stamps = {
        name: [each.stamp_us for each in samples if each.stream == name]
        for name in ('image', 'depth', 'points')
    }

    expected = [HOST_START_US + 100_000 * k for k in range(1, 31)]
    assert stamps == {'image': expected, 'depth': expected, 'points': expected}


def test_the_scene_has_depth_everywhere(samples):
    depth_m = np.stack([each.depth_m for each in samples if each.stream == 'depth'])

    assert np.isfinite(depth_m).mean() > 0.99
    assert np.nanpercentile(depth_m, 95) / np.nanpercentile(depth_m, 5) > 4


def test_the_rig_file_says_the_same_as_the_recording(folder):
    with open_recording(folder) as recording:
        rig = recording.rig

    named = rig_from_file(folder / 'rig.yaml')

    assert named.rig.event == rig.event
    assert named.rig.image is None
    assert rig.image is None
    assert np.array_equal(named.rig.event_from_points, rig.event_from_points)
    assert dict(named.frames) == {'events': 'camera', 'image': 'camera', 'points': 'lidar'}
