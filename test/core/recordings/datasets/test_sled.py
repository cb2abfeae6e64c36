"""SLED: consent, the allow-list, CARLA's depth code, and the LiDAR at the camera."""

import os
import pickle
from zipfile import ZipFile

from eventdepth_core.errors import RecordingError
from eventdepth_core.geometry import project_points, transform_points
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.datasets.options import DatasetOptions
from eventdepth_core.types import DepthSample, EventSlice, ImageSample, PointsSample
from layouts.sled import pairs, write_sled
import numpy as np
import pytest

CONSENT = DatasetOptions(allow_pickled_arrays=True)


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp('sled') / 'Town01_00.npz'
    return path, write_sled(path)


@pytest.fixture(scope='module')
def samples(written):
    with open_recording(written[0], dataset=CONSENT) as recording:
        return list(recording.samples())


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


def test_pickled_arrays_are_not_read_without_consent(written):
    with pytest.raises(RecordingError, match='--allow-pickled-arrays'):
        open_recording(written[0])


def test_events_in_nanoseconds_come_in_whole_microseconds(written, samples):
    events = np.concatenate([each.events for each in of_kind(samples, EventSlice)])

    np.testing.assert_array_equal(events['t'], written[1]['t'] // 1000)
    np.testing.assert_array_equal(events['x'], written[1]['x'])
    np.testing.assert_array_equal(events['p'], np.where(written[1]['pol'], 1, -1))


def test_the_code_100000_is_5_96_metres_and_the_far_plane_is_none(samples):
    depth = of_kind(samples, DepthSample)[0]

    assert depth.stamp_us == 5_005_000
    assert depth.depth_m[100, 200] == pytest.approx(5.960465, rel=1e-6)  # 1e8 / (2**24 - 1)
    assert np.isfinite(depth.depth_m).sum() == 1


def test_pictures_lose_their_alpha_and_points_beyond_the_range(samples):
    image, points = of_kind(samples, ImageSample)[0], of_kind(samples, PointsSample)[0]

    np.testing.assert_array_equal(image.image[0, 0], [10, 20, 30])
    np.testing.assert_array_equal(points.points_m, [[10, -1, 2]])


def test_the_point_ahead_right_and_up_is_seen_right_of_and_above_the_middle(written, samples):
    with open_recording(written[0], dataset=CONSENT) as recording:
        rig = recording.rig
    points_m = transform_points(rig.event_from_points, of_kind(samples, PointsSample)[0].points_m)

    depth_m = project_points(points_m, rig.event)

    # f = 640 px: 639.5 + 640 / 10 and 359.5 - 640 * 2 / 10
    row, column = np.argwhere(np.isfinite(depth_m))[0]
    assert row in {231, 232}
    assert column in {703, 704}
    assert depth_m[row, column] == pytest.approx(10.0)


class Malicious:
    """Makes the file `marker` where a pickle of it is loaded."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize('is_array', [True, False])
def test_a_malicious_pickle_is_refused_before_it_acts(tmp_path, is_array):
    marker = tmp_path / 'marker'
    bad = pairs([(Malicious(marker), 5.0)])
    path = tmp_path / 'bad.npz'
    np.savez(path, events=bad, lidar_clouds=pairs([(np.zeros(3), 5.0)]))
    if not is_array:
        with ZipFile(path) as archive:
            header, clouds = archive.read('events.npy')[:128], archive.read('lidar_clouds.npy')
        with ZipFile(path, 'w') as archive:
            archive.writestr('events.npy', header + pickle.dumps(Malicious(marker)))
            archive.writestr('lidar_clouds.npy', clouds)

    with (
        open_recording(path, dataset=CONSENT) as recording,
        pytest.raises(RecordingError, match=r'asks for posix.mkdir: the file is refused'),
    ):
        list(recording.samples())

    assert not marker.exists()


def test_a_cut_file_is_a_clear_error(written, tmp_path):
    path = tmp_path / 'cut.npz'
    with ZipFile(written[0]) as archive, ZipFile(path, 'w') as cut:
        for name in archive.namelist():
            cut.writestr(name, archive.read(name)[:400])

    with (
        open_recording(path, dataset=CONSENT) as recording,
        pytest.raises(RecordingError, match=r'Expected .* in .*cut.npz'),
    ):
        list(recording.samples())


def test_arrays_of_objects_within_are_refused(tmp_path):
    path = tmp_path / 'odd.npz'
    inner = np.array([None, None], object)
    np.savez(path, events=pairs([(inner, 5.0)]), lidar_clouds=pairs([(np.zeros(3), 5.0)]))

    with (
        open_recording(path, dataset=CONSENT) as recording,
        pytest.raises(RecordingError, match='Expected pairs of an array and a time'),
    ):
        list(recording.samples())
