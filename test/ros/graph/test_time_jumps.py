"""Time that goes back or leaps: a clean state at once, and stamps that rise between resets."""

from itertools import pairwise

from harness.depth_node import FedDepth
import pytest


@pytest.fixture(scope='module')
def depth(module_ros, tiny_bundle_folder):
    fed = FedDepth(module_ros, tiny_bundle_folder, image__topic='', points__topic='')
    fed.start()
    return fed


def num_resets(depth):
    values = depth.watch.values('clock')
    return sum(int(number) for key, number in values.items() if key.startswith('resets, '))


def new_stamps(depth, num_before):
    return depth.watch.stamps_us[num_before:]


def test_a_loop_starts_anew_with_stamps_of_the_new_round_only(depth):
    resets, num_before = num_resets(depth), len(depth.watch.images)
    old_us = depth.drivers.head.stamp_ns // 1000

    depth.drivers.head.jump(-3_000_000)
    begin_us = depth.drivers.head.stamp_ns // 1000
    depth.until_depth('depth of the new round')
    depth.until_depth('depth of the new round')

    later = [stamp for stamp in new_stamps(depth, num_before) if stamp < old_us - 1_500_000]
    assert later
    assert min(later) >= begin_us
    assert all(a < b for a, b in pairwise(later))
    depth.ros.spin_until(lambda: num_resets(depth) > resets, what='a counted reset')


def test_the_first_window_of_a_new_round_says_that_it_is_not_full(depth):
    before = int(depth.watch.values('mode').get('frames with window_not_full', 0))

    depth.drivers.head.jump(-3_020_000)  # the first stamp of the grid comes 20 ms later
    depth.until_depth('depth of the new round')

    depth.ros.spin_until(
        lambda: int(depth.watch.values('mode').get('frames with window_not_full', 0)) > before,
        what='a window that is not full',
    )


def test_a_clock_that_leaps_forward_alone_does_not_harm(depth):
    num_before = len(depth.watch.images)

    depth.drivers.head.jump(10_000_000)
    depth.drivers.tick()
    depth.ros.spin_for(0.1)
    depth.until_depth('depth after the leap')

    stamps = new_stamps(depth, num_before)
    assert all(a < b for a, b in pairwise(stamps))


def test_a_clock_that_goes_back_alone_starts_anew(depth):
    resets = num_resets(depth)

    depth.drivers.head.jump(-30_000_000)
    depth.drivers.tick()
    depth.ros.spin_until(lambda: num_resets(depth) > resets, what='a counted reset')

    depth.until_depth('depth after the clock went back')
    depth.ros.spin_until(depth.watch.sums_agree, what='sums of triggers that agree')


def test_a_paused_clock_is_no_fault(depth):
    def is_content():
        depth.feed()
        return depth.watch.level('inputs') == 0

    depth.ros.spin_until(is_content, 30.0, 'inputs without complaint')
    depth.ros.spin_until(lambda: depth.watch.count('drops', 'pending') == 0, what='idleness')
    depth.ros.spin_for(0.5)
    num_before = len(depth.watch.images)

    depth.ros.spin_for(1.0)

    assert len(depth.watch.images) == num_before
    assert max(depth.watch.stamps_us[-3:]) <= depth.drivers.head.stamp_ns // 1000
    assert depth.watch.level('inputs') == 0, depth.watch.message('inputs')
    depth.until_depth('depth after the pause')
