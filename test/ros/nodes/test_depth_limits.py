"""Parameters that say how old, how silent, how late is too much, through a whole node."""

from functools import partial
import json

from nodes.depth_world import DepthWorld, STEP_US
import pytest

SLACK_US = 300_000
"""A busy machine drops estimates, and the next one is the first that shows the limit."""


def time_is(world, now_ns):
    return world.node.get_clock().now().nanoseconds == now_ns


def left_us(world, modality, since_us):
    """Return the stamp of the first depth after `since_us` without a modality, 0 = none yet."""
    modes = [json.loads(mode.data) for mode in world.watch.modes]
    stamps = (each['stamp_us'] for each in modes if modality not in each['modalities'])
    return next((stamp_us for stamp_us in stamps if stamp_us > since_us), 0)


@pytest.mark.parametrize('age_ms', [60, 660])
@pytest.mark.parametrize('modality', ['image', 'points'])
def test_a_sensor_leaves_when_its_last_message_is_too_old(
    ros, tiny_bundle_folder, modality, age_ms
):
    world = DepthWorld(ros, tiny_bundle_folder, **{f'max_{modality}_age_ms': float(age_ms)})
    world.begin()
    send = {'image': world.drivers.send_image, 'points': world.drivers.send_points}[modality]
    sent_us = world.drivers.head.stamp_ns // 1000

    send()
    world.feed_until(lambda: left_us(world, modality, sent_us), f'depth without {modality}')

    age_us = left_us(world, modality, sent_us) - sent_us
    assert age_ms * 1000 < age_us <= age_ms * 1000 + SLACK_US


@pytest.mark.parametrize('silence_ms', [200, 700])
def test_events_leave_when_they_are_silent_for_too_long(ros, tiny_bundle_folder, silence_ms):
    world = DepthWorld(
        ros,
        tiny_bundle_folder,
        has_clock=True,
        use_sim_time=True,
        trigger='image',
        max_event_silence_ms=float(silence_ms),
    )
    world.activate()
    world.drivers.announce()

    def with_events():
        world.drivers.send_image()
        world.feed()
        return 'events' in world.watch.mode.get('modalities', ())

    ros.spin_until(with_events, what='depth with events')
    last_us = world.drivers.head.stamp_ns // 1000

    def without_events():
        world.drivers.head.now_us += STEP_US
        world.drivers.tick()
        world.drivers.send_image()
        ros.spin_for(0.05)
        return left_us(world, 'events', last_us)

    silent_us = ros.spin_until(without_events, what='depth without events') - last_us

    # Up to the limit the node's clock may carry the time of the events on, which counts as a sign.
    assert silence_ms * 1000 <= silent_us <= 2 * silence_ms * 1000 + SLACK_US


@pytest.mark.parametrize(('limit_s', 'jumps_s'), [(0.5, (1,)), (30.0, (20, 40))])
def test_only_a_larger_jump_of_the_clock_starts_anew(ros, tiny_bundle_folder, limit_s, jumps_s):
    world = DepthWorld(
        ros, tiny_bundle_folder, has_clock=True, use_sim_time=True, max_clock_jump_s=limit_s
    )
    world.begin()

    def num_jumps():
        return world.node._configuration.live_status.num_resets.get('clock_jump', 0)

    for jump_s in jumps_s:
        assert num_jumps() == 0
        world.drivers.head.jump(jump_s * 1_000_000)
        world.drivers.tick()
        ros.spin_until(partial(time_is, world, world.drivers.head.stamp_ns), what='the time')

    ros.spin_until(lambda: num_jumps() == 1, what='a reset')


@pytest.mark.parametrize(('deadline_ms', 'are_late'), [(0.01, True), (9_000.0, False)])
def test_a_depth_image_is_late_after_the_deadline(ros, tiny_bundle_folder, deadline_ms, are_late):
    world = DepthWorld(ros, tiny_bundle_folder, diagnostics__deadline_ms=deadline_ms)
    world.begin()
    world.next_depth()

    told = world.counts('latency')

    assert float(told['deadline (ms)']) == pytest.approx(deadline_ms, abs=0.05)
    assert (int(told['deadlines missed']) >= 2) == are_late
