"""
Player node: any recording that the library reads, published on its topics at its own pace.

Ends by itself with status 0 at the end of the recording, unless it loops; services `~/pause`,
`~/resume` and `~/toggle_paused`. Parameters: `eventdepth_ros.parameters.player`.

"""

import sys

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_ros.parameters import declare
from eventdepth_ros.parameters.player import PlayerParameters
from eventdepth_ros.playing import (
    open_playable,
    Playable,
    PlayableOptions,
    TimedMessage,
    TopicNames,
    Track,
)
from eventdepth_ros.playing.message_types import message_class
from eventdepth_ros.playing.pacing import PaceReport
from eventdepth_ros.playing.playback import Playback, PlaybackOptions
from eventdepth_ros.playing.publishing import ClockPublisher, TrackPublishers
from eventdepth_ros.spinning import EndableNode, interruptible, run_node
from rclpy.node import Node
from std_srvs.srv import Trigger

SWITCH_INTERVAL_S = 0.0005  # the reading thread may hold up the playing one that long


class PlayerNode(EndableNode, Node):
    """Opens the recording, offers its topics and plays."""

    def __init__(self) -> None:
        super().__init__('player')
        self._logger = self.get_logger()
        self.parameters = declare(self, PlayerParameters)
        self._playable = interruptible(lambda: opened(self.parameters))
        self._outlet = _NodeOutlet(self, self._playable, self.parameters)
        self._playback = Playback(
            self._playable,
            self._outlet,
            playback_options(self.parameters),
            on_pass=self._report,
            on_end=self._end,
        )
        self.create_service(Trigger, '~/pause', self._pause)
        self.create_service(Trigger, '~/resume', self._resume)
        self.create_service(Trigger, '~/toggle_paused', self._toggle)
        self._playback.start()

    def finish(self) -> None:
        """Stop playing and release the recording."""
        self._playback.stop()
        self._playable.close()

    def _pause(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._set_paused(response, is_paused=True)

    def _resume(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._set_paused(response, is_paused=False)

    def _toggle(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._set_paused(response, is_paused=not self._playback.is_paused)

    def _set_paused(self, response: Trigger.Response, *, is_paused: bool) -> Trigger.Response:
        self._playback.set_paused(is_paused=is_paused)
        response.success = True
        response.message = 'paused' if is_paused else 'playing'
        return response

    def _report(self, report: PaceReport) -> None:
        dropped = self._playable.dropped
        self._logger.info(
            f'Played {report.num_messages} messages at {report.achieved_rate:.3f} times '
            f'recording speed (asked {self.parameters.rate:g}), {report.num_late} late by more '
            f'than 10 ms, at most {report.max_late_ms:.1f} ms; {report.num_slips} slips of the '
            f'schedule; unreadable: {dropped or "none"}.'
        )

    def _end(self, error: Exception | None) -> None:
        if error is not None:
            self._logger.error(f'Playing ended early: {error}')
        self.request_end(0 if error is None else 1)


class _NodeOutlet:
    """The publishers of one playback."""

    def __init__(self, node: Node, playable: Playable, parameters: PlayerParameters) -> None:
        tracks = _chosen_tracks(playable, parameters.topics)
        self._tracks = TrackPublishers(node, tracks)
        self._clock = ClockPublisher(node) if parameters.clock else None
        self._awaited = [self._awaited_listener(entry) for entry in parameters.wait_for]

    @property
    def topics(self) -> frozenset[str]:
        """The recorded topics that are published."""
        return self._tracks.topics

    def publish(self, message: TimedMessage) -> None:
        """Publish one message."""
        self._tracks.publish(message)

    def publish_clock(self, stamp_ns: int) -> None:
        """Publish the recording's time, if asked for."""
        if self._clock is not None:
            self._clock.publish(stamp_ns)

    def is_awaited(self) -> bool:
        """Return whether every topic of `wait_for` has a subscriber."""
        return all(self._tracks.has_subscription(*awaited) for awaited in self._awaited)

    def wait_for_all_acked(self, timeout_s: float) -> bool:
        """Wait until every reliable reader has everything."""
        return self._tracks.wait_for_all_acked(timeout_s)

    def _awaited_listener(self, entry: str) -> tuple[str, str]:
        """Return the recorded topic and the node, '' for any, of an entry of `wait_for`."""
        name, _, node = entry.partition(' ')
        topic = self._tracks.recorded_topic(name)
        if topic is None:
            raise InputError(
                f'Expected wait_for out of the played topics {sorted(self.topics)}, got {name!r}.'
            )
        return topic, node.strip()


def opened(parameters: PlayerParameters) -> Playable:
    """
    Open the recording of the parameters and import its message types.

    Raises
    ------
    InputError
        Without a recording.
    RecordingError
        If it cannot be read.

    """
    if not parameters.recording:
        raise InputError("Expected the parameter recording: a file or folder, got ''.")
    options = PlayableOptions(
        camera_file=parameters.camera_file or None,
        fov_deg=parameters.fov_deg or None,
        names=TopicNames(
            events=parameters.events_topic,
            image=parameters.image_topic,
            points=parameters.points_topic,
            depth=parameters.depth_topic,
            pose=parameters.pose_topic,
        ),
        packet_us=parameters.packet_us,
    )
    playable = open_playable(parameters.recording, options)
    for track in playable.tracks:
        try:
            message_class(track.type_name)
        except EventDepthError:  # said once, where the publisher is missing
            continue
    return playable


def playback_options(parameters: PlayerParameters) -> PlaybackOptions:
    """Return how the parameters want the recording played."""
    return PlaybackOptions(
        rate=parameters.rate,
        is_looped=parameters.loop,
        start_s=parameters.start_s,
        duration_s=parameters.duration_s,
        wait_timeout_s=parameters.wait_timeout_s,
        end_delay_s=parameters.end_delay_s,
        clock_period_s=1.0 / parameters.clock_rate_hz if parameters.clock else None,
        is_paused=parameters.start_paused,
    )


def main(args: list[str] | None = None) -> int:
    """Run the node."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    return run_node(PlayerNode, args)


def _chosen_tracks(playable: Playable, topics: tuple[str, ...]) -> tuple[Track, ...]:
    """Return the tracks of the topics asked for, all if none is."""
    known = {track.topic for track in playable.tracks}
    for topic in topics:
        if topic not in known:
            raise InputError(
                f'Expected topics out of the recording, {sorted(known)}, got {topic!r}.'
            )
    return tuple(track for track in playable.tracks if not topics or track.topic in topics)


if __name__ == '__main__':
    sys.exit(main())
