"""Scanning LiDARs: patterns, points of a moving robot, lost pulses, the message."""

from dataclasses import replace
from functools import cache

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.messages import Header
from eventdepth_core.recordings.point_codec import points_from_raw
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.families import Layout
from training.simulate.lidar_patterns import SpinningPattern
from training.simulate.lidar_presets import LIDAR_PRESETS
from training.simulate.lidar_scan import lidar_scan, ScanningLidar
from training.simulate.path import SmoothPath
from training.simulate.scan_message import raw_scan
from training.simulate.scene import dress_layout
from training.simulate.solids import Pose, rotation_about, Shape, solid
from training.simulate.textures import texture_pool

NONE = np.zeros(3)
EXACT = {'range_sigma_m': 0.0, 'divergence_mrad': 0.0, 'dropout': 0.0, 'fading': 0.0}


def moving(velocity_m_s):
    start = Pose(np.eye(3), np.zeros(3))
    return SmoothPath(start, np.array(velocity_m_s), NONE, NONE, NONE, NONE, NONE, NONE)


@cache
def pool():
    return texture_pool(np.random.default_rng(0), 'val')


def scene_of(*solids):
    return dress_layout(np.random.default_rng(0), Layout(solids, (1, 1, 1), 1.0), pool())


@pytest.fixture(scope='module')
def wall():
    return scene_of(solid(Shape.BOX, (0, 0, 11.0), (90, 90, 1.0)))


@pytest.mark.parametrize('name', LIDAR_PRESETS)
def test_pulses_are_unit_vectors_in_the_order_of_time(name):
    lidar = LIDAR_PRESETS[name]

    pulses = lidar.pattern.pulses(300_000, lidar.period_us)

    assert len(pulses.t_us) > 4000
    np.testing.assert_allclose(np.linalg.norm(pulses.directions, axis=1), 1.0, atol=1e-12)
    assert (np.diff(pulses.t_us) >= 0).all()
    assert 0 <= pulses.t_us[0] <= pulses.t_us[-1] < lidar.period_us


@pytest.mark.parametrize(
    ('name', 'count', 'low_deg', 'high_deg'),
    [('vlp16', 16, -15.0, 15.0), ('vlp32', 32, -25.0, 15.0), ('hdl64', 64, -24.8, 2.0)],
)
def test_rings_have_the_elevations_of_the_data_sheet(name, count, low_deg, high_deg):
    pulses = LIDAR_PRESETS[name].pattern.pulses(0, 100_000)

    elevation_deg = np.rad2deg(np.arcsin(pulses.directions[:, 2]))
    of_ring = [np.unique(elevation_deg[pulses.ring == ring].round(6)) for ring in range(count)]
    assert [len(each) for each in of_ring] == [1] * count
    assert (np.diff(np.concatenate(of_ring)) > 0).all()
    assert of_ring[0][0] == pytest.approx(low_deg)
    assert of_ring[-1][0] == pytest.approx(high_deg)


def test_a_turn_covers_all_azimuths_clockwise():
    pulses = SpinningPattern((0.0,), azimuth_step_deg=1.0).pulses(0, 100_000)

    azimuth = np.arctan2(pulses.directions[:, 1], pulses.directions[:, 0])
    assert len(azimuth) == 360
    assert np.rad2deg(np.diff(np.unwrap(azimuth))) == pytest.approx(-1.0)


def test_a_rosette_fills_its_circle_without_repeating():
    lidar = LIDAR_PRESETS['rosette']

    scans = [
        lidar.pattern.pulses(start, 100_000).directions for start in range(0, 500_000, 100_000)
    ]

    off_axis_deg = np.rad2deg(np.arccos(np.concatenate(scans)[:, 0]))
    assert 18.5 < off_axis_deg.max() <= 19.2 + 1e-9
    shares = [_filled_share(scans[:count]) for count in (1, 2, 5)]
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 0.9


def _filled_share(scans):
    cells = np.rad2deg(np.concatenate(scans)[:, 1:])
    grid, _, _ = np.histogram2d(*cells.T, bins=64, range=[(-19, 19), (-19, 19)])
    centre = (np.arange(64) + 0.5) / 64 * 38 - 19
    inside = np.hypot(*np.meshgrid(centre, centre)) < 17
    return (grid[inside] > 0).mean()


@pytest.mark.parametrize('name', ['vlp16', 'rosette', 'raster'])
def test_each_point_is_measured_from_where_the_robot_then_was(wall, name):
    lidar = replace(LIDAR_PRESETS[name], **EXACT)

    scan = lidar_scan(np.random.default_rng(0), lidar, wall, moving((0, 0, 20.0)), 100_000)

    ahead = np.abs(np.arctan2(scan.points_m[:, 1], scan.points_m[:, 0])) < 1.2
    expected_m = 10.0 - 20.0 * (0.1 + 1e-6 * scan.t_us[ahead])
    assert ahead.sum() > 2000
    assert np.ptp(expected_m) > 0.5
    np.testing.assert_allclose(scan.points_m[ahead, 0], expected_m, atol=1e-5)


def test_undoing_the_motion_puts_all_points_on_the_surface():
    ball = scene_of(solid(Shape.ELLIPSOID, (1.0, 0.5, 8.0), (2.0, 2.0, 2.0)))
    path = SmoothPath(
        Pose(rotation_about((0.1, 0.2, 0.3)), np.array([0.3, 0.1, 0.0])),
        *(np.array([1.0, 0.5, 2.0]), NONE, NONE, NONE),
        *(np.array([0.3, 0.2, 0.1]), np.array([2.0, 1.5, 1.0]), NONE),
    )
    lidar = replace(LIDAR_PRESETS['os64'], **EXACT)

    scan = lidar_scan(np.random.default_rng(0), lidar, ball, path, 0)

    def radius_m(times_us):
        mounts = [path.pose(t * 1e-6).matrix @ lidar.camera_from_lidar for t in times_us]
        points = [m[:3, :3] @ p + m[:3, 3] for m, p in zip(mounts, scan.points_m, strict=True)]
        return np.linalg.norm(np.array(points) - (1.0, 0.5, 8.0), axis=1)

    assert len(scan.points_m) > 300
    np.testing.assert_allclose(radius_m(scan.t_us), 2.0, atol=1e-5)
    assert np.abs(radius_m(0 * scan.t_us) - 2.0).max() > 0.05


def test_far_and_slanted_surfaces_return_less():
    def share(distance_m, slant_rad):
        turned = rotation_about((0.0, slant_rad, 0.0))
        half = (900.0, 900.0, 0.001)
        surface = scene_of(solid(Shape.BOX, (0, 0, distance_m), half, rotation=turned))
        pattern = SpinningPattern((0.0, 0.5, 1.0), azimuth_step_deg=0.01, half_sector_deg=2.0)
        lidar = ScanningLidar(pattern, dropout=0.0, max_range_m=100.0, height_m=0.0)
        pulses = len(pattern.pulses(0, lidar.period_us).t_us)
        scan = lidar_scan(np.random.default_rng(1), lidar, surface, moving(NONE), 0)
        return len(scan.points_m) / pulses

    assert share(10.0, 0.0) == 1.0
    assert share(100.0, 0.0) == pytest.approx(0.5, abs=0.05)
    assert share(300.0, 0.0) < 0.01
    assert share(80.0, 1.2) < share(80.0, 0.8) < share(80.0, 0.0) - 0.1


def test_noise_grows_with_slant(wall):
    lidar = replace(LIDAR_PRESETS['vlp16'], dropout=0.0, fading=0.0, divergence_mrad=5.0)
    exact = replace(lidar, range_sigma_m=0.0, divergence_mrad=0.0)

    noisy, clean = (
        lidar_scan(np.random.default_rng(0), each, wall, moving(NONE), 0)
        for each in (lidar, exact)
    )

    error_m = np.linalg.norm(noisy.points_m, axis=1) - np.linalg.norm(clean.points_m, axis=1)
    cosine = clean.points_m[:, 0] / np.linalg.norm(clean.points_m, axis=1)
    assert error_m[cosine > 0.98].std() == pytest.approx(0.03, rel=0.1)
    assert error_m[cosine < 0.3].std() > 0.06


@pytest.mark.parametrize(('name', 'time_field'), [('os64', 't'), ('vlp16', 'time')])
def test_the_message_keeps_points_and_their_times(wall, name, time_field):
    rng = np.random.default_rng(0)
    scan = lidar_scan(rng, LIDAR_PRESETS[name], wall, moving(NONE), 300_000)

    cloud = raw_scan(scan, Header())

    assert np.array_equal(points_from_raw(cloud), scan.points_m)
    assert [each.name for each in cloud.fields] == ['x', 'y', 'z', time_field, 'ring']
    words = np.frombuffer(cloud.points, '<u4').reshape(len(scan.t_us), -1)
    if time_field == 't':
        assert scan.stamp_us == 300_000
        t_us = words[:, 3] / 1000
    else:
        assert scan.stamp_us == 400_000
        t_us = 100_000 + 1e6 * words[:, 3].copy().view('<f4')
    np.testing.assert_allclose(t_us, scan.t_us, atol=0.01)
    assert np.array_equal(words[:, 4], scan.ring)


@pytest.mark.parametrize(
    ('wrong', 'text'),
    [({'period_us': 0}, 'period_us > 0'), ({'min_range_m': 200.0}, 'min_range_m < max_range_m')],
)
def test_a_wrong_lidar_is_one_clear_error(wrong, text):
    with pytest.raises(InputError, match=text):
        replace(LIDAR_PRESETS['vlp16'], **wrong)
