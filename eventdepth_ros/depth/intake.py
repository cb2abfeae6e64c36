"""
The callbacks of the sensors: note, convert, push.

Laws: a callback never raises and never waits for inference; every message ends pushed, held until
there is a live path, or counted by a reason; time that goes back starts anew before the message
that shows it is used; what has come is taken before the message that may close its window: poses,
images and points before packets, and of the latter two the one that triggers last.

"""

from collections import deque
from collections.abc import Callable, Mapping
import time
from typing import Any

from eventdepth_core.realtime import LiveDepth
from eventdepth_core.types import Modality, PoseSample
from eventdepth_ros import conversions
from eventdepth_ros.depth.backlog import Backlog, Held
from eventdepth_ros.depth.draining import waiting_messages
from eventdepth_ros.depth.guarding import Guard
from eventdepth_ros.depth.pose_messages import poses_of
from eventdepth_ros.depth.pose_source import PoseSource
from eventdepth_ros.depth.stream_watch import FormWatch, SenderWatch
from eventdepth_ros.depth.time_watch import TimeWatch
from eventdepth_ros.depth.twist_source import TwistSource
from eventdepth_ros.diagnostics import DepthMonitor, Trace
from eventdepth_ros.rig_source import RigSource
from rclpy.clock import Clock
from rclpy.subscription import Subscription

NS_PER_US = 1000
NS_PER_S = 1e9
MAX_DRAINED = 64
MAX_HELD_POSES = 2000
"""Those of the last ten seconds at 200 Hz, until there is a live path."""


class Intake:
    """
    Takes the messages of all sensors in; one thread.

    Parameters
    ----------
    source : RigSource
        Is told of frames and sizes.
    clock : Clock
        The node's clock: receive times, and stamps where a sender gives none.
    monitor, guard, trace
        Where messages are counted, errors told and times recorded; no trace without one.
    max_hold_s : float
        How long messages may wait for a live path, s.
    poses : PoseSource or TwistSource, optional
        Makes poses of transforms, odometry and velocities.

    """

    def __init__(  # noqa: PLR0913 - the parts of a node, each made by itself
        self,
        source: RigSource,
        clock: Clock,
        *,
        monitor: DepthMonitor,
        guard: Guard,
        trace: Trace | None,
        max_hold_s: float,
        poses: PoseSource | TwistSource | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._monitor = monitor
        self._guard = guard
        self._trace = trace
        self._poses = poses
        self._pose_subscriptions: tuple[Subscription, ...] = ()
        self._held_poses: deque[PoseSample] = deque(maxlen=MAX_HELD_POSES)
        self._live: LiveDepth | None = None
        self._left_out: frozenset[str] = frozenset()
        self._subscriptions: dict[Modality, Subscription] = {}
        self._backlog = Backlog(self._count_no_rig, max_age_s=max_hold_s)
        self._time = TimeWatch()
        self._sequence = SenderWatch()
        self._packet_form = FormWatch()
        self._image_form = FormWatch()
        self._frame_ids: dict[Modality, str] = {}
        self._deliveries: dict[Modality, Callable[[LiveDepth, Held], None]] = {
            'events': self._deliver_events,
            'image': self._deliver_image,
            'points': self._deliver_points,
        }

    def drain(
        self,
        subscriptions: Mapping[Modality, Subscription],
        poses: tuple[Subscription, ...] = (),
    ) -> None:
        """Take from these, in their order, besides what the executor brings; empty to end it."""
        self._subscriptions = dict(subscriptions)
        self._pose_subscriptions = poses

    def on_events(self, message: Any) -> None:  # noqa: ANN401 - made at run time
        """Take an EventPacket in with those that wait, after the images and points."""
        waiting = self._waiting('events')
        self._take_earlier('events')
        for each in (message, *waiting):
            self._take('events', each, len(each.events))

    def on_image(self, message: Any) -> None:  # noqa: ANN401 - Image or CompressedImage
        """Take an image in, after what it may need."""
        self._take_earlier('image')
        self._take('image', message, len(message.data))

    def on_points(self, message: Any) -> None:  # noqa: ANN401 - as its neighbours
        """Take a point cloud in, after what it may need."""
        self._take_earlier('points')
        self._take('points', message, len(message.data))

    def on_poses(self, message: Any) -> None:  # noqa: ANN401 - of one of seven types
        """Take transforms, odometry, a pose or a velocity in."""
        if self._poses is None:
            return
        try:
            for sample in poses_of(self._poses, message):
                self._take_pose(sample)
        except Exception as error:  # noqa: BLE001 - see the laws
            self._guard.report(error)

    def leave_out(self, modalities: frozenset[str]) -> None:
        """Use nothing of these from now on."""
        self._left_out = modalities

    def attach(self, live: LiveDepth) -> None:
        """Push to `live` from now on, first what was held."""
        self._live = live
        while self._held_poses:
            live.push_pose(self._held_poses.popleft())
        for held in self._backlog.taken():
            self._guarded_delivery(live, held)

    def detach(self) -> None:
        """Hold what comes from now on, until a live path is attached."""
        self._live = None

    def follow_time(self) -> None:
        """Let time go on without messages."""
        live = self._live
        if live is None:
            self._backlog.expire(time.monotonic_ns())
            return
        now_ns = self._clock.now().nanoseconds
        if now_ns > 0:  # 0: /clock has not come yet
            live.follow_time(now_ns // NS_PER_US)

    def follow_clock_jump(self, now_us: int) -> None:
        """Start anew after a jump of the clock, unless the streams have shown it already."""
        if self._time.clock_jump(now_us, time.monotonic()):
            self.reset('clock_jump')

    def reset(self, reason: str) -> None:
        """Start anew."""
        self._sequence.forget()
        self._forget_poses()
        if self._live is not None:
            self._live.reset(reason)

    def forget(self) -> None:
        """Forget every stream, as between two activations."""
        self._backlog.drop_all()
        self._forget_poses()
        self._time.forget()
        self._sequence.forget()

    def _take_earlier(self, modality: Modality) -> None:
        """
        Take what waits of the inputs that are to be served before this one.

        The queues are read in reverse order: what came before a message is then in its queue when
        that is read, however long this thread is kept waiting in between.

        """
        order = [*self._subscriptions]
        earlier = order[: order.index(modality)] if modality in order else order
        waiting = {each: self._waiting(each) for each in reversed(earlier)}
        for subscription in self._pose_subscriptions:
            for message in waiting_messages(subscription, MAX_DRAINED):
                self.on_poses(message)
        for each in earlier:
            for message in waiting[each]:
                self._take(each, message, len(message.data))

    def _waiting(self, modality: Modality) -> tuple[Any, ...]:
        """Take what waits in a queue out of it; Any, messages are made at run time."""
        subscription = self._subscriptions.get(modality)
        return () if subscription is None else tuple(waiting_messages(subscription, MAX_DRAINED))

    def _take(self, modality: Modality, message: Any, num_bytes: int) -> None:  # noqa: ANN401
        received_ns = time.monotonic_ns()
        now_ns = self._clock.now().nanoseconds
        self._monitor.received(modality, now_ns // NS_PER_US)
        held = Held(modality, message, now_ns, received_ns, num_bytes)
        live = self._live
        if live is None:
            self._note_unused(modality, message)
            self._backlog.hold(held)
            return
        self._guarded_delivery(live, held)
        if self._trace is not None:
            self._trace.add(
                'executor', 'receive', received_ns, time.monotonic_ns(), modality=modality
            )

    def _guarded_delivery(self, live: LiveDepth, held: Held) -> None:
        modality = held.modality
        if modality in self._left_out:
            self._monitor.refused(modality, 'not_calibrated')
            self._note_unused(modality, held.message)
            return
        try:
            self._deliveries[modality](live, held)
        except Exception as error:  # noqa: BLE001 - see the laws
            self._monitor.refused(modality, self._guard.report(error))

    def _deliver_events(self, live: LiveDepth, held: Held) -> None:
        packet = conversions.event_packet(held.message, held.now_ns)
        stamp_us = packet.arrival_us or 0
        if not self._is_usable('events', stamp_us, held.received_ns):
            return
        if packet.seq is not None and self._sequence.restarted(packet.seq, stamp_us):
            self.reset('restart')
            self._sequence.restarted(packet.seq, stamp_us)
        if self._packet_form.changed(packet.encoding, packet.width, packet.height):
            self.reset('new_format')
            self._note_frame('events', held.message.header.frame_id, self._packet_form)
        elif held.message.header.frame_id != self._frame_ids.get('events'):
            self._note_frame('events', held.message.header.frame_id, self._packet_form)
        live.push_packet(packet)

    def _deliver_image(self, live: LiveDepth, held: Held) -> None:
        sample = conversions.image_sample(held.message, held.now_ns)
        if not self._is_usable('image', sample.stamp_us, held.received_ns):
            return
        height, width = sample.image.shape[:2]
        is_new = self._image_form.changed('', width, height)
        if is_new or sample.frame_id != self._frame_ids.get('image'):
            self._note_frame('image', sample.frame_id, self._image_form)
        live.push_image(sample)

    def _deliver_points(self, live: LiveDepth, held: Held) -> None:
        sample = conversions.points_sample(held.message, held.now_ns)
        if not self._is_usable('points', sample.stamp_us, held.received_ns):
            return
        if sample.frame_id != self._frame_ids.get('points'):
            self._note_frame('points', sample.frame_id)
        live.push_points(sample)

    def _take_pose(self, sample: PoseSample) -> None:
        verdict = self._time.stamp('pose', sample.stamp_us, time.monotonic_ns() / NS_PER_S)
        if verdict == 'leftover':
            return
        if verdict == 'loop':
            self.reset('loop')
        if self._live is None:
            self._held_poses.append(sample)
        else:
            self._live.push_pose(sample)

    def _forget_poses(self) -> None:
        self._held_poses.clear()
        if self._poses is not None:
            self._poses.clear()

    def _is_usable(self, modality: Modality, stamp_us: int, received_ns: int) -> bool:
        verdict = self._time.stamp(modality, stamp_us, received_ns / NS_PER_S)
        if verdict == 'leftover':
            self._monitor.refused(modality, 'from_before_reset')
            return False
        if verdict == 'loop':
            self.reset('loop')
        return True

    def _note_unused(self, modality: Modality, message: Any) -> None:  # noqa: ANN401
        """Learn what a message says about its sensor without using it."""
        frame_id = message.header.frame_id
        if modality == 'events':
            self._packet_form.changed(message.encoding, message.width, message.height)
            self._note_frame(modality, frame_id, self._packet_form)
        elif modality == 'image' and hasattr(message, 'width'):  # a compressed one hides its size
            self._image_form.changed('', message.width, message.height)
            self._note_frame(modality, frame_id, self._image_form)
        else:
            self._note_frame(modality, frame_id)

    def _note_frame(
        self, modality: Modality, frame_id: str, form: FormWatch | None = None
    ) -> None:
        """Tell the source of a sensor's frame and of its size, where that is known."""
        self._frame_ids[modality] = frame_id
        settled = None if form is None else form.settled
        size = None if settled is None else (settled.height, settled.width)
        self._source.add_frame(modality, frame_id, size)

    def _count_no_rig(self, modality: Modality) -> None:
        self._monitor.refused(modality, 'no_rig_yet')
