"""Time in the depth node: /clock that jumps or stands still, loops, restarts, lost sensors."""

from nodes.depth_world import DepthWorld
import pytest

S_US = 1_000_000


@pytest.fixture
def world(ros, tiny_bundle_folder):
    made = DepthWorld(ros, tiny_bundle_folder, has_clock=True, use_sim_time=True)
    made.begin()
    return made


def resets(world):
    return dict(world.node._configuration.live_status.num_resets)


def until_now(world):
    """Feed until there is depth that is newer than now."""
    begin_us = world.drivers.head.stamp_ns // 1000
    world.feed_until(lambda: begin_us <= max(world.watch.stamps_us[-3:]), 'depth of now')


def drain(world):
    """Let what was sent arrive and be inferred."""
    status = world.node._configuration.live_status
    world.ros.spin_for(0.2)
    while status != world.node._configuration.live_status:
        status = world.node._configuration.live_status
        world.ros.spin_for(0.1)


def test_the_first_value_of_the_clock_is_no_jump(world):
    assert resets(world) == {}


def test_a_loop_of_all_streams_with_the_clock_is_one_reset(world):
    world.feed(500_000)
    world.drivers.send_image()
    drain(world)

    world.drivers.head.jump(-3 * S_US)
    world.drivers.tick()
    world.drivers.send_image()
    world.drivers.send_points()
    for _ in range(6):
        world.feed()
    drain(world)

    assert sum(resets(world).values()) == 1


def test_after_a_loop_no_depth_is_older_than_the_new_round(world):
    drain(world)
    world.drivers.head.jump(-3 * S_US)
    begin_us = world.drivers.head.stamp_ns // 1000
    num_before = len(world.watch.images)

    world.feed_until(lambda: len(world.watch.images) >= num_before + 5, 'depth of the new round')

    stamps = world.watch.stamps_us[num_before:]
    assert min(stamps) >= begin_us
    assert stamps == sorted(set(stamps))


def test_a_clock_that_jumps_alone_starts_anew(world):
    drain(world)
    world.drivers.head.jump(60 * S_US)
    world.drivers.tick()

    world.ros.spin_until(lambda: resets(world).get('clock_jump') == 1, what='a reset')

    until_now(world)
    assert resets(world) == {'clock_jump': 1}


def test_a_restarted_publisher_starts_anew(world):
    drain(world)
    world.drivers.head.jump(2 * S_US)
    world.drivers.head.seq = 0
    world.drivers.head.now_us -= 2 * S_US - 300_000

    until_now(world)

    assert resets(world).get('restart') == 1


def test_a_gap_in_the_sequence_is_no_restart(world):
    drain(world)
    world.drivers.head.lose(20)

    until_now(world)

    assert resets(world) == {}
    assert world.node._configuration.live_status.counts.num_sequence_gaps == 1


def test_a_lost_sensor_leaves_the_mode_and_returns(world):
    def mode_is(modalities, *, has_points):
        def is_met():
            if has_points:
                world.drivers.send_points()
            return world.watch.mode.get('modalities') == modalities

        world.feed_until(is_met, f'mode {modalities}')

    mode_is(['events', 'points'], has_points=True)
    mode_is(['events'], has_points=False)
    mode_is(['events', 'points'], has_points=True)


def test_a_clock_that_stands_still_is_a_pause_and_no_error(world):
    until_now(world)
    drain(world)
    num_before = len(world.watch.images)

    world.ros.spin_for(1.5)

    assert len(world.watch.images) == num_before
    assert world.watch.level('inputs') == 0
    assert world.watch.level('outputs') < 2
    until_now(world)


def test_a_silent_driver_still_gives_estimates_while_time_goes_on(world):
    drain(world)
    num_before = len(world.watch.images)

    def is_met():
        world.drivers.head.now_us += 20_000
        world.drivers.tick()
        world.ros.spin_for(0.02)
        return len(world.watch.images) >= num_before + 3

    world.ros.spin_until(is_met, what='depth of a silent scene')

    assert world.watch.stamps_us == sorted(set(world.watch.stamps_us))
