"""Packets that no driver should send: they cost at most their window, and are counted."""

from dataclasses import replace

from harness.depth_node import FedDepth
from harness.drivers import Drivers
from harness.packets import StreamSpec
import numpy as np
import pytest

RECOVERY_US = 1_000_000


@pytest.fixture(scope='module')
def depth(module_ros, tiny_bundle_folder):
    fed = FedDepth(module_ros, tiny_bundle_folder, image__topic='', points__topic='')
    fed.start()
    return fed


def send(depth, payloads, **fields):
    """Send packets with the fields of now and other payloads."""
    drivers = depth.drivers
    for payload in payloads:
        packet = replace(drivers.head.packet(), payload=payload, **fields)
        drivers.send(drivers.events, packet)


def refused(depth, *reasons):
    """Return how many packets were refused for one of the reasons."""
    return sum(depth.watch.count('inputs', f'events: refused, {reason}') for reason in reasons)


def expect_depth_of_now(depth):
    """Feed clean packets; depth with stamps of now must come within a second of them."""
    begin_us = depth.drivers.head.now_us
    depth.until_depth('depth after the fault')
    assert depth.drivers.head.now_us - begin_us <= RECOVERY_US
    assert depth.child.is_alive
    depth.ros.spin_until(depth.watch.sums_agree, what='sums of triggers that agree')


def test_random_bytes_cost_no_more_than_their_windows(depth):
    generator = np.random.default_rng(3)

    send(depth, [generator.bytes(int(n)) for n in generator.integers(0, 3_000, 300)])

    expect_depth_of_now(depth)


def test_flipped_bits_and_cut_packets_cost_no_more_than_their_windows(depth):
    generator = np.random.default_rng(4)
    payloads = []
    for _ in range(200):
        octets = bytearray(depth.drivers.head.packet().payload)
        for place in generator.integers(0, max(len(octets), 1), 3):
            octets[place] ^= 1 << int(generator.integers(8))
        payloads.append(bytes(octets[: int(generator.integers(1, len(octets) + 1))]))

    send(depth, payloads)

    expect_depth_of_now(depth)


def test_an_unknown_encoding_is_refused_by_its_reason(depth):
    reasons = ('unknown_encoding', 'stream_changed')
    before = refused(depth, *reasons)

    send(depth, [b'\0' * 64] * 5, encoding='evt9')
    depth.ros.spin_until(lambda: refused(depth, *reasons) >= before + 5, what='five refusals')

    expect_depth_of_now(depth)


def test_big_endian_words_are_refused_and_not_misread(depth):
    before = refused(depth, 'big_endian_events')

    send(depth, [depth.drivers.head.packet().payload] * 3, is_bigendian=True)
    depth.ros.spin_until(
        lambda: refused(depth, 'big_endian_events') >= before + 3, what='three refusals'
    )

    expect_depth_of_now(depth)


def test_a_lost_packet_is_counted_as_a_gap_and_makes_its_window_incomplete(depth):
    before = depth.watch.count('inputs', 'events: sequence gaps')

    depth.drivers.head.lose(3)
    depth.feed()
    depth.ros.spin_until(
        lambda: depth.watch.count('inputs', 'events: sequence gaps') > before, what='a gap'
    )

    expect_depth_of_now(depth)
    incomplete = depth.watch.values('mode')
    assert int(incomplete.get('frames with sequence_gap', 0)) > 0


def test_another_sensor_size_is_followed_once_it_stays(depth):
    spec = StreamSpec(size=(64, 96), start_us=depth.drivers.head.now_us)
    other = Drivers(depth.ros.node('other_drivers'), spec)
    depth.ros.wait_for_subscribers(other.events, other.camera_info)
    depth.drivers.events, old = other.events, depth.drivers.events
    depth.drivers.head, before = other.head, depth.drivers.head

    def has_followed():
        other.announce()
        depth.feed()
        newest = depth.watch.infos[-1]
        return (newest.height, newest.width) == (64, 96)

    depth.ros.spin_until(has_followed, 30.0, 'depth of the new size')

    assert (depth.watch.images[-1].height, depth.watch.images[-1].width) == (64, 96)
    before.now_us = other.head.now_us
    depth.drivers.events, depth.drivers.head = old, before
