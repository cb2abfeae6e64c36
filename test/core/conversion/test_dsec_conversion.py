"""Recordings into DSEC's layout: bytes of the format, interrupted runs, images, calibration."""

from conversion_cases import (
    convert_memory,
    events_of,
    h5_events,
    made_events,
    MemoryRecording,
    slices_of,
)
import cv2
from eventdepth_core.conversion import ConversionOptions, convert, event_parts
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import McapRecorder, open_recording, read_camera
from eventdepth_core.recordings.definitions import EVENT_PACKET
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawEventPacket
from eventdepth_core.types import EVENT_DTYPE, EventSlice, ImageSample
import h5py
from layouts.dsec import write_dsec
import numpy as np
import pytest

DSEC = ConversionOptions(form='dsec')
REAL = (
    'event_bags/evt3_vga', 'event_bags/libcaer_cmp_davis346', 'event_bags/libcaer_rollover',
    'event_bags/mono', 'davis346_aedat4/sample.aedat4', 'slider_depth',
)  # fmt: skip
BLOSC = 32001
BLOSC_ZSTD = 5


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of 1024 events in chunks of 256, so that a small stream has several."""
    monkeypatch.setattr(event_parts, 'EVENTS_PER_CHUNK', 256)
    monkeypatch.setattr(event_parts, 'EVENTS_PER_PART', 1024)


@pytest.mark.parametrize('name', REAL)
def test_a_real_recording_comes_back_event_by_event(name, data_root, tmp_path):
    events = events_of(data_root / name)

    convert(data_root / name, tmp_path / 'out.h5')
    convert(data_root / name, tmp_path / 'sequence', DSEC)

    for path in (tmp_path / 'out.h5', tmp_path / 'sequence' / 'events' / 'left' / 'events.h5'):
        np.testing.assert_array_equal(h5_events(path)[0], events)
    np.testing.assert_array_equal(events_of(tmp_path / 'out.h5'), events)


def test_the_file_is_as_dsec_has_it(tmp_path):
    events = np.zeros(4, EVENT_DTYPE)
    events['t'] = [5_000_300, 5_001_299, 5_001_300, 5_004_301]
    events['x'], events['y'], events['p'] = [1, 2, 3, 4], [5, 6, 7, 8], [1, -1, 1, -1]

    convert_memory(MemoryRecording(tmp_path / 'in', slices_of(events, 4)), tmp_path / 'out.h5')

    with h5py.File(tmp_path / 'out.h5') as file:
        assert set(file) == {'events', 'ms_to_idx', 't_offset'}
        assert file['t_offset'][()] == 5_000_300
        assert file['events/t'][:].tolist() == [0, 999, 1000, 4001]
        assert file['events/p'][:].tolist() == [1, 0, 1, 0]
        assert file['ms_to_idx'][:].tolist() == [0, 2, 3, 3, 3]
        types = {name: file[f'events/{name}'].dtype.str for name in 'ptxy'}
        assert types == {'p': '|u1', 't': '<u4', 'x': '<u2', 'y': '<u2'}
        number, _, values, _ = file['events/t'].id.get_create_plist().get_filter(0)
        assert (number, values[6]) == (BLOSC, BLOSC_ZSTD)


@pytest.mark.parametrize('num_events', [0, 1, 255, 1024, 1025, 5000])
def test_the_table_of_milliseconds_keeps_its_rule_over_parts(num_events, small_parts, tmp_path):
    made = made_events(num_events, max_step_us=900)
    samples = slices_of(made, 333) or [EventSlice(made, 64, 48)]

    convert_memory(MemoryRecording(tmp_path / 'in', samples), tmp_path / 'out.h5', DSEC)

    events, table = h5_events(tmp_path / 'out.h5')
    np.testing.assert_array_equal(events, made)
    times_us = events['t'] - events['t'][0] if num_events else np.zeros(0, np.int64)
    expected = [int((times_us < 1000 * ms).sum()) for ms in range(len(table))]
    assert table.tolist() == expected
    assert len(table) == (int(times_us[-1]) // 1000 + 1 if num_events else 1)


def recording_with_images(path, **options):
    rng = np.random.default_rng(3)
    samples = []
    for each in slices_of(made_events(6000), 400):
        picture = rng.integers(0, 256, (48, 64, 3), np.uint8)
        samples += [each, ImageSample(picture, int(each.events['t'][-1]) + 1)]
    return MemoryRecording(path, samples, **options)


def contents_of(folder):
    """Return what lies in a sequence: arrays of the events, bytes of the rest."""
    files = {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob('*')
        if file.is_file() and file.suffix != '.h5'
    }
    events, table = h5_events(folder / 'events' / 'left' / 'events.h5')
    return files, events.tolist(), table.tolist()


@pytest.mark.parametrize('breaks_at', [[1], [9], [20, 12, 28]])
def test_an_interrupted_conversion_resumed_holds_what_one_that_was_not_does(
    breaks_at, small_parts, tmp_path
):
    source, target = tmp_path / 'in', tmp_path / 'sequence'
    convert_memory(recording_with_images(source), tmp_path / 'whole', DSEC)
    options = ConversionOptions(form='dsec', resume=True)

    for place in breaks_at:
        with pytest.raises(KeyboardInterrupt):
            convert_memory(recording_with_images(source, breaks_at=place), target, options)
        assert not target.exists()
    summary = convert_memory(recording_with_images(source), target, options)

    assert contents_of(target) == contents_of(tmp_path / 'whole')
    assert (summary.num_resumed > 0) == (max(breaks_at) > 6)
    assert summary.counts == {'events': 6000, 'image': 15}
    assert not target.with_name('sequence.partial').exists()


def test_images_keep_their_pixels_and_stamps(tmp_path):
    recording = recording_with_images(tmp_path / 'in')

    convert_memory(recording, tmp_path / 'sequence', DSEC)

    sent = [each for each in recording.samples() if isinstance(each, ImageSample)]
    stamps = (tmp_path / 'sequence' / 'images' / 'timestamps.txt').read_text().split()
    assert [int(stamp) for stamp in stamps] == [each.stamp_us for each in sent]
    files = sorted((tmp_path / 'sequence' / 'images' / 'left').rglob('*.png'))
    assert [file.name for file in files] == [f'{i:06d}.png' for i in range(15)]
    for file, each in zip(files, sent, strict=True):
        rgb = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(rgb, each.image)


def test_a_sequence_survives_the_way_into_a_bag_and_back(tmp_path):
    written = write_dsec(tmp_path / 'sequence', num_disparities=1)
    convert(written.folder, tmp_path / 'bag')

    convert(tmp_path / 'bag', tmp_path / 'back')

    np.testing.assert_array_equal(events_of(tmp_path / 'back'), events_of(written.folder))
    before, after = (
        read_camera(folder / 'calibration' / 'cam_to_cam.yaml')
        for folder in (written.folder, tmp_path / 'back')
    )
    assert after.image == before.image
    assert after.rectification.camera == before.rectification.camera
    np.testing.assert_allclose(after.event_from_image, before.event_from_image, atol=1e-12)
    maps = []
    for folder in (written.folder, tmp_path / 'back'):
        with h5py.File(folder / 'events' / 'left' / 'rectify_map.h5') as file:
            maps.append(file['rectify_map'][:])
    np.testing.assert_allclose(maps[1], maps[0], atol=1e-3)
    with open_recording(tmp_path / 'back') as recording:
        images = [each for each in recording.samples() if isinstance(each, ImageSample)]
    assert [each.stamp_us for each in images] == written.image_stamps_us.tolist()


def test_events_of_a_driver_get_the_clock_of_the_images(tmp_path):
    from eventdepth_core.events import packet_encoder
    from eventdepth_core.recordings.image_codec import raw_image

    events, host_us = made_events(4000, start_us=7_000), 1_764_000_000_000_000
    encoder = packet_encoder('evt3', 64, 48)
    with McapRecorder(tmp_path / 'bag') as recorder:
        for i, each in enumerate(slices_of(events, 100)):
            delay_us = 300 + 50 * (i % 3)
            stamp_ns = 1000 * (host_us + int(each.events['t'][-1]) + delay_us)
            packet = RawEventPacket(
                Header(stamp_ns, 'cam'), 48, 64, i, 0, 'evt3', encoder.encode(each.events)
            )
            recorder.write('/cam/events', EVENT_PACKET, encode_message(packet), stamp_ns)
        picture = raw_image(np.zeros((48, 64), np.uint8), 'mono8', Header(stamp_ns, 'cam'))
        recorder.write('/cam/image', 'sensor_msgs/msg/Image', encode_message(picture), stamp_ns)

    summary = convert(tmp_path / 'bag', tmp_path / 'sequence')
    alone = convert(tmp_path / 'bag', tmp_path / 'alone.h5')

    assert summary.clock_offset_us == host_us + 300
    found, _ = h5_events(tmp_path / 'sequence' / 'events' / 'left' / 'events.h5')
    np.testing.assert_array_equal(found['t'], events['t'] + host_us + 300)
    assert alone.clock_offset_us == 0
    np.testing.assert_array_equal(h5_events(tmp_path / 'alone.h5')[0], events)


def test_more_than_32_bits_of_time_are_refused(tmp_path):
    events = np.array([(5, 1, 1, 1), (5 + (1 << 32), 1, 1, 1)], EVENT_DTYPE)
    recording = MemoryRecording(tmp_path / 'in', slices_of(events, 2))

    with pytest.raises(RecordingError, match=r'2\^32 µs'):
        convert_memory(recording, tmp_path / 'out.h5')

    assert not (tmp_path / 'out.h5').exists()


def test_an_existing_file_is_replaced_when_asked_for(tmp_path):
    (tmp_path / 'out.h5').write_bytes(b'mine')
    events = made_events(50)
    recording = MemoryRecording(tmp_path / 'in', slices_of(events, 20))

    with pytest.raises(RecordingError, match='Expected nothing at'):
        convert_memory(recording, tmp_path / 'out.h5')
    convert_memory(recording, tmp_path / 'out.h5', ConversionOptions(overwrite=True))

    np.testing.assert_array_equal(h5_events(tmp_path / 'out.h5')[0], events)
