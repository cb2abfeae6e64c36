"""Text folders: events, images and poses of one camera merged in time."""

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import assumed_camera, open_recording
from eventdepth_core.recordings.merging import MAX_SLICE_EVENTS
from eventdepth_core.types import Camera, EventSlice, ImageSample, PoseSample
import numpy as np
import pytest

NUM_EVENTS = 20_000


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(5)
    times = np.sort(rng.integers(0, 1_000_000, NUM_EVENTS))
    x, y, p = (rng.integers(0, high, NUM_EVENTS) for high in (24, 18, 2))
    rows = zip(times.tolist(), x.tolist(), y.tolist(), p.tolist(), strict=True)
    lines = [f'{t / 1e6:.9f} {i} {j} {k}\n' for t, i, j, k in rows]
    (tmp_path / 'events.txt').write_text(''.join(lines))
    (tmp_path / 'images').mkdir()
    for i in range(5):
        picture = np.full((18, 24), 40 * i, np.uint8)
        cv2.imwrite(str(tmp_path / 'images' / f'{i}.png'), picture)
    (tmp_path / 'images.txt').write_text(
        ''.join(f'{0.25 * i:.6f} images/{i}.png\n' for i in range(5))
    )
    (tmp_path / 'groundtruth.txt').write_text(
        ''.join(f'{0.1 * i + 0.05:.6f} {i} 0 0 0 0 0 1\n' for i in range(9))
    )
    (tmp_path / 'calib.txt').write_text('20 21 11.5 8.5 -0.1 0.05 0.001 0.002 0.0\n')
    return tmp_path


def test_everything_in_the_folder_is_read(folder):
    with open_recording(folder) as recording:
        samples = list(recording.samples())

    slices = [each for each in samples if isinstance(each, EventSlice)]
    images = [each for each in samples if isinstance(each, ImageSample)]
    poses = [each for each in samples if isinstance(each, PoseSample)]
    assert sum(len(each.events) for each in slices) == NUM_EVENTS
    assert max(len(each.events) for each in slices) <= MAX_SLICE_EVENTS
    assert [int(each.image[0, 0]) for each in images] == [0, 40, 80, 120, 160]
    assert [each.stamp_us for each in images] == [0, 250_000, 500_000, 750_000, 1_000_000]
    assert [each.world_from_camera[0, 3] for each in poses] == list(range(9))
    assert not recording.dropped
    assert recording.kind == 'text'


def test_a_sample_comes_between_the_events_before_and_from_its_stamp(folder):
    newest_us, last_stamp_us = -1, -1
    with open_recording(folder) as recording:
        for sample in recording.samples():
            if isinstance(sample, EventSlice):
                assert sample.events['t'][0] >= max(newest_us, last_stamp_us)
                assert (np.diff(sample.events['t']) >= 0).all()
                newest_us = sample.events['t'][-1]
            else:
                assert newest_us < sample.stamp_us
                assert last_stamp_us <= sample.stamp_us
                last_stamp_us = sample.stamp_us


def test_rig_and_streams_say_what_is_there(folder):
    with open_recording(folder) as recording:
        camera = Camera(24, 18, 20.0, 21.0, 11.5, 8.5, (-0.1, 0.05, 0.001, 0.002, 0.0))
        assert (recording.rig.event, recording.rig.image) == (camera, None)
        assert recording.camera_source == 'recording'
        assert {name: each.count for name, each in recording.streams.items()} == {
            'events': None, 'image': 5, 'pose': 9,
        }  # fmt: skip
        assert (recording.start_us, recording.end_us) == (0, 1_000_000)


def test_without_images_the_events_give_the_size(folder):
    for name in ('images.txt', 'groundtruth.txt', 'calib.txt'):
        (folder / name).unlink()

    with open_recording(folder) as recording:
        assert (recording.streams['events'].height, recording.streams['events'].width) == (18, 24)
        assert (recording.rig, recording.camera_source) == (None, 'none')


def test_a_lone_event_file_takes_the_size_of_the_camera(folder, tmp_path):
    for name in ('images.txt', 'calib.txt'):
        (folder / name).unlink()

    with open_recording(folder / 'events.txt', camera=assumed_camera(64, 48, 60.0)) as recording:
        sample = next(recording.samples())

    assert (sample.width, sample.height) == (64, 48)
    assert recording.camera_source == 'file'


def test_events_outside_the_sensor_are_counted(folder):
    with (folder / 'events.txt').open('a') as file:
        file.write('1.5 24 3 1\n1.5 3 18 1\n1.5 3 3 1\n')

    with open_recording(folder) as recording:
        samples = list(recording.samples())

    assert len(samples[-1].events) == 1
    assert recording.dropped == {'out_of_sensor': 2}


def test_bad_images_lines_and_poses_are_counted(folder):
    (folder / 'images' / '2.png').write_bytes(b'no picture')
    with (folder / 'images.txt').open('a') as file:
        file.write('now images/1.png\n1.2 images/missing.png\n')
    with (folder / 'groundtruth.txt').open('a') as file:
        file.write('1.3 1 2 3\n1.4 0 0 0 0 0 0 0\n')

    with open_recording(folder) as recording:
        for _ in range(2):
            num_images = sum(isinstance(each, ImageSample) for each in recording.samples())

    assert num_images == 4
    assert recording.dropped == {'unreadable_image': 2, 'bad_line': 2, 'undecodable': 1}


def test_a_folder_of_images_alone_has_an_image_camera(folder):
    (folder / 'events.txt').unlink()

    with open_recording(folder) as recording:
        assert recording.rig.event is None
        assert recording.rig.image.size == (18, 24)
        assert len(list(recording.samples())) == 14


@pytest.mark.parametrize('text', ['', '1 2 3', 'fx fy cx cy', '-20 21 1 1', '20 21 11 nan'])
def test_a_calibration_that_is_none_names_the_file(folder, text):
    (folder / 'calib.txt').write_text(text)

    with pytest.raises(RecordingError, match=r'Expected fx fy cx cy .* in .*calib.txt'):
        open_recording(folder)


def test_events_without_a_line_are_a_clear_error(tmp_path):
    (tmp_path / 'events.txt').write_text('nothing\n')

    with pytest.raises(RecordingError, match='Expected lines "t x y p"'):
        open_recording(tmp_path)
