"""E2Depth, DENSE, EventScape: stamps that agree, far planes, units of time, tensors apart."""

from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import DepthSample, EventSlice, ImageSample
from layouts.frames import write_e2depth, write_eventscape, write_stamps
import numpy as np
import pytest


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


def test_depth_and_pictures_come_at_the_stamps_of_their_index(tmp_path):
    with open_recording(write_e2depth(tmp_path)) as recording:
        samples = list(recording.samples())

    depths, images = of_kind(samples, DepthSample), of_kind(samples, ImageSample)
    assert [each.stamp_us for each in depths] == [10_000_000, 10_050_000, 10_100_000]
    assert depths[1].depth_m[5, 5] == 8.5
    np.testing.assert_array_equal(images[2].image[0, 0], [3, 2, 2])
    assert recording.rig is None


def test_the_far_plane_is_no_depth(tmp_path):
    with open_recording(write_e2depth(tmp_path)) as recording:
        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m

    assert np.isnan(depth_m[0, :2]).all()
    assert depth_m[0, 2] == 999.0


def test_voxel_tensors_are_no_events_and_come_with_a_named_convention(tmp_path):
    with open_recording(write_e2depth(tmp_path)) as recording:
        assert 'events' not in recording.streams
        assert 'no events any more' in recording.remarks[0]
        tensor = recording.event_tensor(1, convention='e2vid')
        with pytest.raises(InputError, match="got 'unknown'"):
            recording.event_tensor(1, convention='unknown')

    assert tensor.shape == (5, 256, 512)
    assert tensor[2, 3, 4] == 1.25


def test_streams_whose_stamps_contradict_each_other_are_refused(tmp_path):
    write_e2depth(tmp_path)
    write_stamps(tmp_path / 'events' / 'voxels', (10.0, 10.05, 10.2))

    with pytest.raises(RecordingError, match=r'Expected frame 2 at 10.1 s .* got 10.2 s'):
        open_recording(tmp_path)


@pytest.mark.parametrize('unit_per_s', [1e6, 1e9])
def test_raw_events_are_read_in_the_unit_that_fits_the_stamps(tmp_path, unit_per_s):
    with open_recording(write_eventscape(tmp_path, unit_per_s)) as recording:
        slices = of_kind(recording.samples(), EventSlice)

    events = np.concatenate([each.events for each in slices])
    assert len(events) == 1200
    assert 9_950_000 <= events['t'][0] < 9_960_000
    assert set(events['p']) == {-1, 1}


def test_times_of_events_that_fit_no_unit_are_refused(tmp_path):
    with pytest.raises(RecordingError, match='that fit the stamps in one unit'):
        open_recording(write_eventscape(tmp_path, 1e7))


def test_a_broken_window_is_counted(tmp_path):
    write_eventscape(tmp_path)
    (tmp_path / 'events' / 'data' / '01_007_0002_events.npz').write_bytes(b'none')

    with open_recording(tmp_path) as recording:
        num_events = sum(len(each.events) for each in of_kind(recording.samples(), EventSlice))

        assert num_events == 800
        assert recording.dropped == {'unreadable_events': 1}


def test_an_object_array_is_not_unpickled(tmp_path):
    write_e2depth(tmp_path)
    place = tmp_path / 'depth' / 'data' / 'depth_0000000001.npy'
    np.save(place, np.array([object()], object), allow_pickle=True)

    with open_recording(tmp_path) as recording:
        assert len(of_kind(recording.samples(), DepthSample)) == 2
        assert recording.dropped == {'unreadable_depth': 1}
