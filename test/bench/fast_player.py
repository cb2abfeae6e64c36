"""
Publishes event packets encoded beforehand, one each millisecond: the driver of `bench_node`.

    python test/bench/fast_player.py --rate-mev-s 10 --seconds 20

Packet k is due at begin + k ms, whatever happened before; one that is late goes out at once. The
header stamp is the system time when the packet's first event was due, as a driver stamps it. The
last line on standard output is JSON: packets, events, rate against nominal, lateness, CPU time.

"""

import argparse
import json
from pathlib import Path
import sys
import time

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawEventPacket
from eventdepth_core.types import Camera
from eventdepth_ros import dds, msgs
import numpy as np
import rclpy
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo
from streams import LoopedEvt3

PERIOD_NS = 1_000_000
INFO_EVERY = 200
FRAME_ID = 'event_camera_optical_frame'
STAMP_AT = 4  # after the four bytes that begin every CDR message
SEQ_MARK = 0x0102030405060708


class Message:
    """One packet as CDR bytes whose stamp, number and upper time bits can be rewritten."""

    def __init__(self, payload: bytes, size: tuple[int, int]) -> None:
        header = Header(0, FRAME_ID)
        packet = RawEventPacket(header, size[0], size[1], SEQ_MARK, 0, 'evt3', payload)
        self.octets = bytearray(encode_message(packet))
        mark = SEQ_MARK.to_bytes(8, 'little')
        seq_at = self.octets.index(mark)
        words_at = len(self.octets) - len(payload)
        self._stamp = np.frombuffer(self.octets, '<u4', 2, STAMP_AT)
        self._seq = np.frombuffer(self.octets, '<u8', 1, seq_at)
        self.words = np.frombuffer(self.octets, '<u2', len(payload) // 2, words_at)

    def write(self, stamp_ns: int, seq: int) -> None:
        """Rewrite stamp and sequence number."""
        self._stamp[:] = divmod(stamp_ns, 1_000_000_000)
        self._seq[0] = seq


class FastPlayer:
    """Publishes the packets of a loop in step with the clock."""

    def __init__(self, node: Node, options: argparse.Namespace) -> None:
        size = tuple(options.size)
        self.loop = LoopedEvt3(size=size, rate_hz=options.rate_mev_s * 1e6)
        self.messages = [Message(payload, size) for payload in self.loop.payloads]
        policies = QoSReliabilityPolicy
        reliability = policies.RELIABLE if options.reliable else policies.BEST_EFFORT
        qos = QoSProfile(depth=1000, reliability=reliability)
        packet_type = msgs.require('event_camera_msgs').EventPacket
        self.publisher = node.create_publisher(packet_type, '/camera/events', qos)
        self.camera_info = node.create_publisher(CameraInfo, '/camera/camera_info', 10)
        camera = Camera(size[1], size[0], 500.0, 500.0, (size[1] - 1) / 2, (size[0] - 1) / 2)
        self.info = encode_message(info_from_camera(camera, Header(0, FRAME_ID)))

    def wait_for_subscriber(self) -> None:
        """Wait until somebody listens."""
        while self.publisher.get_subscription_count() == 0:
            time.sleep(0.02)

    def play(self, num_packets: int) -> dict[str, float]:
        """Publish `num_packets` and return what was achieved."""
        late_ns = np.zeros(num_packets, np.int64)
        begin_ns, epoch_ns = time.monotonic_ns(), time.time_ns()
        cpu_s = time.process_time()
        for k in range(num_packets):
            turn, i = divmod(k, len(self.messages))
            message = self.messages[i]
            self.loop.patch(i, turn, message.words)
            message.write(epoch_ns + k * PERIOD_NS, k)
            octets = bytes(message.octets)
            due_ns = begin_ns + (k + 1) * PERIOD_NS  # the packet's last event has come
            if (wait_ns := due_ns - time.monotonic_ns()) > 0:
                time.sleep(wait_ns * 1e-9)
            self.publisher.publish(octets)
            if k % INFO_EVERY == 0:
                self.camera_info.publish(self.info)
            late_ns[k] = time.monotonic_ns() - due_ns
        elapsed_s = (time.monotonic_ns() - begin_ns) * 1e-9
        cpu_s = time.process_time() - cpu_s
        return {
            'num_packets': num_packets,
            'rate_of_nominal': num_packets * PERIOD_NS * 1e-9 / elapsed_s,
            'mev_s': self.loop.num_events / len(self.messages) / 1e3,
            'mbyte_s': sum(map(len, self.loop.payloads)) / len(self.messages) / 1e3,
            'late_p50_ms': float(np.median(late_ns)) * 1e-6,
            'late_p99_ms': float(np.percentile(late_ns, 99)) * 1e-6,
            'cpu_share': cpu_s / elapsed_s,
        }


def main() -> int:
    """Play and say what was achieved."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--rate-mev-s', type=float, default=10.0)
    parser.add_argument('--seconds', type=float, default=10.0)
    parser.add_argument('--size', type=int, nargs=2, default=[480, 640], help='height width')
    parser.add_argument('--reliable', action='store_true')
    options = parser.parse_args(rclpy.utilities.remove_ros_args(sys.argv)[1:])
    dds.configure()
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        player = FastPlayer(rclpy.create_node('fast_player'), options)
        print('ready', flush=True)
        sys.stdin.readline()
        player.wait_for_subscriber()
        print(json.dumps(player.play(1 + int(options.seconds * 1e9) // PERIOD_NS)), flush=True)
        sys.stdin.readline()  # the writer stays until the reader has read everything
    finally:
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
