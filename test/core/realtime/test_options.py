from eventdepth_core.errors import InputError, UnsupportedInputError
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.realtime import RealtimeOptions
from eventdepth_core.realtime.triggering import new_triggers
from eventdepth_core.scheduling.triggers import RateTriggers, StampTriggers
from eventdepth_core.types import Camera, Rig
import pytest

CAMERA = Camera(64, 48, 60.0, 60.0, 31.5, 23.5)


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'trigger': 'never'}, 'Expected trigger to be auto, rate, image, points, got'),
        ({'rate_hz': 0.0}, 'Expected rate_hz to be 0.1 to 1000, got 0.0'),
        ({'rate_hz': float('nan')}, 'Expected rate_hz'),
        ({'grace_us': -1}, 'Expected grace_us to be 0 or more, got -1'),
    ],
)
def test_options_out_of_range_are_named(options, text):
    with pytest.raises(InputError, match=text):
        RealtimeOptions(**options)


def test_the_automatic_trigger_is_the_rate_where_events_enter_else_the_image(tiny_bundle):
    with_events = DepthPipeline(tiny_bundle, Rig(event=CAMERA))
    without = DepthPipeline(tiny_bundle, Rig(image=CAMERA))

    assert isinstance(new_triggers(with_events, RealtimeOptions()), RateTriggers)
    assert isinstance(new_triggers(without, RealtimeOptions()), StampTriggers)


def test_a_trigger_that_the_bundle_does_not_use_is_refused(tiny_bundle):
    pipeline = DepthPipeline(tiny_bundle, Rig(event=CAMERA))
    object.__setattr__(pipeline, 'bundle', _WithoutPoints(tiny_bundle))

    with pytest.raises(UnsupportedInputError, match="got 'points'"):
        new_triggers(pipeline, RealtimeOptions(trigger='points'))


class _WithoutPoints:
    def __init__(self, bundle):
        self.name = bundle.name
        self.inputs = type('Inputs', (), {'modalities': ('events', 'image')})
