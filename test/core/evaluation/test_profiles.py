"""The registry of profiles."""

from eventdepth_core.errors import ProfileError
from eventdepth_core.evaluation import list_profiles, profile_named
import pytest


def test_every_listed_profile_is_found_under_its_name():
    names = list_profiles()

    assert {'plain', 'kitti_eigen', 'kitti_eigen_metric', 'aligned_median'} <= set(names)
    for name in names:
        assert profile_named(name).name == name
        assert profile_named(name).summary


def test_an_unknown_profile_is_refused_with_the_known_ones():
    with pytest.raises(ProfileError, match=r"out of plain, .*kitti_eigen.*, got 'kitti'"):
        profile_named('kitti')
