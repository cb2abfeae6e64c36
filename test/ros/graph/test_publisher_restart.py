"""A driver in a process of its own that is killed and started again, in real time."""

import itertools

from harness.depth_node import DepthWatch, start_depth
from harness.session import START_S
import pytest

DRIVER = 'harness.driver'


@pytest.fixture
def watch(ros):
    return DepthWatch(ros)


def test_depth_goes_on_after_the_driver_was_killed_and_restarted(ros, watch, tiny_bundle_folder):
    driver = ros.start(DRIVER)
    depth = start_depth(
        ros, tiny_bundle_folder, use_sim_time=False, image__topic='', points__topic=''
    )
    ros.spin_until(lambda: len(watch.images) >= 5, START_S, 'depth')

    driver.kill()
    ros.start(DRIVER)
    ros.spin_until(
        lambda: any(key.startswith('resets, ') for key in watch.values('clock')),
        what='a counted reset',
    )
    num_before = len(watch.images)
    ros.spin_until(lambda: len(watch.images) >= num_before + 5, what='depth of the new driver')

    assert depth.is_alive
    ros.spin_until(watch.sums_agree, what='sums of triggers that agree')


def test_a_silent_driver_gives_estimates_with_new_stamps_and_a_warning(
    ros, watch, tiny_bundle_folder
):
    driver = ros.start(DRIVER)
    start_depth(ros, tiny_bundle_folder, use_sim_time=False, image__topic='', points__topic='')
    ros.spin_until(lambda: len(watch.images) >= 5, START_S, 'depth')
    ros.spin_until(lambda: watch.level('inputs') == 0, what='no warning')

    driver.tell('pause')
    ros.spin_until(lambda: 'done pause' in driver.text)
    num_before = len(watch.images)
    ros.spin_until(lambda: len(watch.images) >= num_before + 5, what='depth of a silent scene')
    ros.spin_until(lambda: watch.level('inputs') > 0, what='a warning')
    driver.tell('resume')

    ros.spin_until(lambda: watch.level('inputs') == 0, what='no warning')
    stamps = watch.stamps_us
    assert all(a < b for a, b in itertools.pairwise(stamps))
