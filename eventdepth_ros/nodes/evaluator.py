"""
Evaluator node: predicted depth against a reference topic, live and as a report at the end.

Publishes metrics of each frame as JSON on `~/metrics`, reports on /diagnostics, and writes
metrics.json, report.html and preview.png when it ends. Parameters:
`eventdepth_ros.parameters.evaluator`.

"""

from collections.abc import Callable
from contextlib import suppress
import json
import math
import os
from pathlib import Path
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from eventdepth_core.errors import EventDepthError
from eventdepth_core.types import ImageSample
from eventdepth_ros import conversions, qos
from eventdepth_ros.diagnostics import Status
from eventdepth_ros.diagnostics.publishing import DiagnosticsPublisher
from eventdepth_ros.diagnostics.publishing import TOPIC as DIAGNOSTICS_TOPIC
from eventdepth_ros.diagnostics.status import number, status_of
from eventdepth_ros.evaluating import (
    Evaluation,
    EvaluationOptions,
    FrameMetrics,
    ResultFiles,
)
from eventdepth_ros.parameters import declare
from eventdepth_ros.parameters.evaluator import EvaluatorParameters
from eventdepth_ros.spinning import EndableNode, make_executor, run_node
from eventdepth_ros.transforms import subscribe_transforms, TransformCollection
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from std_msgs.msg import String

QUEUE_DEPTH = 50
MODES_DEPTH = 50  # modes change several times within a second when the node is busy
PERIOD_S = 1.0
LOOK_S = 0.1
DRAFT_PERIOD_S = 0.25
DRAFT_EVERY_S = 10.0
PAUSE_S = 1.0
DRAIN_S = 0.5
NUM_SUBSCRIPTIONS = 8
DRAIN_POLL_S = 0.02
COMPRESSED_ENDING = '/compressed'
COMPRESSED_TYPE = 'sensor_msgs/msg/CompressedImage'
IMAGE_TYPES = {'raw': Image, 'compressed': CompressedImage}


class EvaluatorNode(EndableNode, Node):
    """Subscribes, hands the samples to an `Evaluation`, and writes its results."""

    def __init__(self) -> None:
        super().__init__('evaluator')
        self._logger = self.get_logger()
        self.parameters = declare(self, EvaluatorParameters)
        _step_back(self.parameters.niceness)
        self._files = ResultFiles(Path(self.parameters.output)) if self.parameters.output else None
        self._num_drafted = self._num_written = 0
        self._draft_due_s = time.monotonic() + DRAFT_EVERY_S
        self._evaluation = Evaluation(self._options(), self._publish_metrics)
        self._transforms = TransformCollection()
        self._metrics = qos.advertise(
            self, String, '~/metrics', profile=qos.depth_out(), report=self._report_qos
        )
        self._subscribe()
        self._diagnostics = DiagnosticsPublisher(
            self, self._evaluation.health.node, PERIOD_S, self._statuses
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(DRAFT_PERIOD_S, self._draft, clock=steady)

    def finish(self) -> None:
        """
        Compare what is left and write the results.

        Raises
        ------
        OSError
            If the folder can no longer be written.

        """
        evaluation = self._evaluation
        self._drain()
        evaluation.finish()
        summary = evaluation.summary()
        if summary.reason:
            self._logger.warning(f'Nothing was compared: {summary.reason}')
        if self._files is not None:
            self._files.write(summary)
            folder = self._files.folder
            self._logger.info(f'{summary.counts.num_compared} frames compared: {folder}')

    def _drain(self) -> None:
        """Read what waits in the subscriptions, for a short while."""
        executor = make_executor('single', self.context)
        executor.add_node(self)
        end_s = time.monotonic() + DRAIN_S
        before = None
        while time.monotonic() < end_s and before != (before := self._evaluation.counts()):
            for _ in range(NUM_SUBSCRIPTIONS):
                executor.spin_once(timeout_sec=DRAIN_POLL_S / NUM_SUBSCRIPTIONS)
        executor.remove_node(self)
        executor.shutdown()

    def _draft(self) -> None:
        """Draw and write what there is now and then, so that little is left to do at the end."""
        files, evaluation = self._files, self._evaluation
        if files is None or files.is_drawing:
            return
        num, now_s = evaluation.num_shown, time.monotonic()
        is_pause = evaluation.silent_s() > PAUSE_S
        if num > self._num_drafted and (is_pause or now_s > self._draft_due_s):
            if is_pause:
                evaluation.settle()
            self._num_drafted, self._draft_due_s = num, now_s + DRAFT_EVERY_S
            files.draw(evaluation.comparison.pictures())
        elif self._num_drafted > self._num_written:
            self._num_written = self._num_drafted
            files.write(evaluation.summary())

    def _options(self) -> EvaluationOptions:
        parameters = self.parameters
        predicted = self.resolve_topic_name(parameters.predicted_topic)
        target = parameters.target_topic and self.resolve_topic_name(parameters.target_topic)
        return EvaluationOptions(
            predicted_topic=predicted,
            target_topic=target,
            std_topic=parameters.std_topic,
            tolerance_ms=parameters.tolerance_ms,
            profile=parameters.profile,
            has_baselines=parameters.baselines,
            num_pictures=parameters.num_pictures,
            node=(parameters.diagnostics_node or node_of(predicted)).lstrip('/'),
        )

    def _subscribe(self) -> None:
        """Subscribe to everything; the mode before the depth, so that it is read first."""
        parameters, evaluation = self.parameters, self._evaluation
        predicted = evaluation.options.predicted_topic
        mode_topic = parameters.mode_topic or f'{node_of(predicted)}/mode'
        self._listen(
            String,
            mode_topic,
            lambda m: evaluation.modes.add(m.data),
            profile=qos.latched(MODES_DEPTH),
        )
        self._listen(DiagnosticArray, DIAGNOSTICS_TOPIC, self._take_diagnostics)
        self._subscribe_backdrops()
        if parameters.points_topic:
            self._subscribe_points(predicted)
        if parameters.std_topic:
            self._listen(Image, parameters.std_topic, self._depths_to(evaluation.take_std))
        self._listen(Image, predicted, self._depths_to(evaluation.take_depth))
        if parameters.target_topic:
            self._subscribe_target()

    def _subscribe_backdrops(self) -> None:
        parameters, backdrops = self.parameters, self._evaluation.backdrops
        if parameters.event_image_topic:
            self._listen(
                Image,
                parameters.event_image_topic,
                _later(backdrops.add_event_picture),
            )
        if parameters.image_topic:
            self._listen(
                IMAGE_TYPES[parameters.image_transport],
                image_topic(parameters),
                _later(backdrops.add_image),
            )

    def _subscribe_points(self, predicted: str) -> None:
        points = self._evaluation.points
        subscribe_transforms(self, self._take_transforms, self._report_qos)
        info_topic = f'{predicted.rpartition("/")[0]}/camera_info'
        self._listen(CameraInfo, info_topic, self._take_camera)
        self._listen(
            PointCloud2,
            self.parameters.points_topic,
            self._converted(conversions.points_sample, points.add),
        )

    def _subscribe_target(self) -> None:
        """Subscribe to the reference, as soon as its type is known."""
        transport = self.parameters.target_transport
        if transport != 'auto':
            self._listen_to_target(IMAGE_TYPES[transport])
            return
        if self._listen_to_published_target():
            return
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._look = self.create_timer(LOOK_S, self._look_for_target, clock=steady)

    def _look_for_target(self) -> None:
        if self._listen_to_published_target():
            self.destroy_timer(self._look)

    def _listen_to_published_target(self) -> bool:
        """Subscribe to the reference in the type of its publisher; False while there is none."""
        topic = self._evaluation.options.target_topic
        types = {info.topic_type for info in self.get_publishers_info_by_topic(topic)}
        if not types:
            return False
        self._listen_to_target(CompressedImage if COMPRESSED_TYPE in types else Image)
        return True

    def _listen_to_target(self, message_type: type) -> None:
        evaluation = self._evaluation
        topic = evaluation.options.target_topic
        self._listen(message_type, topic, self._depths_to(evaluation.take_target))

    def _listen(
        self,
        message_type: type,
        topic: str,
        callback: Callable[[Any], None],  # Any: a message class
        profile: Any = None,  # noqa: ANN401 - a QoSProfile, which mypy sees untyped
    ) -> None:
        chosen = profile or qos.sensor_in('reliable', QUEUE_DEPTH)
        qos.subscribe(self, message_type, topic, callback, profile=chosen, report=self._report_qos)

    def _depths_to(self, take: Callable[[Any], None]) -> Callable[[Any], None]:
        return self._converted(conversions.depth_sample, take)

    def _converted(
        self, convert: Callable[[Any, int], Any], take: Callable[[Any], None]
    ) -> Callable[[Any], None]:
        """Return a callback that hands the sample of a message on; what has none is counted."""

        def received(message: Any) -> None:  # noqa: ANN401 - one of several message classes
            """Hand a sample on, or count why there is none."""
            try:
                take(convert(message, self.get_clock().now().nanoseconds))
            except EventDepthError as error:
                self._refuse(error)

        return received

    def _refuse(self, error: EventDepthError) -> None:
        self._evaluation.refuse(error.reason)
        self._logger.warning(str(error), throttle_duration_sec=5.0)

    def _take_camera(self, message: CameraInfo) -> None:
        points = self._evaluation.points
        try:
            points.camera = conversions.camera_from_message(message)
        except EventDepthError as error:
            self._refuse(error)
        points.camera_frame = message.header.frame_id

    def _take_transforms(self, transforms: Any) -> None:  # noqa: ANN401 - RawTransforms
        self._transforms.add(transforms)
        self._evaluation.points.transforms = self._transforms.transforms

    def _take_diagnostics(self, array: DiagnosticArray) -> None:
        for status in array.status:
            values = {pair.key: pair.value for pair in status.values}
            level = int.from_bytes(status.level, 'little')
            self._evaluation.health.add(status.name, level, status.message, values)

    def _publish_metrics(self, frame: FrameMetrics) -> None:
        comparison = self._evaluation.comparison
        content = {
            'stamp_us': frame.stamp_us,
            'inputs': frame.subset,
            'profile': comparison.profile,
            'num_compared': comparison.num_compared,
            'metrics': {k: v if math.isfinite(v) else None for k, v in frame.values.items()},
        }
        self._metrics.publish(String(data=json.dumps(content)))

    def _statuses(self) -> tuple[Status, ...]:
        counts, trouble = self._evaluation.counts(), self._evaluation.trouble()
        values = [
            ('depth images', str(counts.num_predicted)),
            ('references', str(counts.num_targets)),
            ('compared', str(counts.num_compared)),
            ('restarts of time', str(counts.num_restarts)),
            *((f'refused, {why}', str(num)) for why, num in sorted(counts.refused.items())),
        ]
        for subset in self._evaluation.comparison.metrics():
            values += [
                (f'{subset.subset}: {name}', number(subset.values.get(name), 4))
                for name in ('abs_rel', 'rmse', 'delta1')
            ]
        ok_message = f'{counts.num_compared} frames compared'
        found = [] if trouble is None else [trouble]
        return (status_of('evaluation', found, values, ok_message=ok_message),)

    def _report_qos(self, topic: str, kind: str, text: str, count: int) -> None:  # noqa: ARG002
        if kind != 'matched':
            self._logger.warning(text, throttle_duration_sec=5.0)


def _step_back(niceness: int) -> None:
    """
    Lower this process's priority.

    Where a process leads a session of its own, as in a graph, Linux shares the cores among
    sessions first, so that the priority within one is without effect: lower the session's, too.

    """
    os.nice(niceness)
    with suppress(OSError):  # a kernel without autogroups
        Path('/proc/self/autogroup').write_text(f'{niceness}\n')


def _later(take: Callable[[int, Callable[[], ImageSample]], None]) -> Callable[[Any], None]:
    """Return a callback that hands on the stamp of a picture and what decodes it."""

    def received(message: Any) -> None:  # noqa: ANN401 - one of several message classes
        """Hand a picture on that is decoded only where it is wanted."""
        take(conversions.stamp_us(message.header.stamp), lambda: conversions.image_sample(message))

    return received


def node_of(depth_topic: str) -> str:
    """Return the node that publishes '<node>/depth/image'."""
    return depth_topic.rsplit('/', 2)[0]


def image_topic(parameters: EvaluatorParameters) -> str:
    """Return the topic of the images, with the transport's ending as the depth node has it."""
    topic = parameters.image_topic
    if parameters.image_transport == 'raw' or topic.endswith(COMPRESSED_ENDING):
        return topic
    return topic + COMPRESSED_ENDING


def main(args: list[str] | None = None) -> int:
    """Run the node; return the exit status."""
    return run_node(EvaluatorNode, args)


if __name__ == '__main__':
    sys.exit(main())
