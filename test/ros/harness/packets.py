"""
Messages of a simulated sensor head: an EVT3 camera over moving edges, an image camera, a LiDAR.

Sensor time runs from `start_us`; a header stamp is sensor time plus `epoch_us`, the host's time
when the sensor's clock began. All messages are core messages (`eventdepth_core.recordings`), so
what is sent is what a recording holds.

"""

from dataclasses import dataclass
from pathlib import Path
import sys

from eventdepth_core.events import packet_encoder
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.messages import Header, RawEventPacket, RawImage, RawPointCloud
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.types import Camera, Events
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'bench'))
from streams import edge_stream

PERIOD_US = 256_000
FRAME_ID = 'event_camera_optical_frame'
LIDAR_FRAME_ID = 'lidar'


@dataclass(frozen=True)
class StreamSpec:
    """Size (height, width) of the sensor, events and packets per time, where time begins."""

    size: tuple[int, int] = (48, 64)
    rate_hz: float = 200_000.0
    packet_us: int = 2_000
    start_us: int = 100_000_000
    epoch_us: int = 1_700_000_000_000_000
    encoding: str = 'evt3'
    frame_id: str = FRAME_ID

    @property
    def camera(self) -> Camera:
        """A camera of this size with 60 degrees or so of view."""
        height, width = self.size
        return Camera(width, height, 0.9 * width, 0.9 * width, (width - 1) / 2, (height - 1) / 2)


class SensorHead:
    """Makes the messages one after the other; `now_us` is sensor time."""

    def __init__(self, spec: StreamSpec, seed: int = 1) -> None:
        self.spec = spec
        self.now_us = spec.start_us
        self.seq = 0
        self._encoding = spec.encoding
        self._encoder = packet_encoder(spec.encoding, spec.size[1], spec.size[0])
        self._period = edge_stream(
            size=spec.size, rate_hz=spec.rate_hz, start_us=0, duration_us=PERIOD_US, seed=seed
        )

    @property
    def stamp_ns(self) -> int:
        """The host time of now, ns."""
        return (self.spec.epoch_us + self.now_us) * 1000

    def events(self, start_us: int, end_us: int) -> Events:
        """Return the events of [start_us, end_us) of sensor time."""
        parts = []
        for turn in range(start_us // PERIOD_US, (end_us - 1) // PERIOD_US + 1):
            offset_us = turn * PERIOD_US
            edges_us = (start_us - offset_us, end_us - offset_us)
            lower, upper = np.searchsorted(self._period['t'], edges_us)
            part = self._period[lower:upper].copy()
            part['t'] += offset_us
            parts.append(part)
        return np.concatenate(parts)

    def packet(self) -> RawEventPacket:
        """Return the next packet; time and sequence number go on."""
        spec = self.spec
        end_us = self.now_us + spec.packet_us
        packet = RawEventPacket(
            header=Header(self.stamp_ns, spec.frame_id),
            height=spec.size[0],
            width=spec.size[1],
            seq=self.seq,
            time_base_ns=0,
            encoding=self._encoding,
            payload=self._encoder.encode(self.events(self.now_us, end_us)),
        )
        self.now_us = end_us
        self.seq += 1
        return packet

    def image(self) -> RawImage:
        """Return an image of now."""
        rows, columns = np.mgrid[: self.spec.size[0], : self.spec.size[1]]
        picture = ((rows * 3 + columns * 2 + self.now_us // 1000) % 256).astype(np.uint8)
        return raw_image(picture, 'mono8', Header(self.stamp_ns, self.spec.frame_id))

    def points(self) -> RawPointCloud:
        """Return points of now in the frame of the camera: a wall that is nearer on the left."""
        camera = self.spec.camera
        columns, rows = np.meshgrid(
            np.arange(1, camera.width, 4), np.arange(1, camera.height, 4), indexing='xy'
        )
        z = 3.0 + 4.0 * columns / camera.width
        x, y = (columns - camera.cx) * z / camera.fx, (rows - camera.cy) * z / camera.fy
        points_m = np.stack([x, y, z], axis=-1).reshape(-1, 3).astype(np.float32)
        return raw_points(points_m, Header(self.stamp_ns, self.spec.frame_id))

    def jump(self, delta_us: int) -> None:
        """Let sensor time jump, as a restarted or looped driver does."""
        self.now_us += delta_us
        self._encoder = packet_encoder(self._encoding, self.spec.size[1], self.spec.size[0])

    def lose(self, num_packets: int) -> None:
        """Make packets that nobody gets: time and sequence number go on."""
        for _ in range(num_packets):
            self.packet()
