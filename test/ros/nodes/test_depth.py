"""The life cycle of the depth node."""

import gc
import shutil
import threading

from nodes.depth_world import DepthWorld
import pytest
from rclpy.lifecycle import TransitionCallbackReturn

FAILURE, SUCCESS = TransitionCallbackReturn.FAILURE, TransitionCallbackReturn.SUCCESS


def test_an_active_node_publishes_depth_with_one_header_for_all(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)

    world.begin()
    watch = world.watch
    world.feed_until(lambda: min(len(watch.stds), len(watch.masks)) >= 3, 'what belongs to depth')

    headers = {str(image.header): image.header for image in watch.images}
    for messages in (watch.infos, watch.stds, watch.masks):
        shared = [message.header for message in messages if str(message.header) in headers]
        assert len(shared) == len(messages)
    assert watch.images[0].encoding == '32FC1'
    assert watch.images[0].header.frame_id == world.drivers.head.spec.frame_id
    assert (watch.infos[0].height, watch.infos[0].width) == world.drivers.head.spec.size


def test_stamps_rise_strictly(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)

    world.begin()
    world.feed_until(lambda: len(world.watch.images) >= 5, 'five images')

    stamps = world.watch.stamps_us
    assert stamps == sorted(set(stamps))


def test_a_missing_bundle_fails_to_configure_and_may_be_tried_again(
    ros, tiny_bundle_folder, tmp_path
):
    folder = tmp_path / 'later'
    world = DepthWorld(ros, folder)

    first = world.node.trigger_configure()
    told = world.counts('engine'), world.watch.message('engine')
    shutil.copytree(tiny_bundle_folder, folder)
    second = world.node.trigger_configure()

    assert (first, second) == (FAILURE, SUCCESS)
    assert told[0]['state'] == 'failed'
    assert str(folder) in told[1]
    assert world.state == 'inactive'


def test_a_damaged_bundle_fails_to_configure(ros, tiny_bundle_folder, tmp_path):
    folder = shutil.copytree(tiny_bundle_folder, tmp_path / 'damaged')
    with (folder / 'complete.onnx').open('ab') as graph:
        graph.write(b'x')
    world = DepthWorld(ros, folder)

    result = world.node.trigger_configure()

    assert result == FAILURE
    assert 'sha256' in world.counts('engine') or 'sha256' in world.watch.message('engine')


@pytest.mark.parametrize(
    ('parameters', 'word'),
    [
        ({'engine': 'abacus'}, 'abacus'),
        ({'rig_file': '/nowhere/rig.yaml'}, '/nowhere/rig.yaml'),
        ({'extrinsics__event_from_points': '1 2 3'}, 'extrinsics.event_from_points'),
        ({'trigger': 'points', 'rig_file': 'dsec', 'bundle': 'no-such'}, 'no-such'),
    ],
)
def test_a_wrong_choice_fails_to_configure_and_is_named(ros, tiny_bundle_folder, parameters, word):
    world = DepthWorld(ros, parameters.pop('bundle', tiny_bundle_folder), **parameters)

    result = world.node.trigger_configure()
    world.counts('engine')

    assert result == FAILURE
    assert world.state == 'unconfigured'
    assert word in world.watch.message('engine')


def test_deactivating_ends_subscriptions_and_keeps_the_model(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()
    engine = world.node._configuration.model.engine

    assert world.node.trigger_deactivate() == SUCCESS
    ros.spin_until(lambda: world.drivers.events.get_subscription_count() == 0)
    ros.spin_for(0.2)  # what was on its way arrives
    num_before = len(world.watch.images)
    world.feed(300_000)
    assert len(world.watch.images) == num_before

    assert world.node.trigger_activate() == SUCCESS
    world.wait_for_inputs()
    world.next_depth()
    assert world.node._configuration.model.engine is engine


def test_cleaning_up_frees_publishers_and_threads(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()
    world.node.trigger_deactivate()

    assert world.node.trigger_cleanup() == SUCCESS
    gc.collect()

    topics = dict(world.node.get_publisher_names_and_types_by_node('eventdepth', '/'))
    assert not [topic for topic in topics if topic.startswith('/eventdepth/depth')]
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {'inference', 'live-builder'}
    world.begin()


def test_autostart_configures_and_activates_once(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, autostart=True)

    ros.spin_until(lambda: world.state == 'active', what='an active node')

    world.wait_for_inputs()


def test_autostart_that_fails_leaves_the_node_unconfigured_with_an_error(ros):
    world = DepthWorld(ros, 'no-such-bundle', autostart=True)

    ros.spin_until(lambda: 'no-such-bundle' in world.watch.message('engine'), what='a reason')

    assert world.state == 'unconfigured'
    assert world.watch.level('engine') == 2


def test_shutting_down_ends_the_process(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()

    world.node.trigger_shutdown()

    assert world.node.is_over
    assert world.node.exit_status == 0


def test_an_input_without_a_topic_is_not_subscribed_to(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, points__topic='')

    world.begin()

    assert world.node.count_subscribers('/lidar/points') == 0
    assert world.node.count_subscribers('/camera/image_raw') == 1


def test_with_a_rig_file_everything_is_warm_before_the_first_message(
    ros, tiny_bundle_folder, tmp_path
):
    rig_file = tmp_path / 'camera.yaml'
    rig_file.write_text(
        'image_width: 64\nimage_height: 48\ndistortion_model: plumb_bob\n'
        'camera_matrix: {rows: 3, cols: 3, data: [58, 0, 31.5, 0, 58, 23.5, 0, 0, 1]}\n'
        'distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}\n'
    )
    world = DepthWorld(
        ros,
        tiny_bundle_folder,
        rig_file=str(rig_file),
        extrinsics__event_from_points='0 0 0 0 0 0 1',
    )

    world.activate()
    world.next_depth()

    refused = [key for key in world.counts('inputs') if 'refused' in key]
    assert refused == []
