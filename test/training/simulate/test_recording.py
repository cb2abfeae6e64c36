"""A simulated bag, read back by the runtime's own readers."""

import struct

from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.events import packet_decoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.types import DepthSample, EventPacket, ImageSample, PointsSample, PoseSample
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate import recording
from training.simulate.lidar import LidarModel
from training.simulate.walk import walk, WalkSpec

SPEC = WalkSpec(
    seconds=0.1,
    size=(46, 62),
    seed=1,
    split='val',
    lidar=LidarModel(num_rings=4, azimuth_step_deg=5.0),
)


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    path = tmp_path_factory.mktemp('bags') / 'walk'
    recording.record_walk(SPEC, path)
    return path


@pytest.fixture(scope='module')
def samples(bag):
    with open_recording(bag) as opened:
        found = list(opened.samples())
        assert not opened.dropped
    return found


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


def test_decoded_events_are_the_simulated_ones(samples):
    decoder = packet_decoder('evt3', 62, 46)

    decoded = [decoder.decode(packet.payload) for packet in of_kind(samples, EventPacket)]

    simulated = np.concatenate([moment.events for moment in walk(SPEC)])
    assert len(simulated) > 100
    assert np.array_equal(
        np.sort(np.concatenate(decoded), order=('t', 'y', 'x', 'p')),
        np.sort(simulated, order=('t', 'y', 'x', 'p')),
    )


def test_every_stream_arrives_with_its_stamps(samples):
    expected = [recording.HOST_START_US + t for t in (50_000, 100_000)]

    assert [s.stamp_us for s in of_kind(samples, ImageSample)] == expected
    assert [s.stamp_us for s in of_kind(samples, DepthSample)] == expected
    assert [s.stamp_us for s in of_kind(samples, PointsSample)] == expected[1:]
    assert len(of_kind(samples, PoseSample)) == 20
    assert len(of_kind(samples, EventPacket)) == 100


def test_a_packet_is_stamped_at_its_first_event_and_recorded_at_its_end(samples):
    decoder = packet_decoder('evt3', 62, 46)

    for i, packet in enumerate(of_kind(samples, EventPacket)):
        events = decoder.decode(packet.payload)
        start_us, end_us = 1000 * i, 1000 * (i + 1)
        first_us = int(events['t'][0]) if events.size > 0 else start_us
        assert packet.stamp_us == recording.HOST_START_US + first_us
        assert packet.arrival_us == recording.HOST_START_US + end_us
        assert events.size == 0 or start_us <= events['t'][0] <= events['t'][-1] < end_us
        assert packet.seq == i


def test_images_and_points_arrive_later_than_they_were_measured(bag):
    delays_us = {
        '/camera/image_raw': 15_000,
        '/ground_truth/depth': 15_000,
        '/lidar/points': 5_000,
        '/ground_truth/pose': 0,
    }
    opened, last_ns = Bag(bag), 0

    for stored in opened.messages([topic.name for topic in opened.topics]):
        assert stored.stamp_ns >= last_ns
        last_ns = stored.stamp_ns
        if stored.topic in delays_us:
            seconds, nanoseconds = struct.unpack_from('<iI', stored.raw, 4)
            stamp_ns = seconds * 1_000_000_000 + nanoseconds
            assert stored.stamp_ns - stamp_ns == 1000 * delays_us[stored.topic]
    opened.close()


def test_the_camera_is_known_from_the_start(bag):
    opened = Bag(bag)

    first = next(opened.messages(['/camera/camera_info']))

    assert first.stamp_ns == 1000 * recording.HOST_START_US
    opened.close()


@pytest.mark.parametrize('packet_us', [700, 2000, 7000])
def test_packets_of_any_length_hold_the_same_events(tmp_path, samples, packet_us):
    recording.record_walk(SPEC, tmp_path / 'walk', packet_us=packet_us)

    with open_recording(tmp_path / 'walk') as opened:
        packets = of_kind(opened.samples(), EventPacket)

    of_length, of_one_ms = (
        np.concatenate([decoder.decode(packet.payload) for packet in each])
        for decoder, each in (
            (packet_decoder('evt3', 62, 46), packets),
            (packet_decoder('evt3', 62, 46), of_kind(samples, EventPacket)),
        )
    )
    assert np.array_equal(of_length, of_one_ms)
    assert len(packets) == -(-100_000 // packet_us)
    ends_us = [recording.HOST_START_US + packet_us * (i + 1) for i in range(len(packets))]
    assert [packet.arrival_us for packet in packets] == ends_us


def test_packets_without_length_are_refused(tmp_path):
    with pytest.raises(InputError, match='Expected packet_us > 0, got 0'):
        recording.record_walk(SPEC, tmp_path / 'walk', packet_us=0)


def test_the_rig_is_the_simulated_one(bag):
    with open_recording(bag) as opened:
        rig = opened.rig

    assert rig.event == SPEC.camera
    np.testing.assert_allclose(rig.event_from_points, SPEC.lidar.camera_from_lidar, atol=1e-12)


def test_depth_and_images_survive(samples):
    moments = [moment for moment in walk(SPEC) if moment.image is not None]

    images, depths = of_kind(samples, ImageSample), of_kind(samples, DepthSample)

    for moment, image, depth in zip(moments, images, depths, strict=True):
        assert np.array_equal(image.image, moment.image)
        known = np.isfinite(moment.depth_m)
        assert np.array_equal(np.isfinite(depth.depth_m), known)
        np.testing.assert_allclose(depth.depth_m[known], moment.depth_m[known], rtol=1.3e-4)


def test_the_same_spec_gives_the_same_bytes(bag, tmp_path):
    recording.record_walk(SPEC, tmp_path / 'walk')

    again = (tmp_path / 'walk' / 'walk_0.mcap').read_bytes()
    assert again == (bag / 'walk_0.mcap').read_bytes()


def test_rounding_keeps_depth_and_marks_the_sky():
    depth_m = np.array([[0.1, 3.14159], [149.9, np.inf]], dtype=np.float32)

    rounded = recording.rounded_depth(depth_m)

    np.testing.assert_allclose(rounded.ravel()[:3], depth_m.ravel()[:3], rtol=1 / 8192)
    assert np.isnan(rounded[1, 1])


def test_the_command_writes_compressed_images(tmp_path):
    command = ['--out', str(tmp_path / 'bag'), '--seconds', '0.1', '--size', '62x46', '--jpeg']
    recording.main([*command, '--split', 'val', '--seed', '1', '--points-rate-hz', '0'])

    with open_recording(tmp_path / 'bag') as opened:
        assert opened.streams['image'].topic == '/camera/image_raw/compressed'
        assert 'points' not in opened.streams
        assert of_kind(opened.samples(), ImageSample)[0].image.shape == (46, 62, 3)


def test_an_existing_bag_is_not_overwritten(bag):
    with pytest.raises(RecordingError, match='Expected no file or folder'):
        recording.record_walk(SPEC, bag)
