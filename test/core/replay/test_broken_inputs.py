"""Each broken input costs one clear error or one counted drop, and the replay goes on."""

from dataclasses import replace as changed

from eventdepth_core.errors import BundleError, CameraFileError, ChecksumError, RecordingError
from eventdepth_core.recordings import McapRecorder
from eventdepth_core.replay import replay, ReplayOptions
from mcap.reader import make_reader
import numpy as np
import pytest


@pytest.fixture
def make_damaged_bag(make_bag, tmp_path):
    """Return a function that rewrites a bag with an edit of its n-th event packet."""
    from eventdepth_core.recordings.message_codecs import decode_message, encode_message

    def damaged(edit, *, nth=7, **content):
        path = tmp_path / 'damaged.mcap'
        seen = 0
        with (
            make_bag(**content).open('rb') as file,
            McapRecorder(path) as recorder,
        ):
            for schema, channel, message in make_reader(file).iter_messages():
                raw = message.data
                if channel.topic == '/events':
                    if seen == nth:
                        raw = encode_message(edit(decode_message(schema.name, raw)))
                    seen += 1
                recorder.write(channel.topic, schema.name, raw, message.log_time)
        return path

    return damaged


def test_a_truncated_bag_is_replayed_up_to_the_cut(make_bag, run):
    bag = make_bag(events=None, image_stamps_us=tuple(range(1_000_000, 3_000_000, 10_000)))
    whole = bag.read_bytes()
    bag.write_bytes(whole[: len(whole) // 2])

    summary = run(bag, trigger='rate')

    assert summary.drops['truncated'] >= 1
    assert 0 < summary.counts.num_images < 200
    assert summary.counts.num_frames > 0


def test_random_bytes_in_a_packet_do_not_stop_the_replay(make_damaged_bag, run, bar_events):
    noise = np.random.default_rng(3).integers(0, 256, 999, np.uint8).tobytes()

    summary = run(make_damaged_bag(lambda packet: changed(packet, payload=noise)))

    assert summary.counts.num_frames >= 4
    assert summary.counts.decoding.num_reserved > 0
    assert summary.counts.num_packets == 26


def test_a_packet_of_unknown_encoding_is_one_counted_drop(make_damaged_bag, run):
    summary = run(make_damaged_bag(lambda packet: changed(packet, encoding='evt9'), nth=0))

    assert summary.drops == {'unknown_encoding': 1}
    assert summary.counts.num_packets == 25
    assert summary.counts.num_frames == 5


def test_a_packet_of_another_encoding_is_one_counted_drop(make_damaged_bag, run):
    summary = run(make_damaged_bag(lambda packet: changed(packet, encoding='mono')))

    assert summary.drops == {'stream_changed': 1}
    assert summary.counts.num_packets == 25
    assert summary.incomplete['bad_packet'] == 1


def test_a_packet_of_another_size_is_one_counted_drop(make_damaged_bag, run):
    summary = run(make_damaged_bag(lambda packet: changed(packet, width=65)))

    assert summary.drops == {'stream_changed': 1}
    assert summary.counts.num_packets == 25
    assert summary.counts.num_frames == 5


def test_a_gap_in_the_sequence_is_counted_and_marks_the_window(make_damaged_bag, run):
    bag = make_damaged_bag(lambda packet: changed(packet, seq=packet.seq + 1), nth=25)

    summary = run(bag)

    assert summary.counts.num_sequence_gaps == 1
    assert summary.counts.num_frames == 5


def test_a_lost_packet_marks_the_windows_it_touches(make_bag, run, bar_events):
    gone = bar_events[(bar_events['t'] < 1_103_000) | (bar_events['t'] >= 1_113_000)]

    summary = run(make_bag(events=gone))

    assert summary.counts.num_sequence_gaps == 1
    assert summary.incomplete['sequence_gap'] == 1


def test_images_whose_stamps_jump_back_are_a_counted_discontinuity(make_bag, run, tmp_path):
    stamps_us = (10_000_000, 10_040_000, 10_080_000, 1_000_000, 1_040_000)
    bag = tmp_path / 'jump.mcap'
    with make_bag(events=None, image_stamps_us=stamps_us).open('rb') as file:
        messages = list(make_reader(file).iter_messages())
    messages.sort(key=lambda each: (each[1].topic == '/image', each[2].log_time < 5_000_000_000))
    with McapRecorder(bag) as recorder:
        for i, (schema, channel, message) in enumerate(messages):
            recorder.write(channel.topic, schema.name, message.data, 1_000_000 * i)

    summary = run(bag, trigger='image')

    assert summary.discontinuities == ()
    assert summary.counts.num_discontinuities == 1


def test_images_of_another_size_than_the_camera_stay_out_and_are_counted(make_bag, run):
    bag = make_bag(encoding='mono', image_stamps_us=(1_040_000,), image_size=(40, 64))

    summary = run(bag)

    assert summary.drops == {'not_calibrated': 1}
    assert summary.modalities == {'events': 5}


def test_a_missing_recording_is_a_clear_error(run, tmp_path):
    with pytest.raises(RecordingError, match=r'got nothing at .*absent'):
        run(tmp_path / 'absent')


def test_a_missing_bundle_is_a_clear_error(make_bag, tmp_path):
    with pytest.raises(BundleError, match="got 'no-such-bundle'"):
        replay(make_bag(), 'no-such-bundle', tmp_path / 'out')


def test_a_missing_graph_is_a_clear_error(make_bag, tiny_folder, tmp_path):
    (tiny_folder / 'fuse_decode.onnx').unlink()

    with pytest.raises(BundleError, match=r'fuse_decode\.onnx, got no such file'):
        replay(make_bag(), tiny_folder, tmp_path / 'out')


def test_a_changed_graph_is_a_clear_error(make_bag, tiny_folder, tmp_path):
    with (tiny_folder / 'complete.onnx').open('ab') as file:
        file.write(b'x')

    with pytest.raises(ChecksumError, match=r'Expected sha256 .*complete\.onnx, got'):
        replay(make_bag(), tiny_folder, tmp_path / 'out')


def test_an_unreadable_camera_file_is_a_clear_error(make_bag, run, tmp_path):
    camera = tmp_path / 'camera.yaml'
    camera.write_text('cam0: {intrinsics: [1, 2')

    with pytest.raises(CameraFileError, match=r'camera\.yaml'):
        run(make_bag(camera=None), camera_path=camera)


def test_a_camera_of_another_size_is_a_clear_error(make_bag, run, tmp_path):
    camera = tmp_path / 'camera.yaml'
    camera.write_text(
        'cam0:\n  camera_model: pinhole\n  intrinsics: [60, 60, 31, 23]\n'
        '  distortion_model: radtan\n  distortion_coeffs: [0, 0, 0, 0]\n  resolution: [65, 48]\n'
    )

    with pytest.raises(CameraFileError, match='64 x 48'):
        run(make_bag(camera=None), camera_path=camera)


def test_after_an_error_there_is_no_finished_bag(make_bag, tiny_bundle, tmp_path):
    def stop(progress):
        if progress.num_samples == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(make_bag(), tiny_bundle, tmp_path / 'out', ReplayOptions(), on_progress=stop)

    assert not (tmp_path / 'out' / 'depth.mcap').exists()
