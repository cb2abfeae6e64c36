"""A live path over the tiny bundle, and what listens to it."""

import threading

from eventdepth_core.pipeline import DepthPipeline, PipelineOptions
from eventdepth_core.realtime import LiveDepth, RealtimeOptions
from eventdepth_core.types import Camera, Rig
import pytest

DEADLINE_S = 20.0
CAMERA = Camera(64, 48, 60.0, 60.0, 31.5, 23.5)


class Listener:
    """Gathers frames and failures and waits for them."""

    def __init__(self):
        self.frames = []
        self.failures = []
        self._changed = threading.Condition()

    def on_frame(self, live_frame):
        with self._changed:
            self.frames.append(live_frame)
            self._changed.notify_all()

    def on_failure(self, error):
        with self._changed:
            self.failures.append(error)
            self._changed.notify_all()

    def wait(self, condition):
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE_S), 'the deadline has passed'

    @property
    def stamps_us(self):
        return [each.frame.stamp_us for each in self.frames]


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def make_live(tiny_bundle, listener):
    """Return a function that makes a started live path; it is stopped at the end."""
    made = []

    def make(rig=None, on_frame=None, motion_delay_us=0, **options):
        pipeline = DepthPipeline(
            tiny_bundle,
            rig or Rig(event=CAMERA),
            options=PipelineOptions(motion_delay_us=motion_delay_us),
        )
        live = LiveDepth(
            pipeline,
            RealtimeOptions(**options),
            on_frame or listener.on_frame,
            listener.on_failure,
        )
        live.start()
        made.append(live)
        return live

    yield make
    for live in made:
        assert live.stop()
