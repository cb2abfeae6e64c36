"""Live paths that are built one after the other, the newest request first."""

import threading
import time

from eventdepth_core.types import Camera, Rig
from eventdepth_ros.depth.live_builder import BuildFailed, Built, LiveBuilder

LIMIT_S = 5.0


def rig(width=64):
    return Rig(event=Camera(width, 48, 50.0, 50.0, 31.5, 23.5))


def outcome_of(builder):
    deadline_s = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline_s:
        outcome = builder.poll()
        if outcome is not None:
            return outcome
        threading.Event().wait(0.001)
    raise AssertionError('Expected an outcome.')


def test_an_outcome_comes_once():
    builder = LiveBuilder(lambda wanted: ('live', wanted))
    wanted = rig()

    builder.request(wanted)
    outcome = outcome_of(builder)

    assert isinstance(outcome, Built)
    assert outcome.rig is wanted
    assert builder.poll() is None
    assert not builder.is_building


def test_a_failure_is_an_outcome():
    error = ValueError('no')

    def fail(_):
        raise error

    builder = LiveBuilder(fail)
    builder.request(rig())
    outcome = outcome_of(builder)

    assert isinstance(outcome, BuildFailed)
    assert outcome.error is error


def test_only_the_newest_of_the_requests_that_wait_is_built():
    go_on, begun = threading.Event(), []

    def make(wanted):
        begun.append(wanted.event.width)
        go_on.wait(LIMIT_S)
        return object()

    builder = LiveBuilder(make)
    for width in (10, 20, 30):
        builder.request(rig(width))
    go_on.set()

    assert outcome_of(builder).rig.event.width == 30
    assert begun == [10, 30]


def test_an_abandoned_build_gives_nothing():
    go_on = threading.Event()
    builder = LiveBuilder(lambda _: go_on.wait(LIMIT_S))
    builder.request(rig())

    builder.abandon(timeout_s=0.01)
    go_on.set()

    assert builder.poll() is None
    assert not builder.is_building
