"""Parameters of the event_image node."""

from dataclasses import dataclass

from eventdepth_ros.parameters.row import parameter

# those of eventdepth_core.rendering.event_pictures, which a launch file need not load
STYLES = ('polarity', 'time_surface')


@dataclass(frozen=True, slots=True)
class EventImageParameters:
    """Which events are drawn, how, and how often."""

    events_topic: str = parameter('events.topic', '~/events', 'Event packets.', read_only=True)
    events_reliability: str = parameter(
        'events.reliability',
        'best_effort',
        "'reliable' gets nothing from a driver that publishes best effort.",
        choices=('best_effort', 'reliable'),
        read_only=True,
    )
    events_queue_depth: int = parameter(
        'events.queue_depth',
        1000,
        'Event packets that may wait for this node.',
        minimum=1,
        maximum=100_000,
        read_only=True,
    )
    style: str = parameter(
        'style',
        'polarity',
        'polarity = the events of a window, blue ON, red OFF; time_surface = the newest event of '
        'each pixel, paler with age.',
        choices=STYLES,
    )
    window_ms: float = parameter(
        'window_ms',
        33.0,
        'Length of the window of style polarity, ms.',
        minimum=0.1,
        maximum=10_000.0,
    )
    decay_ms: float = parameter(
        'decay_ms',
        30.0,
        'After this time an event of style time_surface is drawn with 1/e of its strength, ms.',
        minimum=0.1,
        maximum=10_000.0,
    )
    rate_hz: float = parameter(
        'rate_hz',
        30.0,
        'Pictures per second of sensor time.',
        minimum=0.1,
        maximum=1000.0,
    )
