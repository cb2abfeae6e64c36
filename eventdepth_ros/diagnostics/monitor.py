"""
The monitor of a depth node: it is told what happens and says how things stand.

The executor thread tells of messages, the inference thread of frames, and a timer asks for the
statuses. Law: each call takes the one lock for microseconds and calls nothing foreign under it.

"""

from collections.abc import Callable, Mapping
import threading
import time
from typing import TYPE_CHECKING

from eventdepth_core.errors import EventDepthError
from eventdepth_core.evaluation.quality import frame_quality
from eventdepth_core.types import Modality
from eventdepth_ros.diagnostics.clocks import ClockPart
from eventdepth_ros.diagnostics.facts import EngineFacts, InputSource, MonitorOptions
from eventdepth_ros.diagnostics.flow import (
    DropsPart,
    FramesWatch,
    LatencyPart,
    ModePart,
    OutputsPart,
)
from eventdepth_ros.diagnostics.inputs import InputsPart
from eventdepth_ros.diagnostics.machine import (
    EnginePart,
    policy_in,
    QosPart,
    read_resources,
    ResourcesPart,
)
from eventdepth_ros.diagnostics.moment import TimeKeeper
from eventdepth_ros.diagnostics.status import Status

if TYPE_CHECKING:
    from eventdepth_core.realtime import LiveFrame, LiveStatus

DEFAULT_OPTIONS = MonitorOptions()


class DepthMonitor:
    """
    Gathers what happens in a depth node and turns it into statuses.

    Parameters
    ----------
    inputs : tuple of InputSource
        The subscriptions in use.
    options : MonitorOptions
        What counts as trouble.
    steady_s : callable
        A steady clock in seconds, the one of `time.monotonic_ns`.

    """

    def __init__(
        self,
        inputs: tuple[InputSource, ...] = (),
        options: MonitorOptions = DEFAULT_OPTIONS,
        *,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources = inputs
        self._options = options
        self._steady_s = steady_s
        self._lock = threading.Lock()
        self._build()

    def reset(self) -> None:
        """Forget everything, as after a cleanup."""
        with self._lock:
            self._build()

    def set_engine(self, facts: EngineFacts) -> None:
        """Say what runs the model, or why nothing does."""
        with self._lock:
            self._engine.facts = facts

    def set_publishers(self, modality: Modality, num_publishers: int) -> None:
        """Say how many publishers the topic of an input has."""
        with self._lock:
            self._inputs.watches[modality].num_publishers = num_publishers

    def set_camera(self, modality: Modality, has_camera: bool) -> None:
        """Say whether the calibration of an input is known."""
        with self._lock:
            self._inputs.watches[modality].has_camera = has_camera

    def set_pose_drops(self, drops: Mapping[str, int]) -> None:
        """Say what of transforms, odometry or velocities was of no use, by reason."""
        with self._lock:
            self._inputs.pose_drops = dict(drops)

    def received(self, modality: Modality, now_us: int) -> None:
        """Note that a message came at `now_us` of the node's clock."""
        now_s = self._steady_s()
        with self._lock:
            watch = self._inputs.watches[modality]
            watch.receive(now_us, now_s)
            if watch.num_messages == 1:
                self._qos.delivered(watch.source.topic)

    def refused(self, modality: Modality, reason: str) -> None:
        """Note that a message could not be used, by the reason of its error."""
        with self._lock:
            self._inputs.watches[modality].refused[reason] += 1

    def qos_incompatible(self, topic: str, policy: str, total: int) -> None:
        """Note the middleware's report of peers that do not fit."""
        with self._lock:
            self._qos.incompatible(topic, policy, total)
            for watch in self._inputs.watches.values():
                if watch.source.topic == topic:
                    watch.incompatible_policy = policy

    def qos_report(self, topic: str, kind: str, text: str, count: int) -> None:
        """Note a report of `eventdepth_ros.qos`: 'incompatible' or 'lost', with its sentence."""
        if kind == 'incompatible':
            self.qos_incompatible(topic, policy_in(text), count)
        elif kind == 'lost':
            self.messages_lost(topic, count)

    def messages_lost(self, topic: str, total: int) -> None:
        """Note the middleware's report of lost messages."""
        with self._lock:
            self._qos.lost(topic, total)

    def published(self, live_frame: 'LiveFrame', published_ns: int) -> None:
        """Note a frame whose last message was published at `published_ns` (monotonic)."""
        quality = frame_quality(live_frame.frame)
        with self._lock:
            self._frames.add(live_frame, published_ns, quality)
            self._engine.worked()

    def failed(self, error: Exception) -> None:
        """Note an estimate that failed."""
        is_ours = isinstance(error, EventDepthError)
        reason = error.reason if is_ours else type(error).__name__  # type: ignore[attr-defined]
        with self._lock:
            self._engine.failed(reason)

    def statuses(self, live: 'LiveStatus | None', now_us: int) -> tuple[Status, ...]:
        """
        Return the status of every part.

        Parameters
        ----------
        live : LiveStatus or None
            How the real-time path stands; None while there is none.
        now_us : int
            The node's clock, µs.

        """
        held = read_resources()
        with self._lock:
            moment = self._time.moment(now_us, self._steady_s())
            is_arriving = self._inputs.is_arriving(moment)
            return (
                self._inputs.status(moment, live),
                self._clock.status(moment, live),
                self._latency.status(moment, self._frames),
                self._mode.status(moment, self._frames, live),
                self._engine.status(),
                self._outputs.status(moment, self._frames, is_arriving=is_arriving),
                self._drops.status(moment, live),
                self._qos.status(moment),
                self._resources.status(moment, held),
            )

    def _build(self) -> None:
        options = self._options
        self._time = TimeKeeper(is_sim_time=options.is_sim_time)
        self._inputs = InputsPart(self._sources, options)
        self._clock = ClockPart()
        self._frames = FramesWatch(options)
        self._latency = LatencyPart(options)
        self._mode = ModePart(tuple(source.modality for source in self._sources))
        self._engine = EnginePart()
        self._outputs = OutputsPart(options)
        self._drops = DropsPart()
        self._qos = QosPart()
        self._resources = ResourcesPart()
