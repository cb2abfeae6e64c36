"""Which topics a bundle's node reads."""

from dataclasses import replace

from eventdepth_core.bundle import load_bundle
from eventdepth_core.errors import InputError
from eventdepth_ros.depth.topics import input_topics
from eventdepth_ros.parameters.depth import DepthParameters
import pytest


@pytest.fixture(scope='module')
def bundle(tiny_bundle_folder):
    return load_bundle(tiny_bundle_folder)


def resolved(topic):
    return topic.replace('~', '/eventdepth')


def test_every_input_of_the_bundle_with_a_topic_is_used(bundle):
    inputs = input_topics(DepthParameters(points_topic=''), bundle, resolved)

    assert inputs.topics == {'events': '/eventdepth/events', 'image': '/eventdepth/image'}


def test_what_the_bundle_cannot_use_is_left_alone(bundle):
    only_image = replace(bundle, inputs=replace(bundle.inputs, events=None, points=None))

    inputs = input_topics(DepthParameters(), only_image, resolved)

    assert list(inputs.topics) == ['image']


@pytest.mark.parametrize('topic', ['/cam/image_raw', '/cam/image_raw/compressed'])
def test_compressed_images_come_on_their_own_topic(bundle, topic):
    parameters = DepthParameters(image_topic=topic, image_transport='compressed')

    inputs = input_topics(parameters, bundle, resolved)

    assert inputs.topics['image'] == '/cam/image_raw/compressed'


def test_camera_info_topics_are_those_that_are_named(bundle):
    parameters = DepthParameters(image_camera_info_topic='~/info')

    assert input_topics(parameters, bundle, resolved).info_topics == {'image': '/eventdepth/info'}


def test_a_bundle_without_any_topic_is_refused(bundle):
    only_events = replace(bundle, inputs=replace(bundle.inputs, image=None, points=None))

    with pytest.raises(InputError, match='Expected a topic for one of events'):
        input_topics(DepthParameters(events_topic=''), only_events, resolved)
