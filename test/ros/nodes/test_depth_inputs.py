"""What comes in: calibration, broken messages, encodings, sizes, sensors that are missing."""

from dataclasses import replace

from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.messages import Header
from harness.drivers import Drivers
from harness.packets import SensorHead, StreamSpec
from nodes.depth_world import DepthWorld
import numpy as np
import pytest

FRAME = 'event_camera_optical_frame'


def inputs_count(world, key):
    return int(world.counts('inputs').get(key, 0))


def test_without_calibration_nothing_comes_and_the_topic_is_named(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, rig_patience_s=0.0)
    world.activate()

    world.feed_until(
        lambda: 'no camera calibration for /camera/events' in world.watch.message('inputs'),
        'a word about the calibration',
    )

    assert world.watch.images == []
    world.drivers.announce()
    world.next_depth()


def test_what_came_before_the_calibration_is_not_lost(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.activate()
    first_us = world.drivers.head.stamp_ns // 1000
    world.feed(200_000)
    world.drivers.send_points()
    ros.spin_for(0.1)
    assert world.watch.images == []

    world.drivers.announce()
    ros.spin_until(lambda: world.watch.images, what='depth of what was held')

    assert world.watch.stamps_us[0] <= first_us + 250_000
    assert inputs_count(world, 'events: refused, no_rig_yet') == 0


def test_held_messages_are_counted_when_they_grow_old(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.activate()
    world.feed(100_000)
    world.ros.spin_until(
        lambda: world.counts('inputs').get('events: messages') == '50', what='all packets'
    )

    world.node.trigger_deactivate()

    assert inputs_count(world, 'events: refused, no_rig_yet') == 50


def test_another_calibration_gives_another_camera(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()
    wider = replace(world.drivers.head.spec.camera, fx=40.0, fy=40.0)

    header = Header(world.drivers.head.stamp_ns, FRAME)
    world.drivers.send(world.drivers.camera_info, info_from_camera(wider, header))

    world.feed_until(lambda: world.watch.infos[-1].k[0] == 40.0, 'the new camera')
    world.next_depth()


def test_another_size_is_refused_until_its_calibration_comes(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()
    old = world.drivers.head
    head = SensorHead(StreamSpec(size=(32, 40), start_us=old.now_us))
    head.seq = old.seq
    world.drivers.head = head

    world.feed_until(
        lambda: (
            int(world.counts('drops').get('input dropped, stream_changed', 0)) > 0
            or 'stream_changed' in str(world.node._configuration.live_status.counts.drops)
        ),
        'refused packets',
    )
    num_before = len(world.watch.images)
    world.drivers.announce()

    world.feed_until(
        lambda: (world.watch.images[-1].height, world.watch.images[-1].width) == (32, 40),
        'depth of the new size',
    )
    assert len(world.watch.images) > num_before


def test_another_encoding_is_taken_after_a_few_packets(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, spec=StreamSpec(start_us=100_000))
    world.begin()
    old = world.drivers.head
    head = SensorHead(StreamSpec(encoding='mono', start_us=old.now_us))
    head.seq = old.seq
    world.drivers.head = head

    world.feed_until(  # mono carries times of its own, which here are seconds since 1970
        lambda: world.watch.stamps_us[-1] < 100_000_000, 'depth from the new encoding'
    )

    status = world.node._configuration.live_status
    assert status.num_resets['new_format'] == 1
    assert 0 < status.counts.drops['stream_changed'] < 15


def test_broken_messages_cost_themselves(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()
    drivers = world.drivers
    packet = drivers.head.packet()
    drivers.send(drivers.events, replace(packet, is_bigendian=True))
    drivers.send(drivers.events, replace(packet, encoding='evt9', seq=packet.seq + 1))
    picture = raw_image(np.zeros((48, 64), np.uint8), 'mono8', packet.header)
    drivers.send(drivers.image, replace(picture, pixels=bytes(3)))
    drivers.head.seq += 1

    world.next_depth()

    told = world.counts('inputs')
    assert told['events: refused, big_endian_events'] == '1'
    assert 'image: refused, undecodable' in told
    assert world.node._configuration.live_status.counts.drops == {'stream_changed': 1}


def test_an_error_inside_a_callback_is_counted_and_the_node_goes_on(
    ros, tiny_bundle_folder, monkeypatch
):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()

    with monkeypatch.context() as patch:
        patch.setattr('eventdepth_ros.conversions.event_packet', lambda *_: 1 // 0)
        world.feed()
        ros.spin_until(
            lambda: world.watch.count('inputs', 'events: refused, internal_error') > 0,
            what='a counted error',
        )

    world.next_depth()


def test_an_error_while_publishing_costs_that_frame(ros, tiny_bundle_folder, monkeypatch):
    world = DepthWorld(ros, tiny_bundle_folder)
    world.begin()

    with monkeypatch.context() as patch:
        patch.setattr('eventdepth_ros.conversions.depth_message', lambda *_: 1 // 0)
        world.feed_until(
            lambda: int(world.counts('engine')['failed estimates']) > 0, 'a counted error'
        )

    world.next_depth()


def test_an_image_without_calibration_is_left_out_and_events_go_on(ros, tiny_bundle_folder):
    world = DepthWorld(
        ros,
        tiny_bundle_folder,
        image__topic='/other/image_raw',
        points__topic='',
        rig_patience_s=0.1,
    )
    other = Drivers(ros.node('other'), StreamSpec(frame_id='other'), camera='/other')
    world.activate()
    world.drivers.announce()

    def is_left_out():
        other.send_image()
        return world.watch.count('inputs', 'image: refused, not_calibrated') > 0

    world.feed_until(is_left_out, 'a refused image')
    world.next_depth()

    assert 'no camera calibration for /other/image_raw' in str(world.watch.values('inputs')) + (
        world.watch.message('inputs')
    )
    assert world.watch.mode['modalities'] == ['events']


@pytest.mark.parametrize('trigger', ['image', 'points'])
def test_what_triggers_is_taken_after_what_has_come_with_it(ros, tiny_bundle_folder, trigger):
    world = DepthWorld(ros, tiny_bundle_folder, trigger=trigger)
    world.begin()
    for _ in range(6):
        world.feed()  # what has entered so far is too old after this
    drivers = world.drivers
    pairs = {
        'image': (drivers.image, drivers.head.image()),
        'points': (drivers.points, drivers.head.points()),
    }
    at_us = drivers.head.stamp_ns // 1000
    world.feed()
    other = next(name for name in pairs if name != trigger)

    for name in (trigger, other):  # both wait when the node looks; the trigger came first
        drivers.send(*pairs[name])
    world.feed_until(lambda: at_us in world.watch.stamps_us, 'depth of the image and the points')
    ros.spin_until(lambda: world.watch.mode.get('stamp_us') == at_us, what='its mode')

    assert world.watch.mode['modalities'] == ['events', 'image', 'points']


def test_unknown_parameters_are_warned_of(ros, tiny_bundle_folder, capfd):
    DepthWorld(ros, tiny_bundle_folder, rate__hertz=5.0)

    assert 'rate.hertz' in capfd.readouterr().err
