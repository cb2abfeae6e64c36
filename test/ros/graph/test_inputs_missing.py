"""Inputs that are missing, come late, or go: depth of what there is, and a word about the rest."""

from harness.depth_node import DepthWatch, FedDepth, start_depth, STEP_US
from harness.drivers import Drivers
import pytest

WARN, ERROR = 1, 2


@pytest.fixture
def depth(ros, tiny_bundle_folder):
    return FedDepth(ros, tiny_bundle_folder)


def feed_with(depth, *, image, points):
    """Send one step with or without an image and points at its beginning."""
    if image:
        depth.drivers.send_image()
    if points:
        depth.drivers.send_points()
    depth.feed(STEP_US)


def feed_until(depth, modalities, *, image, points):
    """Feed until the mode has these modalities; return the sensor seconds that it took."""
    begin_us = depth.drivers.head.now_us

    def has_mode():
        feed_with(depth, image=image, points=points)
        return depth.watch.mode.get('modalities') == modalities

    depth.ros.spin_until(has_mode, 30.0, f'the mode {modalities}')
    return (depth.drivers.head.now_us - begin_us) * 1e-6


def test_without_calibration_there_is_no_depth_and_the_reason_is_told_until_it_comes(depth):
    for _ in range(10):
        depth.feed()
    depth.ros.spin_until(
        lambda: 'no camera calibration for /camera/events' in depth.watch.message('inputs'),
        what='a word about the calibration',
    )
    assert depth.watch.level('inputs') == WARN
    assert depth.watch.images == []

    depth.start()

    depth.ros.spin_until(
        lambda: 'calibration' not in depth.watch.message('inputs'), what='no complaint'
    )


def test_a_lost_modality_leaves_the_mode_within_a_window_and_comes_back(depth):
    depth.start()
    feed_until(depth, ['events', 'image', 'points'], image=True, points=True)

    lost_s = feed_until(depth, ['events', 'image'], image=True, points=False)
    depth.ros.spin_until(
        lambda: 'points' in depth.watch.values('mode').get('lost', ''), what='points are lost'
    )
    back_s = feed_until(depth, ['events', 'image', 'points'], image=True, points=True)
    feed_until(depth, ['events'], image=False, points=False)

    assert lost_s <= 0.8  # the points' greatest age of 150 ms, a period, and the way of messages
    assert back_s <= 0.6


def test_a_publisher_that_offers_too_little_is_reported_with_what_to_do(ros, tiny_bundle_folder):
    drivers = Drivers(ros.node('drivers'), has_clock=True, is_reliable=False)
    watch = DepthWatch(ros)
    start_depth(ros, tiny_bundle_folder)  # asks for reliable events

    def is_reported():
        drivers.send_events(STEP_US)
        return watch.level('inputs') == ERROR and 'reliability' in watch.message('inputs')

    ros.spin_until(is_reported, what='an error about reliability')

    assert '/camera/events' in watch.message('inputs')
    assert watch.images == []
