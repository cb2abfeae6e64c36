"""A depth node under test, and everything that it publishes."""

from collections.abc import Mapping
import json
from pathlib import Path
import time

from diagnostic_msgs.msg import DiagnosticArray
from eventdepth_core.recordings.image_codec import image_array
from eventdepth_core.recordings.messages import Header, RawImage
import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import String

from harness.children import ChildNode
from harness.drivers import Drivers, latched_qos
from harness.session import RosSession

NODE = 'eventdepth'
STEP_US = 100_000
SLACK_US = 10_000
PATIENCE_S = 0.3
PARAMETERS: Mapping[str, object] = {
    'events.topic': '/camera/events',
    'events.reliability': 'reliable',
    'image.topic': '/camera/image_raw',
    'points.topic': '/lidar/points',
    'rate_hz': 20.0,
    'num_threads': 1,
    'diagnostics.period_s': 0.2,
    'use_sim_time': True,
}


def start_depth(ros: RosSession, bundle: Path | str, **parameters: object) -> ChildNode:
    """Start a depth node; dots in names are written as two underscores."""
    given = {name.replace('__', '.'): value for name, value in parameters.items()}
    return ros.start('depth', name=NODE, parameters={**PARAMETERS, 'bundle': str(bundle), **given})


class DepthWatch:
    """Collects what a depth node publishes."""

    def __init__(self, ros: RosSession) -> None:
        self.ros = ros
        self.images: list[Image] = ros.collect(Image, f'/{NODE}/depth/image')
        self.infos: list[CameraInfo] = ros.collect(CameraInfo, f'/{NODE}/depth/camera_info')
        self.stds: list[Image] = ros.collect(Image, f'/{NODE}/depth/std')
        self.masks: list[Image] = ros.collect(Image, f'/{NODE}/depth/valid_mask')
        self.modes: list[String] = ros.collect(String, f'/{NODE}/mode', latched_qos())
        self._diagnostics: list[DiagnosticArray] = ros.collect(DiagnosticArray, '/diagnostics')

    @property
    def stamps_us(self) -> list[int]:
        """The stamps of the depth images, in the order in which they came."""
        return [stamp_us(image) for image in self.images]

    @property
    def mode(self) -> dict[str, object]:
        """What the newest mode says, {} before the first."""
        return json.loads(self.modes[-1].data) if self.modes else {}

    def values(self, part: str) -> dict[str, str]:
        """Return the values of the newest status of a part ('inputs'), {} before the first."""
        status = self._newest(part)
        return {} if status is None else {pair.key: pair.value for pair in status.values}

    def level(self, part: str) -> int:
        """Return the level of the newest status of a part: 0 OK, 1 WARN, 2 ERROR; -1 = none."""
        status = self._newest(part)
        return -1 if status is None else int.from_bytes(status.level, 'little')

    def message(self, part: str) -> str:
        """Return the text of the newest status of a part."""
        status = self._newest(part)
        return '' if status is None else status.message

    def count(self, part: str, key: str) -> int:
        """Return a number of a part, 0 where it is not there (yet)."""
        return int(self.values(part).get(key, 0))

    def sums_agree(self) -> bool:
        """Return whether triggers = frames + drops + pending, in a status that has triggers."""
        drops = self.values('drops')
        if not int(drops.get('triggers', 0)):
            return False
        parts = sum(int(drops[name]) for name in ('frames', 'dropped', 'pending'))
        named = sum(int(n) for key, n in drops.items() if key.startswith('dropped, '))
        return int(drops['triggers']) == parts and named == int(drops['dropped'])

    def _newest(self, part: str):
        for message in reversed(self._diagnostics):
            for status in message.status:
                if status.name.endswith(f'{NODE}: {part}'):
                    return status
        return None


class FedDepth:
    """A depth node that has given its first depth, with its drivers in step with it."""

    def __init__(self, ros: RosSession, bundle: Path | str, **parameters: object) -> None:
        self.ros = ros
        self.drivers = Drivers(ros.node('drivers'), has_clock=True)
        self.watch = DepthWatch(ros)
        self.child = start_depth(ros, bundle, **parameters)
        drivers, asked = self.drivers, {**PARAMETERS, **_dotted(parameters)}
        senders = {'image.topic': drivers.image, 'points.topic': drivers.points}
        used = [sender for name, sender in senders.items() if asked[name]]
        ros.wait_for_subscribers(drivers.events, drivers.camera_info, drivers.clock, *used)

    def until_depth(self, what: str = 'depth') -> int:
        """Feed until one more depth image comes with a stamp of now; return its stamp."""
        begin_us = self.drivers.head.stamp_ns // 1000

        def newest_of_now() -> int:
            self.feed(STEP_US)
            now_us = self.drivers.head.stamp_ns // 1000 + SLACK_US
            stamps = [stamp for stamp in self.watch.stamps_us[-3:] if begin_us <= stamp <= now_us]
            return stamps[-1] if stamps else 0

        return self.ros.spin_until(newest_of_now, 30.0, what)

    def feed(self, duration_us: int = STEP_US) -> None:
        """Send the events of a while; let the node follow, but wait no longer than PATIENCE_S."""
        self.drivers.send_events(duration_us)
        behind_us = self.drivers.head.stamp_ns // 1000 - 2 * STEP_US
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            self.ros.spin_once()
            if any(behind_us <= stamp for stamp in self.watch.stamps_us[-3:]):
                return

    def start(self) -> None:
        """
        Announce the camera and show every sensor until the first depth.

        More than once: a best effort subscription may not know its publisher yet.

        """

        def has_depth() -> bool:
            self.drivers.announce()
            self.drivers.send_image()
            self.drivers.send_points()
            self.feed(STEP_US)
            return bool(self.watch.images)

        self.ros.spin_until(has_depth, 60.0, 'the first depth')


def _dotted(parameters: Mapping[str, object]) -> dict[str, object]:
    return {name.replace('__', '.'): value for name, value in parameters.items()}


def stamp_us(message: Image | CameraInfo) -> int:
    """Return the stamp of a message in µs."""
    return message.header.stamp.sec * 1_000_000 + message.header.stamp.nanosec // 1000


def pixels(message: Image) -> np.ndarray:
    """Return the pixels of an image message."""
    raw = RawImage(
        Header(), message.height, message.width, message.encoding, message.step,
        bytes(message.data), bool(message.is_bigendian),
    )  # fmt: skip
    return image_array(raw)
