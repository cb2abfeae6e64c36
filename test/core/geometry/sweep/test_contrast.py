"""The clocks of events and poses: an offset is found where the motion changes."""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry import Trajectory
from eventdepth_core.geometry.sweep import clock_offset
import numpy as np
import pytest

from .conftest import CAMERA, ride

OFFSETS_US = np.arange(-12_000, 12_001, 3000)


def _shaking(t_s):
    pose = np.eye(4)
    pose[:3, 3] = 0.02 * np.sin(2 * np.pi * 8 * t_s), 0.015 * np.sin(2 * np.pi * 5 * t_s + 1), 0
    return pose


@pytest.mark.parametrize('offset_us', [-6000, 0, 4500])
def test_the_offset_of_a_shaken_camera_is_found(offset_us):
    shaken = ride(way=_shaking, seconds=0.25)
    events = shaken.events[(shaken.events['t'] > 30_000) & (shaken.events['t'] < 200_000)].copy()
    events['t'] -= offset_us

    found = clock_offset(CAMERA, events, shaken.trajectory, OFFSETS_US)

    assert found.offset_us == pytest.approx(offset_us, abs=1500)
    assert found.gain > 1.05


def test_steady_motion_hides_an_offset(sideways):
    events = sideways.events[(sideways.events['t'] > 20_000) & (sideways.events['t'] < 180_000)]

    found = clock_offset(CAMERA, events, sideways.trajectory, OFFSETS_US)

    assert found.gain < 1.02


def test_times_without_poses_are_refused(sideways):
    with pytest.raises(InputError, match='Expected poses'):
        clock_offset(CAMERA, sideways.events, Trajectory(), OFFSETS_US)


def test_two_offsets_are_not_enough(sideways):
    with pytest.raises(InputError, match='Expected at least 3 offsets'):
        clock_offset(CAMERA, sideways.events, sideways.trajectory, OFFSETS_US[:2])
