"""Every real recording opens and holds what is known to be in it."""

from collections import Counter

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import EventPacket, EventSlice, ImageSample, PointsSample, PoseSample
import numpy as np
import pytest

BAGS = {
    'evt3_vga': (517, 2_250_308, 'evt3', (480, 640)),
    'libcaer_cmp_davis346': (100, 3_096_440, 'libcaer_cmp', (260, 346)),
    'libcaer_rollover': (201, 2_674_648, 'libcaer', (480, 640)),
    'mono': (2, 800, 'mono', (480, 640)),
}


@pytest.mark.parametrize('name', BAGS)
def test_bag_has_all_its_packets(data_root, name):
    num_packets, num_bytes, encoding, size = BAGS[name]

    with open_recording(data_root / 'event_bags' / name) as recording:
        packets = list(recording.samples())
        events = recording.streams['events']

    assert len(packets) == events.count == num_packets
    assert all(isinstance(packet, EventPacket) for packet in packets)
    assert sum(len(packet.payload) for packet in packets) == num_bytes
    assert {packet.encoding for packet in packets} == {events.encoding} == {encoding}
    assert {(packet.height, packet.width) for packet in packets} == {size}
    assert not recording.dropped
    arrivals = [packet.arrival_us for packet in packets]
    assert arrivals == sorted(arrivals)
    assert np.diff([packet.seq for packet in packets]).tolist() == [1] * (num_packets - 1)


def test_payloads_equal_those_of_an_independent_reader(data_root):
    from eventdepth_core.recordings.definitions import EVENT_PACKET, message_definition
    from rosbags.highlevel import AnyReader
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores

    store = get_typestore(Stores.ROS2_JAZZY)
    store.register(
        get_types_from_msg(message_definition(EVENT_PACKET).partition('=')[0], EVENT_PACKET)
    )
    path = data_root / 'event_bags' / 'evt3_vga'
    with AnyReader([path], default_typestore=store) as reader:
        theirs = [
            (stamp // 1000, store.deserialize_cdr(raw, each.msgtype))
            for each, stamp, raw in reader.messages()
        ]

    with open_recording(path) as recording:
        for packet, (arrival_us, message) in zip(recording.samples(), theirs, strict=True):
            assert packet.arrival_us == arrival_us
            assert packet.payload == message.events.tobytes()
            assert packet.time_base_ns == message.time_base


@pytest.mark.parametrize('name', ['evt3_vga', 'libcaer_cmp_davis346'])
@pytest.mark.parametrize('share', [0.05, 0.5, 0.9])
def test_a_truncated_bag_gives_its_front_part(data_root, tmp_path, name, share):
    folder = data_root / 'event_bags' / name
    file = next(each for each in folder.iterdir() if each.suffix in ('.db3', '.mcap'))
    raw = file.read_bytes()
    cut = tmp_path / file.name
    cut.write_bytes(raw[: int(len(raw) * share)])

    with open_recording(cut) as recording, open_recording(folder) as whole:
        front = list(recording.samples())
        expected = list(whole.samples())

    assert 0 < len(front) < len(expected)
    assert front == expected[: len(front)]
    assert recording.dropped == {'truncated': 1}


def test_aedat4_has_events_frames_imu_samples_and_triggers(data_root):
    path = data_root / 'davis346_aedat4' / 'sample.aedat4'

    with open_recording(path) as recording:
        samples = list(recording.samples())

    slices = [each for each in samples if isinstance(each, EventSlice)]
    images = [each for each in samples if isinstance(each, ImageSample)]
    events = np.concatenate([each.events for each in slices])
    assert len(events) == 6676
    assert [each.image.shape for each in images] == [(260, 346)] * 4
    assert (recording.num_imu_samples, recording.num_triggers) == (160, 17)
    assert (np.diff(events['t']) >= 0).all()
    assert set(np.unique(events['p'])) == {-1, 1}
    assert {(each.height, each.width) for each in slices} == {(260, 346)}
    stamps = [each.stamp_us for each in images]
    assert np.diff(stamps).tolist() == [40_000] * 3
    assert (recording.rig, recording.camera_source) == (None, 'none')
    assert not recording.dropped


def test_a_truncated_aedat4_gives_its_front_part(data_root, tmp_path):
    raw = (data_root / 'davis346_aedat4' / 'sample.aedat4').read_bytes()
    cut = tmp_path / 'cut.aedat4'
    cut.write_bytes(raw[: len(raw) // 2])

    with open_recording(cut) as recording:
        num_events = sum(
            len(each.events) for each in recording.samples() if isinstance(each, EventSlice)
        )

    assert 0 < num_events < 6676
    assert recording.dropped == {'truncated': 1}


@pytest.mark.parametrize('raw', [b'', b'#!AER-DAT4.0\r\n', b'something else'])
def test_an_aedat4_without_header_is_one_clear_error(tmp_path, raw):
    path = tmp_path / 'a.aedat4'
    path.write_bytes(raw)

    with pytest.raises(RecordingError, match='Expected readable AEDAT4'):
        open_recording(path)


def test_slider_depth_has_events_images_and_poses(data_root):
    with open_recording(data_root / 'slider_depth') as recording:
        samples = list(recording.samples())

    events = np.concatenate([each.events for each in samples if isinstance(each, EventSlice)])
    assert Counter(type(each) for each in samples if not isinstance(each, EventSlice)) == {
        ImageSample: 87,
        PoseSample: 339,
    }
    assert len(events) == 50_000
    assert (events['t'][0], events['t'][-1]) == (3_811, 174_156)
    assert ((events['p'] == -1).sum(), (events['p'] == 1).sum()) == (28_853, 21_147)
    assert recording.rig.event.size == (180, 240)
    assert recording.rig.event.distortion[0] == pytest.approx(-0.138592767408)
    assert not recording.dropped


def test_kitti_frame_projects_onto_its_image(data_root):
    with open_recording(data_root / 'kitti_frame') as recording:
        points, image = recording.samples()
        rig = recording.rig

    assert isinstance(points, PointsSample)
    assert points.points_m.shape == (115_384, 3)
    assert image.image.shape == (370, 1224, 3)
    in_camera = points.points_m @ rig.event_from_points[:3, :3].T + rig.event_from_points[:3, 3]
    in_camera = in_camera[in_camera[:, 2] > 0.1]
    u, v = ((in_camera @ rig.image.matrix.T)[:, :2] / in_camera[:, 2:]).T
    is_seen = (u > -0.5) & (u < 1223.5) & (v > -0.5) & (v < 369.5)
    cells = np.unique(np.round(v[is_seen]) * 1224 + np.round(u[is_seen]))
    assert len(cells) == 20_209
    assert in_camera[is_seen, 2].min() == pytest.approx(4.22, abs=0.01)
    assert in_camera[is_seen, 2].max() == pytest.approx(72.73, abs=0.01)
