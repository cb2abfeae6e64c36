"""
Write a walk as a ROS 2 bag: `python -m training.simulate.recording --out DIR --family room`.

Topics: /camera/events (evt3), /camera/image_raw (or /compressed), /camera/camera_info,
/lidar/points, /ground_truth/depth (32FC1, NaN = sky), /ground_truth/pose, /tf_static; where an RGB
camera stands beside the event camera its images are /rgb/image_raw, with /rgb/camera_info and
/ground_truth/rgb_depth. Sensor time starts at 0, host time at 10 s.

Stamps and record times are those of a real robot: an event packet is stamped at its first event
and recorded at its end; everything else is stamped when it was measured, an image (with its
camera_info and ground truth) recorded 15 ms later, points 5 ms. The scan of a named LiDAR takes
time: each point says its own. Law: record times ascend.

"""

import argparse
from dataclasses import dataclass
import heapq
from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_core.events import packet_encoder, PacketEncoder
from eventdepth_core.recordings.bag_metadata import QosProfile
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import compressed_image, raw_image
from eventdepth_core.recordings.mcap_recorder import McapRecorder
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import (
    Header,
    Message,
    RawEventPacket,
    RawPose,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.recordings.poses import pose_from_matrix
from eventdepth_core.types import Camera, EVENT_DTYPE, Events, Float32, Float64
import numpy as np
from rich.progress import track
from training.simulate.families import EVERY_NAME
from training.simulate.focus import Focus
from training.simulate.lens_models import (
    LENS_KINDS,
    LENS_PRESETS,
    LensKind,
    LensModel,
    random_lens_camera,
)
from training.simulate.lidar import LidarModel
from training.simulate.lidar_presets import LIDAR_PRESETS
from training.simulate.lidar_scan import ScanningLidar
from training.simulate.motions import MOTION_KINDS
from training.simulate.photos import SPLITS
from training.simulate.rgb_camera import rgb_preset, RGB_PRESETS, RgbCamera
from training.simulate.scan_message import raw_scan
from training.simulate.sensor_model import SensorModel
from training.simulate.textures import TEXTURE_MODES
from training.simulate.walk import Moment, TICK_US, walk, WalkSpec

HOST_START_US = 10_000_000
CAMERA_FRAME, LIDAR_FRAME, RGB_FRAME, WORLD_FRAME = 'camera', 'lidar', 'rgb', 'world'
IMAGE_DELAY_US, POINTS_DELAY_US = 15_000, 5_000
DEFAULT_PACKET_US = 1000
_DEPTH_MANTISSA_BITS = 12
_DRAWN = 'drawn-'


@dataclass(frozen=True, slots=True, eq=False)
class Mounts:
    """What stands beside the event camera: a LiDAR, and an RGB camera if it has its own view."""

    camera_from_lidar: Float64
    rgb: RgbCamera | None = None

    @property
    def own_rgb(self) -> RgbCamera | None:
        """The RGB camera if its images go to /rgb."""
        return self.rgb if self.rgb is not None and self.rgb.has_own_view else None


class MomentRecorder:
    """
    Turns moments of a sensor head of `size` (height, width) into messages of one bag.

    Without `camera` there is no camera_info, without `mounts` no /tf_static. `is_compressed`
    stores images as JPEG; `packet_us` is the length of event packets. Call `finish` after the
    last moment.

    """

    def __init__(
        self,
        recorder: McapRecorder,
        size: tuple[int, int],
        *,
        camera: Camera | None,
        mounts: Mounts | None = None,
        is_compressed: bool = False,
        packet_us: int = DEFAULT_PACKET_US,
    ) -> None:
        if packet_us < 1:
            raise InputError(f'Expected packet_us > 0, got {packet_us}.')
        self._recorder = recorder
        self._size = size
        self._camera = camera
        self._rgb = None if mounts is None else mounts.own_rgb
        self._is_compressed = is_compressed
        self._packet_us = packet_us
        height, width = size
        self._encoder: PacketEncoder = packet_encoder('evt3', width, height)
        self._num_packets = 0
        self._packet_start_us = 0
        self._rest = np.empty(0, EVENT_DTYPE)
        self._num_waiting = 0
        self._waiting: list[tuple[int, int, str, str, Message]] = []
        if mounts is not None:
            self._write_transforms(mounts)
        self._write_camera_info(0, delay_us=0)

    def write(self, moment: Moment) -> None:
        """Write all that was measured at one moment."""
        stamp_us = moment.stamp_us
        self._write_events(moment.events, stamp_us)
        camera_header = _header(stamp_us, CAMERA_FRAME)
        if moment.pose is not None:
            pose = RawPose(_header(stamp_us, WORLD_FRAME), pose_from_matrix(moment.pose.matrix))
            self._add('/ground_truth/pose', POSE_STAMPED, pose, stamp_us)
        if moment.image is not None:
            self._write_camera_info(stamp_us, delay_us=IMAGE_DELAY_US)
            self._write_image(moment)
        if moment.depth_m is not None:
            depth = raw_image(rounded_depth(moment.depth_m), '32FC1', camera_header)
            self._add('/ground_truth/depth', IMAGE, depth, stamp_us + IMAGE_DELAY_US)
        if moment.image_depth_m is not None:
            header = _header(stamp_us, RGB_FRAME)
            depth = raw_image(rounded_depth(moment.image_depth_m), '32FC1', header)
            self._add('/ground_truth/rgb_depth', IMAGE, depth, stamp_us + IMAGE_DELAY_US)
        if moment.points_m is not None:
            cloud = raw_points(moment.points_m, _header(stamp_us, LIDAR_FRAME))
            self._add('/lidar/points', POINT_CLOUD, cloud, stamp_us + POINTS_DELAY_US)
        if moment.scan is not None:
            cloud = raw_scan(moment.scan, _header(moment.scan.stamp_us, LIDAR_FRAME))
            self._add('/lidar/points', POINT_CLOUD, cloud, stamp_us + POINTS_DELAY_US)
        self._write_until(stamp_us)

    def finish(self) -> None:
        """Write what is still on its way."""
        if self._rest.size > 0:
            self._write_packet(self._rest)
        while self._waiting:
            self._write_first()

    def _add(self, topic: str, type_name: str, message: Message, record_us: int) -> None:
        """Keep a message until its record time."""
        heapq.heappush(self._waiting, (record_us, self._num_waiting, topic, type_name, message))
        self._num_waiting += 1

    def _write_until(self, stamp_us: int) -> None:
        while self._waiting and self._waiting[0][0] <= stamp_us:
            self._write_first()

    def _write_first(self) -> None:
        record_us, _, topic, type_name, message = heapq.heappop(self._waiting)
        stamp_ns = 1000 * (record_us + HOST_START_US)
        self._recorder.write(topic, type_name, encode_message(message), stamp_ns)

    def _write_events(self, events: Events, stamp_us: int) -> None:
        """Write the packets that are full at `stamp_us`; the rest waits."""
        self._rest = np.concatenate([self._rest, events])
        while self._packet_start_us + self._packet_us <= stamp_us:
            end_us = self._packet_start_us + self._packet_us
            num_events = int(np.searchsorted(self._rest['t'], end_us))
            self._write_packet(self._rest[:num_events])
            self._rest = self._rest[num_events:]

    def _write_packet(self, events: Events) -> None:
        height, width = self._size
        start_us = self._packet_start_us
        first_us = int(events['t'][0]) if events.size > 0 else start_us
        packet = RawEventPacket(
            header=_header(first_us, CAMERA_FRAME),
            height=height,
            width=width,
            seq=self._num_packets,
            time_base_ns=0,
            encoding=self._encoder.encoding,
            payload=self._encoder.encode(events),
        )
        self._num_packets += 1
        self._packet_start_us += self._packet_us
        self._add('/camera/events', EVENT_PACKET, packet, self._packet_start_us)

    def _write_camera_info(self, stamp_us: int, *, delay_us: int) -> None:
        if self._camera is None:
            return
        info = info_from_camera(self._camera, _header(stamp_us, CAMERA_FRAME))
        self._add('/camera/camera_info', CAMERA_INFO, info, stamp_us + delay_us)
        if self._rgb is not None and self._rgb.camera is not None:
            info = info_from_camera(self._rgb.camera, _header(stamp_us, RGB_FRAME))
            self._add('/rgb/camera_info', CAMERA_INFO, info, stamp_us + delay_us)

    def _write_image(self, moment: Moment) -> None:
        if moment.image is None:
            return
        record_us = moment.stamp_us + IMAGE_DELAY_US
        frame = CAMERA_FRAME if self._rgb is None else RGB_FRAME
        header = _header(moment.stamp_us, frame)
        if self._is_compressed:
            jpeg = compressed_image(moment.image, header, 'jpeg')
            self._add(f'/{frame}/image_raw/compressed', COMPRESSED_IMAGE, jpeg, record_us)
            return
        encoding = 'mono8' if moment.image.ndim == 2 else 'rgb8'
        image = raw_image(moment.image, encoding, header)
        self._add(f'/{frame}/image_raw', IMAGE, image, record_us)

    def _write_transforms(self, mounts: Mounts) -> None:
        placed = {LIDAR_FRAME: mounts.camera_from_lidar}
        if self._rgb is not None:
            placed[RGB_FRAME] = self._rgb.mount
        transforms = tuple(
            RawTransform(_header(0, CAMERA_FRAME), child, pose_from_matrix(mount))
            for child, mount in placed.items()
        )
        latched = (QosProfile(depth=1, durability='transient_local'),)
        self._recorder.add_topic('/tf_static', TF_MESSAGE, latched)
        self._add('/tf_static', TF_MESSAGE, RawTransforms(transforms), 0)


def record_walk(
    spec: WalkSpec,
    path: Path,
    *,
    is_compressed: bool = False,
    packet_us: int = DEFAULT_PACKET_US,
    overwrite: bool = False,
) -> None:
    """Simulate a walk and write it as a bag folder."""
    with McapRecorder(path, overwrite=overwrite) as recorder:
        writer = MomentRecorder(
            recorder,
            spec.size,
            camera=spec.camera,
            mounts=Mounts(spec.lidar.camera_from_lidar, spec.rgb),
            is_compressed=is_compressed,
            packet_us=packet_us,
        )
        total = round(spec.seconds * 1_000_000 / TICK_US)
        for moment in track(walk(spec), total=total, description=path.name):
            writer.write(moment)
        writer.finish()


def rounded_depth(depth_m: Float32) -> Float32:
    """Return depth rounded to 1 part in 8192, which compresses, and NaN for the sky."""
    step = np.uint32(1 << (23 - _DEPTH_MANTISSA_BITS))
    bits = np.ascontiguousarray(depth_m, dtype=np.float32).view(np.uint32)
    rounded = ((bits + step // np.uint32(2)) & ~(step - np.uint32(1))).view(np.float32)
    return np.where(np.isfinite(depth_m), rounded, np.float32(np.nan))


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = parser().parse_args(arguments)
    record_walk(
        walk_spec(options),
        options.out,
        is_compressed=options.jpeg,
        packet_us=options.packet_us,
        overwrite=options.overwrite,
    )


def walk_spec(options: argparse.Namespace) -> WalkSpec:
    """Return what the options of the command ask for."""
    return WalkSpec(
        family=options.family,
        seconds=options.seconds,
        size=_size(options.size),
        seed=options.seed,
        fov_deg=options.fov_deg,
        flow_px_s=options.flow_px_s,
        image_rate_hz=options.image_rate_hz,
        points_rate_hz=options.points_rate_hz,
        split=options.split,
        texture_mode=options.textures,
        sensor=SensorModel(options.threshold, options.threshold),
        lidar=_lidar(options),
        lens=LENS_PRESETS.get(options.lens, LensModel()),
        drawn_camera=_drawn_camera(options),
        motion=options.motion,
        focus=Focus(options.blur_px) if options.blur_px > 0 else None,
        rgb=None if options.rgb is None else rgb_preset(options.rgb, _size(options.rgb_size)),
    )


def _drawn_camera(options: argparse.Namespace) -> Camera | None:
    if options.lens in LENS_PRESETS:
        return None
    rng = np.random.default_rng(options.seed)
    kind: LensKind = options.lens.removeprefix(_DRAWN)
    return random_lens_camera(rng, _size(options.size), kind=kind)


def _size(text: str) -> tuple[int, int]:
    width, height = (int(side) for side in text.split('x'))
    return height, width


def _lidar(options: argparse.Namespace) -> LidarModel | ScanningLidar:
    if options.lidar is not None:
        return LIDAR_PRESETS[options.lidar]
    return LidarModel(
        num_rings=options.lidar_rings,
        azimuth_step_deg=options.lidar_step_deg,
        half_sector_deg=options.lidar_sector_deg / 2,
    )


def _header(stamp_us: int, frame_id: str) -> Header:
    return Header(stamp_ns=1000 * (stamp_us + HOST_START_US), frame_id=frame_id)


def parser() -> argparse.ArgumentParser:
    """Return the options of the command."""
    options = argparse.ArgumentParser(prog='python -m training.simulate.recording')
    options.add_argument('--out', required=True, type=Path, help='the bag folder to make')
    options.add_argument('--family', choices=EVERY_NAME, default='room')
    options.add_argument('--seconds', type=float, default=2.0)
    options.add_argument('--size', default='346x260', help='WIDTHxHEIGHT in pixels')
    options.add_argument('--seed', type=int, default=0)
    options.add_argument('--fov-deg', type=float, default=70.0)
    options.add_argument('--motion', choices=MOTION_KINDS, default='auto')
    options.add_argument(
        '--lens',
        choices=[*LENS_PRESETS, *(_DRAWN + kind for kind in LENS_KINDS)],
        default='pinhole',
        help='drawn ones bring their own field of view',
    )
    options.add_argument('--flow-px-s', type=float, default=60.0, help='flow at median depth')
    options.add_argument(
        '--blur-px',
        type=float,
        default=0.0,
        help='of the lens, with light over the area of pixels; 0: along one ray each',
    )
    options.add_argument('--threshold', type=float, default=0.2, help='event threshold')
    options.add_argument('--image-rate-hz', type=float, default=20.0, help='also ground truth')
    options.add_argument(
        '--rgb', choices=RGB_PRESETS, help='blur, shutter and noise; all but aps stand beside'
    )
    options.add_argument('--rgb-size', default='640x480', help='of one that stands beside')
    options.add_argument('--points-rate-hz', type=float, default=10.0)
    options.add_argument(
        '--lidar', choices=LIDAR_PRESETS, help='a named one, instead of the next three options'
    )
    options.add_argument('--lidar-rings', type=int, default=32)
    options.add_argument('--lidar-step-deg', type=float, default=0.4)
    options.add_argument('--lidar-sector-deg', type=float, default=360.0)
    options.add_argument('--split', choices=SPLITS, default='test', help='whose photos')
    options.add_argument('--textures', choices=TEXTURE_MODES, default='mixed')
    options.add_argument('--packet-us', type=int, default=DEFAULT_PACKET_US, help='of events')
    options.add_argument('--jpeg', action='store_true', help='store images compressed')
    options.add_argument('--overwrite', action='store_true')
    return options


if __name__ == '__main__':
    main()
