"""Recordings into bags: independent readers, interrupted runs, what a bag holds."""

from collections import Counter
from pathlib import Path
import signal
import subprocess
import sys

from conversion_cases import (
    convert_memory,
    decoded,
    events_of,
    made_events,
    mcap_messages,
    mcap_packets,
    MemoryRecording,
    rosbags_messages,
    rosbags_packets,
    slices_of,
)
from eventdepth_core.conversion import ConversionOptions, convert, event_parts
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.events import encode
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.definitions import TF_MESSAGE
from eventdepth_core.recordings.topics import TopicNames
from eventdepth_core.types import Camera, DepthSample, ImageSample, PointsSample, PoseSample, Rig
from layouts.dsec import OFFSET_US, write_dsec
from layouts.mvsec import write_mvsec
import numpy as np
import pytest
import yaml

# events of the real recordings as an independent plain decoder counts them: all, ON, first time
REAL = {
    'event_bags/evt3_vga': (343_474, 125_183, 7_139_845),
    'event_bags/libcaer_cmp_davis346': (571_266, 211_043, 1_744_227_144_732_712),
    'event_bags/libcaer_rollover': (334_331, 181_908, None),
    'event_bags/mono': (100, 50, None),
    'davis346_aedat4/sample.aedat4': (6_676, None, None),
    'slider_depth': (50_000, 21_147, 3_811),
}


def short_dsec(folder):
    return write_dsec(folder, num_disparities=1)


def files_of(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize('name', REAL)
def test_a_real_recording_comes_back_event_by_event(name, data_root, tmp_path):
    num_events, num_on, first_us = REAL[name]
    events = events_of(data_root / name)

    summary = convert(data_root / name, tmp_path / 'bag', ConversionOptions(form='bag'))

    assert summary.counts['events'] == len(events) == num_events
    assert num_on is None or (events['p'] == 1).sum() == num_on
    assert first_us is None or events['t'][0] == first_us
    np.testing.assert_array_equal(events_of(tmp_path / 'bag'), events)
    for packets in (rosbags_packets(tmp_path / 'bag'), mcap_packets(tmp_path / 'bag')):
        assert {each.encoding for _, each in packets} == {'evt3'}
        np.testing.assert_array_equal(decoded(packets), events)


@pytest.mark.parametrize('write', [short_dsec, write_mvsec])
def test_a_dataset_keeps_every_sample_stamp_and_camera(write, tmp_path):
    source = write(tmp_path / 'sequence').folder

    convert(source, tmp_path / 'bag')

    np.testing.assert_array_equal(events_of(tmp_path / 'bag'), events_of(source))
    with open_recording(source) as before, open_recording(tmp_path / 'bag') as after:
        for kind, name in (
            (ImageSample, 'image'),
            (DepthSample, 'depth_m'),
            (PointsSample, 'points_m'),
            (PoseSample, 'world_from_camera'),
        ):
            sent, got = (
                [each for each in opened.samples() if isinstance(each, kind)]
                for opened in (before, after)
            )
            assert [each.stamp_us for each in got] == [each.stamp_us for each in sent]
            for mine, theirs in zip(got, sent, strict=True):
                np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), atol=1e-12)
        assert after.rig.rectification.camera == before.rig.rectification.camera
        np.testing.assert_allclose(
            after.rig.rectification.rotation, before.rig.rectification.rotation, atol=1e-12
        )
        for name in ('event_from_image', 'event_from_points'):
            mine, theirs = getattr(after.rig, name), getattr(before.rig, name)
            assert (mine is None) == (theirs is None)
            assert mine is None or np.allclose(mine, theirs, atol=1e-12)


def test_every_message_is_decoded_by_independent_readers(tmp_path):
    source = write_mvsec(tmp_path / 'sequence').folder

    summary = convert(source, tmp_path / 'bag')

    by_rosbags = Counter(topic for topic, _ in rosbags_messages(tmp_path / 'bag'))
    by_mcap = Counter(topic for topic, _, _ in mcap_messages(tmp_path / 'bag'))
    assert by_rosbags == by_mcap
    for topic, name in (
        ('/camera/image_raw', 'image'),
        ('/lidar/points', 'points'),
        ('/ground_truth/depth', 'depth'),
        ('/ground_truth/pose', 'pose'),
    ):
        assert by_rosbags[topic] == summary.counts[name]
    assert by_rosbags['/camera/camera_info'] == by_rosbags['/ground_truth/camera_info'] >= 2
    messages = dict(rosbags_messages(tmp_path / 'bag'))
    frames = {
        (each.header.frame_id, each.child_frame_id) for each in messages['/tf_static'].transforms
    }
    assert frames == {('davis_left', 'velodyne'), ('davis_left', 'davis_left_rect')}
    assert messages['/ground_truth/camera_info'].k[0] == 200.0


def test_times_of_dsec_are_absolute(tmp_path):
    written = short_dsec(tmp_path / 'sequence')

    convert(written.folder, tmp_path / 'bag')

    packets = rosbags_packets(tmp_path / 'bag')
    np.testing.assert_array_equal(decoded(packets)['t'], written.events.t + OFFSET_US)
    stamp = packets[0][1].header.stamp
    assert stamp.sec * 1_000_000 + stamp.nanosec // 1000 == written.events.t[0] + OFFSET_US


def test_a_packet_is_stamped_at_its_first_event_and_recorded_at_its_newest(tmp_path):
    events = made_events(3000)

    convert_memory(MemoryRecording(tmp_path / 'in', slices_of(events, 500)), tmp_path / 'bag')

    start = 0
    packets = rosbags_packets(tmp_path / 'bag')
    for stamp_ns, packet in packets:
        num = len(decoded([(stamp_ns, packet)]))
        mine = events[start : start + num]
        stamp = packet.header.stamp
        assert stamp.sec * 10**9 + stamp.nanosec == 1000 * mine['t'][0]
        assert stamp_ns == 1000 * mine['t'][-1]
        start += num
    assert start == len(events)
    assert len(packets) > 10


def recording_with_images(path, **options):
    rng = np.random.default_rng(3)
    samples = []
    for each in slices_of(made_events(6000), 400):
        picture = rng.integers(0, 256, (48, 64, 3), np.uint8)
        samples += [each, ImageSample(picture, int(each.events['t'][-1]) + 1)]
    rig = Rig(event=Camera(64, 48, 50.0, 50.0, 31.5, 23.5))
    return MemoryRecording(path, samples, rig=rig, **options)


SPLIT = {'split_bytes': 60_000}
OPTIONS = ConversionOptions(**SPLIT)


@pytest.mark.parametrize('breaks_at', [[3], [9], [20, 12, 28]])
def test_an_interrupted_conversion_resumed_gives_the_bytes_of_one_that_was_not(
    breaks_at, tmp_path
):
    source, bag = tmp_path / 'in', tmp_path / 'bag'
    convert_memory(recording_with_images(source), bag, OPTIONS)
    whole = files_of(bag)
    bag.rename(tmp_path / 'whole')
    options = ConversionOptions(resume=True, **SPLIT)

    for place in breaks_at:
        with pytest.raises(KeyboardInterrupt):
            convert_memory(recording_with_images(source, breaks_at=place), bag, options)
        assert not bag.exists()
    summary = convert_memory(recording_with_images(source), bag, options)

    assert files_of(bag) == whole
    assert len(whole) > 4
    assert (summary.num_resumed > 0) == (max(breaks_at) > 9)
    assert summary.counts == {'events': 6000, 'image': 15}


def test_without_resume_an_interrupted_conversion_starts_anew(tmp_path):
    source, bag = tmp_path / 'in', tmp_path / 'bag'
    with pytest.raises(KeyboardInterrupt):
        convert_memory(
            recording_with_images(source, breaks_at=20), bag, ConversionOptions(**SPLIT)
        )

    summary = convert_memory(recording_with_images(source), bag, OPTIONS)

    assert summary.num_resumed == 0
    assert not bag.with_name('bag.partial').exists()


def test_what_was_interrupted_is_not_resumed_with_other_options(tmp_path):
    source, bag = tmp_path / 'in', tmp_path / 'bag'
    with pytest.raises(KeyboardInterrupt):
        convert_memory(
            recording_with_images(source, breaks_at=20), bag, ConversionOptions(**SPLIT)
        )

    with pytest.raises(RecordingError, match='same source and options'):
        convert_memory(
            recording_with_images(source),
            bag,
            ConversionOptions(resume=True, packet_us=5, **SPLIT),
        )


def test_metadata_lists_the_files_and_all_messages(tmp_path):
    convert_memory(recording_with_images(tmp_path / 'in'), tmp_path / 'bag', OPTIONS)

    content = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())

    fields = content['rosbag2_bagfile_information']
    names = sorted(file.name for file in (tmp_path / 'bag').glob('*.mcap'))
    assert sorted(fields['relative_file_paths']) == names
    assert fields['relative_file_paths'][1] == 'bag_1.mcap'
    assert sum(each['message_count'] for each in fields['files']) == fields['message_count']
    assert [each['path'] for each in fields['files']] == fields['relative_file_paths']


def test_static_transforms_are_latched(tmp_path):
    source = write_mvsec(tmp_path / 'sequence').folder

    convert(source, tmp_path / 'bag')

    content = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())
    topics = content['rosbag2_bagfile_information']['topics_with_message_count']
    topic = next(
        each['topic_metadata'] for each in topics if each['topic_metadata']['type'] == TF_MESSAGE
    )
    assert topic['name'] == '/tf_static'
    assert topic['offered_qos_profiles'][0]['durability'] == 'transient_local'


def test_events_alone_and_names_of_topics(tmp_path):
    options = ConversionOptions(is_events_only=True, names=TopicNames(events='/front/events'))

    convert_memory(recording_with_images(tmp_path / 'in'), tmp_path / 'bag.mcap', options)

    with open_recording(tmp_path / 'bag.mcap') as recording:
        assert {name: each.topic for name, each in recording.streams.items()} == {
            'events': '/front/events'
        }
        assert recording.rig.event.fx == 50.0


def test_words_of_a_raw_file_are_kept_with_their_triggers(tmp_path):
    payload = encode('evt3', made_events(5000), 64, 48) + np.array([0xA << 12], '<u2').tobytes()
    raw = tmp_path / 'in.raw'
    raw.write_bytes(b'% evt 3.0\n% geometry 64x48\n% end\n' + payload)

    convert(raw, tmp_path / 'bag')

    packets = rosbags_packets(tmp_path / 'bag')
    assert b''.join(bytes(each.events) for _, each in packets) == payload


def test_a_raw_file_is_resumed_too(tmp_path):
    raw = tmp_path / 'in.raw'
    events = made_events(120_000, start_us=(1 << 24) - 9_000)
    raw.write_bytes(b'% evt 3.0\n% geometry 64x48\n% end\n' + encode('evt3', events, 64, 48))
    options = ConversionOptions(resume=True, split_bytes=100_000)
    convert(raw, tmp_path / 'whole', options)
    num_calls = 0

    def breaks(_progress):
        nonlocal num_calls
        num_calls += 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(raw, tmp_path / 'bag', options, on_progress=breaks)
    convert(raw, tmp_path / 'bag', options)

    assert num_calls == 1
    np.testing.assert_array_equal(events_of(tmp_path / 'bag'), events)


def test_negative_times_need_a_shift(tmp_path):
    events = made_events(100, start_us=-500)
    recording = MemoryRecording(tmp_path / 'in', slices_of(events, 30))

    with pytest.raises(RecordingError, match='--shift-us'):
        convert_memory(recording, tmp_path / 'bag')
    convert_memory(recording, tmp_path / 'bag', ConversionOptions(shift_us=1_000_000))

    shifted = events.copy()
    shifted['t'] += 1_000_000
    np.testing.assert_array_equal(events_of(tmp_path / 'bag'), shifted)


def test_a_target_that_exists_is_refused_and_kept(tmp_path):
    (tmp_path / 'bag').mkdir()
    (tmp_path / 'bag' / 'mine.txt').write_text('mine')

    with pytest.raises(RecordingError, match='Expected nothing at'):
        convert_memory(recording_with_images(tmp_path / 'in'), tmp_path / 'bag')

    assert files_of(tmp_path / 'bag') == {'mine.txt': b'mine'}


@pytest.mark.parametrize('target', ['out.raw', 'out.db3', 'out.txt'])
def test_a_target_of_another_kind_is_refused(target, tmp_path):
    with pytest.raises(InputError, match='to write, got'):
        convert_memory(recording_with_images(tmp_path / 'in'), tmp_path / target)


def test_a_name_and_a_form_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(InputError, match='a target that is a dsec, got'):
        convert_memory(
            recording_with_images(tmp_path / 'in'),
            tmp_path / 'out.mcap',
            ConversionOptions(form='dsec'),
        )


def test_depth_beside_the_events_camera_info_is_refused(tmp_path):
    source = write_mvsec(tmp_path / 'sequence').folder
    options = ConversionOptions(names=TopicNames(depth='/camera/depth'))

    with pytest.raises(InputError, match='a folder of its own'):
        convert(source, tmp_path / 'bag', options)


def test_a_lone_file_has_the_events_of_a_folder(tmp_path):
    recording = recording_with_images(tmp_path / 'in')

    convert_memory(recording, tmp_path / 'one.mcap')
    convert_memory(recording, Path(tmp_path / 'many'))

    np.testing.assert_array_equal(events_of(tmp_path / 'one.mcap'), events_of(tmp_path / 'many'))


def test_the_source_and_folders_of_other_things_are_never_replaced(tmp_path):
    overwrite = ConversionOptions(overwrite=True)
    (tmp_path / 'home').mkdir()
    (tmp_path / 'home' / 'mine.txt').write_text('mine')
    convert_memory(recording_with_images(tmp_path / 'in'), tmp_path / 'bag')

    with pytest.raises(RecordingError, match='got another folder'):
        convert_memory(recording_with_images(tmp_path / 'in'), tmp_path / 'home', overwrite)
    with pytest.raises(RecordingError, match='another target than the source'):
        convert(tmp_path / 'bag', tmp_path / 'bag', ConversionOptions(form='bag', overwrite=True))

    assert files_of(tmp_path / 'home') == {'mine.txt': b'mine'}
    assert len(events_of(tmp_path / 'bag')) == 6000


KILLED = """
import os, signal, sys
from eventdepth_core.conversion import ConversionOptions, convert, event_parts, progress

def kill(now):
    if now.num_events >= 200_000:
        os.kill(os.getpid(), signal.SIGKILL)

progress.PERIOD_S = 0.0
event_parts.EVENTS_PER_CHUNK, event_parts.EVENTS_PER_PART = 1 << 14, 1 << 16
options = ConversionOptions(form=sys.argv[3], split_bytes=1 << 17)
convert(sys.argv[1], sys.argv[2], options, on_progress=kill)
"""


@pytest.mark.parametrize(('form', 'name'), [('bag', 'bag'), ('dsec', 'out.h5')])
def test_a_killed_conversion_looks_incomplete_and_can_be_resumed(
    form, name, monkeypatch, tmp_path
):
    monkeypatch.setattr(event_parts, 'EVENTS_PER_CHUNK', 1 << 14)
    monkeypatch.setattr(event_parts, 'EVENTS_PER_PART', 1 << 16)
    events = made_events(300_000, max_step_us=2)
    raw, target = tmp_path / 'in.raw', tmp_path / name
    raw.write_bytes(b'% evt 3.0\n% geometry 64x48\n% end\n' + encode('evt3', events, 64, 48))

    killed = subprocess.run([sys.executable, '-c', KILLED, raw, target, form], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    summary = convert(raw, target, ConversionOptions(form=form, split_bytes=1 << 17, resume=True))
    assert summary.num_resumed > 60_000
    assert summary.counts['events'] == len(events)
    np.testing.assert_array_equal(events_of(target), events)
    assert not target.with_name(f'{name}.partial').exists()
