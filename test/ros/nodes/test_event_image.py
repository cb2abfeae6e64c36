"""The event_image node as a process of its own, fed by the simulated driver."""

import signal

from eventdepth_core.events import event_image
from eventdepth_core.rendering import event_pictures
from eventdepth_ros import qos
from eventdepth_ros.parameters.event_image import STYLES
from harness.drivers import Drivers
from harness.packets import StreamSpec
import numpy as np
import pytest
from sensor_msgs.msg import Image

SPEC = StreamSpec(size=(48, 64), packet_us=5_000, start_us=5_000_000)  # before evt3 time wraps
PARAMETERS = {
    'events.topic': '/camera/events',
    'events.reliability': 'reliable',
    'rate_hz': 20.0,
    'window_ms': 25.0,
}


@pytest.fixture
def drivers(ros):
    return Drivers(ros.node('driver'), SPEC)


def start(ros, drivers, **parameters):
    child = ros.start('event_image', name='event_image', parameters={**PARAMETERS, **parameters})
    ros.wait_for_subscribers(drivers.events)
    return child


def listen(ros):
    images = ros.collect(Image, '/event_image/image', qos.sensor_in('reliable', 50))
    ros.wait_for_publishers('/event_image/image')
    return images


def pixels(message):
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def stamp_us(message):
    return message.header.stamp.sec * 1_000_000 + message.header.stamp.nanosec // 1000


def sensor_end_us(drivers, message):
    return round((stamp_us(message) - drivers.head.spec.epoch_us) / 50_000) * 50_000


def test_pictures_show_the_events_before_their_stamps(ros, drivers):
    images = listen_and_start(ros, drivers)

    ros.spin_until(lambda: send(drivers) and len(images) >= 4, what='4 pictures')

    for message in images[1:]:  # before the first, packets may have found no reader
        end_us = sensor_end_us(drivers, message)
        expected = event_image(drivers.head.events(end_us - 25_000, end_us), SPEC.size)
        np.testing.assert_array_equal(pixels(message), expected)
    assert (message.encoding, message.header.frame_id) == ('rgb8', SPEC.frame_id)


def test_a_late_subscriber_gets_pictures_of_a_decoder_in_step(ros, drivers):
    child = start(ros, drivers)
    for _ in range(4):
        drivers.send_events(50_000)
        ros.spin_for(0.05)
    images = listen(ros)

    ros.spin_until(lambda: send(drivers) and len(images) >= 2, what='2 pictures')

    end_us = sensor_end_us(drivers, images[-1])
    expected = event_image(drivers.head.events(end_us - 25_000, end_us), SPEC.size)
    np.testing.assert_array_equal(pixels(images[-1]), expected)
    assert child.ending_s(signal.SIGTERM)[0] == 0


def test_a_time_surface_is_drawn_on_demand(ros, drivers):
    images = listen_and_start(ros, drivers, style='time_surface', decay_ms=10.0)

    ros.spin_until(lambda: send(drivers) and len(images) >= 2, what='2 pictures')

    colours = {tuple(colour) for colour in pixels(images[-1]).reshape(-1, 3).tolist()}
    assert len(colours) > 20  # a polarity picture has four


def test_an_unknown_encoding_is_said_and_the_node_lives_on(ros, drivers):
    images = listen_and_start(ros, drivers)
    child = ros.children[0]

    packet = drivers.head.packet()
    object.__setattr__(packet, 'encoding', 'other')
    drivers.send(drivers.events, packet)
    ros.spin_until(lambda: "got 'other'" in child.text, what='the warning')

    ros.spin_until(lambda: send(drivers) and len(images) >= 1, what='a picture')


def listen_and_start(ros, drivers, **parameters):
    start(ros, drivers, **parameters)
    images = listen(ros)
    ros.spin_until(
        lambda: ros._nodes[0].count_subscribers('/event_image/image') >= 1, what='a match'
    )
    ros.spin_for(0.3)  # until the other side knows as well
    return images


def send(drivers):
    drivers.send_events(50_000)
    return True


def test_the_table_offers_every_style():
    assert event_pictures.STYLES == STYLES
