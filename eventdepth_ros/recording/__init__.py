"""Topics into a bag: which topics, with which QoS, and the thread that writes."""

from eventdepth_ros.recording.choice import TopicChoice
from eventdepth_ros.recording.writer import BagWriter

__all__ = ['BagWriter', 'TopicChoice']
