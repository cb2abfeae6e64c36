"""
What the depth node publishes, made from one frame under one header.

Laws: camera_info goes first and every message of a frame has the same header; pictures, masks and
clouds that nobody subscribes to are not computed; `~/mode` is published when it changes, and kept
for late subscribers; relative depth has names of its own, because it is no depth in metres.

"""

from collections.abc import Callable
import json
import time

from eventdepth_core.geometry.certainty import certain_frame
from eventdepth_core.realtime import LiveFrame
from eventdepth_core.rendering import ColourScale, RunningScale
from eventdepth_core.types import Camera, DepthFrame, Float32
from eventdepth_ros import conversions, qos
from eventdepth_ros.diagnostics import STAGES
from eventdepth_ros.parameters.depth import DepthParameters
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Float64MultiArray, Header, MultiArrayDimension, MultiArrayLayout, String

METRIC_FOLDER = '~/depth'
RELATIVE_FOLDER = '~/depth_relative'


class FixedScale(RunningScale):
    """A colour scale that the user has chosen."""

    def __init__(self, low_m: float, high_m: float) -> None:
        super().__init__()
        self._fixed = ColourScale(low_m, high_m)

    def update(self, values_m: Float32) -> ColourScale:  # noqa: ARG002 - does not follow the map
        """Return the chosen scale."""
        return self._fixed


class DepthOutputs:
    """
    The publishers of a depth node; `publish` runs in the inference worker.

    Parameters
    ----------
    node : Node
        The node that publishes.
    parameters : DepthParameters
        Encoding, limits and preview; `follow` takes new ones.
    report : qos.QosReport
        Takes the middleware's complaints.
    is_relative : bool
        Whether the model's depth has no unit.

    """

    def __init__(
        self,
        node: Node,
        parameters: DepthParameters,
        report: qos.QosReport,
        *,
        is_relative: bool = False,
    ) -> None:
        self._node = node
        self._report = report
        folder = RELATIVE_FOLDER if is_relative else METRIC_FOLDER
        self._camera_info = self._advertise(CameraInfo, f'{folder}/camera_info')
        self._depth = self._advertise(Image, f'{folder}/image')
        self._std = self._advertise(Image, f'{folder}/std')
        self._mask = self._advertise(Image, f'{folder}/valid_mask')
        self._preview = self._advertise(Image, f'{folder}/image_color')
        has_cloud = parameters.cloud_enabled and not is_relative
        self._cloud = self._advertise(PointCloud2, '~/points') if has_cloud else None
        self._mode = qos.advertise(node, String, '~/mode', profile=qos.latched(), report=report)
        self._latency = self._advertise(Float64MultiArray, '~/debug/latency')
        self._latency_layout = latency_layout()
        self._last_mode: dict[str, object] = {}
        self._info: tuple[Camera, CameraInfo] | None = None
        self.follow(parameters)

    def follow(self, parameters: DepthParameters) -> None:
        """Take in changed parameters; what is being published keeps the old ones."""
        self._parameters = parameters
        self._scale = new_scale(parameters)

    def publish(self, live_frame: LiveFrame, frame_id: str) -> int:
        """
        Publish a frame.

        Returns
        -------
        int
            `time.monotonic_ns` when depth and what belongs to it were handed over; the coloured
            preview and the points come after it.

        """
        parameters, scale = self._parameters, self._scale
        frame = live_frame.frame
        if parameters.max_std_m > 0:
            frame = certain_frame(frame, max_std_m=parameters.max_std_m)
        header = conversions.header_message(frame.stamp_us, frame_id)
        self._camera_info.publish(self._info_of(frame.camera, header))
        encoding = parameters.depth_encoding
        self._depth.publish(
            conversions.depth_message(frame, header, '16UC1' if encoding == '16UC1' else '32FC1')
        )
        self._publish_if_wanted(self._std, lambda: conversions.std_message(frame, header))
        self._publish_if_wanted(self._mask, lambda: conversions.valid_mask_message(frame, header))
        published_ns = time.monotonic_ns()
        self._publish_if_wanted(
            self._preview, lambda: conversions.preview_message(frame, header, scale)
        )
        if self._cloud is not None:
            self._publish_if_wanted(
                self._cloud, lambda: conversions.points_of_depth_message(frame, header)
            )
        self._publish_mode(frame)
        return published_ns

    def publish_latencies(self, stages_ms: dict[str, float]) -> None:
        """Publish how long the stages of a frame took, in ms, in the order of the layout."""
        self._publish_if_wanted(
            self._latency,
            lambda: Float64MultiArray(
                layout=self._latency_layout, data=[stages_ms[name] for name in STAGES]
            ),
        )

    def destroy(self) -> None:
        """Destroy the publishers."""
        for publisher in (
            self._camera_info, self._depth, self._std, self._mask, self._preview, self._cloud,
            self._mode, self._latency,
        ):  # fmt: skip
            if publisher is not None:
                self._node.destroy_publisher(publisher)

    def _advertise(self, message_type: type, topic: str) -> Publisher:
        return qos.advertise(
            self._node, message_type, topic, profile=qos.depth_out(), report=self._report
        )

    def _info_of(self, camera: Camera, header: Header) -> CameraInfo:
        """Return the camera's message, made once for a camera, with the header of the frame."""
        if self._info is None or self._info[0] is not camera:
            self._info = (camera, conversions.camera_info_message(camera, header))
        message = self._info[1]
        message.header = header
        return message

    def _publish_mode(self, frame: DepthFrame) -> None:
        mode = mode_of(frame)
        if mode != self._last_mode:
            self._last_mode = mode
            self._mode.publish(String(data=json.dumps({**mode, 'stamp_us': frame.stamp_us})))

    @staticmethod
    def _publish_if_wanted(publisher: Publisher, message: Callable[[], object]) -> None:
        if publisher.get_subscription_count() > 0:
            publisher.publish(message())


def mode_of(frame: DepthFrame) -> dict[str, object]:
    """Return what `~/mode` says about a frame; the stamp of the first such frame is added."""
    return {
        'modalities': list(frame.modalities),
        'scale': frame.scale,
        'incomplete': sorted(frame.incomplete),
        'motion_delay_ms': frame.motion_delay_us / 1000,
    }


def latency_layout() -> MultiArrayLayout:
    """Return a layout with one dimension per stage, whose label is the stage's name."""
    return MultiArrayLayout(
        dim=[MultiArrayDimension(label=name, size=1, stride=1) for name in STAGES]
    )


def new_scale(parameters: DepthParameters) -> RunningScale:
    """Return the scale of the preview: fixed where the user gave its ends."""
    if parameters.preview_max_depth_m > 0:
        return FixedScale(parameters.preview_min_depth_m, parameters.preview_max_depth_m)
    return RunningScale()
