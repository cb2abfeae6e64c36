"""Which topics are recorded."""

from eventdepth_core.errors import InputError
from eventdepth_ros.recording import TopicChoice
import pytest


@pytest.mark.parametrize(
    ('choice', 'recorded', 'left_out'),
    [
        (TopicChoice(), ['/a', '/camera/events'], ['/rosout', '/parameter_events']),
        (TopicChoice(topics=('/a',)), ['/a'], ['/a/b', '/b']),
        (TopicChoice(regex='depth'), ['/eventdepth/depth/image'], ['/camera/events', '/rosout']),
        (TopicChoice(topics=('/a',), regex='^/b'), ['/a', '/b/c'], ['/c/b']),
        (TopicChoice(exclude='image'), ['/camera/events'], ['/camera/image_raw', '/rosout']),
        (TopicChoice(regex='camera', exclude='raw$'), ['/camera/events'], ['/camera/image_raw']),
        (TopicChoice(topics=('/rosout',)), ['/rosout'], ['/a']),
    ],
)
def test_topics_are_chosen(choice, recorded, left_out):
    assert all(choice.has(topic) for topic in recorded)
    assert not any(choice.has(topic) for topic in left_out)


def test_a_topic_that_is_listed_is_never_excluded():
    assert TopicChoice(topics=('/a/image',), exclude='image').has('/a/image')


@pytest.mark.parametrize('name', ['regex', 'exclude'])
def test_what_is_no_expression_is_named(name):
    with pytest.raises(InputError, match=f'Expected a regular expression as {name}'):
        TopicChoice(**{name: '(camera'})
