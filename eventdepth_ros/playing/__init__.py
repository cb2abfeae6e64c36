"""
Recordings as topics: what to publish, when, and how the raw bytes come.

A recording becomes a `Playable`: tracks (topic, type), messages published before all others, and
timed CDR messages. Everything here but `publishing` works without rclpy.

"""

from eventdepth_ros.playing.opening import open_playable, PlayableOptions
from eventdepth_ros.playing.playable import Playable, TimedMessage, TopicNames, Track

__all__ = [
    'Playable',
    'PlayableOptions',
    'TimedMessage',
    'TopicNames',
    'Track',
    'open_playable',
]
