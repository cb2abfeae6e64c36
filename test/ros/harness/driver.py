"""
A driver as a process of its own: `driver.py [options]`, in real time on the system clock.

Lines on standard input are commands: `lose N` packets, `jump US` of sensor time, `pause`,
`resume`, `fuzz N` packets of random bytes, `image on|off`, `points on|off`. Every command is
echoed when it is done.

"""

import argparse
from dataclasses import replace
import queue
import sys
import threading
import time

from eventdepth_core.recordings.messages import RawEventPacket
import numpy as np
import rclpy

from harness.drivers import Drivers
from harness.packets import StreamSpec

INFO_US = 100_000


class Driver:
    """Publishes in step with the clock until the context ends."""

    def __init__(self, drivers: Drivers, options: argparse.Namespace) -> None:
        self.drivers = drivers
        self.is_paused = False
        self.num_to_fuzz = 0
        self.periods_us = {'image': options.image_us, 'points': options.points_us}
        self._senders = {
            'camera_info': drivers.announce,
            'image': drivers.send_image,
            'points': drivers.send_points,
        }
        self._due_us = dict.fromkeys(('camera_info', *self.periods_us), 0)
        self._random = np.random.default_rng(options.seed)

    def run(self, commands: 'queue.Queue[str]') -> None:
        """Publish packet by packet, each when its time has come."""
        head = self.drivers.head
        due_ns = time.monotonic_ns()
        while rclpy.ok():
            self._obey(commands)
            due_ns += head.spec.packet_us * 1000
            time.sleep(max(0.0, (due_ns - time.monotonic_ns()) * 1e-9))
            packet = head.packet()
            if not self.is_paused:
                self._publish(packet)

    def _publish(self, packet: RawEventPacket) -> None:
        drivers = self.drivers
        if self.num_to_fuzz:
            self.num_to_fuzz -= 1
            packet = replace(packet, payload=self._random.bytes(512))
        drivers.send(drivers.events, packet)
        now_us = drivers.head.now_us
        for name, period_us in {'camera_info': INFO_US, **self.periods_us}.items():
            if period_us and now_us >= self._due_us[name]:
                self._due_us[name] = now_us + period_us
                self._senders[name]()

    def _obey(self, commands: 'queue.Queue[str]') -> None:
        while not commands.empty():
            line = commands.get()
            word, _, rest = line.partition(' ')
            if word == 'lose':
                self.drivers.head.lose(int(rest))
            elif word == 'jump':
                self.drivers.head.jump(int(rest))
            elif word == 'fuzz':
                self.num_to_fuzz = int(rest)
            elif word in {'pause', 'resume'}:
                self.is_paused = word == 'pause'
            elif word in self.periods_us:
                self.periods_us[word] = 100_000 if rest == 'on' else 0
            else:
                raise SystemExit(f'Expected a command, got {line!r}.')
            sys.stdout.write(f'done {line}\n')
            sys.stdout.flush()


def options_of(line: list[str]) -> argparse.Namespace:
    """Return the options of a command line without what is for ROS."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--size', type=int, nargs=2, default=[48, 64])
    parser.add_argument('--rate-hz', type=float, default=200_000.0)
    parser.add_argument('--packet-us', type=int, default=2_000)
    parser.add_argument('--image-us', type=int, default=0)
    parser.add_argument('--points-us', type=int, default=0)
    parser.add_argument('--start-us', type=int, default=100_000_000)
    parser.add_argument('--camera', default='/camera')
    parser.add_argument('--best-effort', action='store_true')
    parser.add_argument('--seed', type=int, default=1)
    return parser.parse_args(line)


def main() -> int:
    """Run until the process is told to end."""
    options = options_of(rclpy.utilities.remove_ros_args(sys.argv)[1:])
    rclpy.init(args=sys.argv)
    try:
        node = rclpy.create_node('driver')
        spec = StreamSpec(
            size=tuple(options.size),
            rate_hz=options.rate_hz,
            packet_us=options.packet_us,
            start_us=options.start_us,
            epoch_us=time.time_ns() // 1000 - options.start_us,
        )
        drivers = Drivers(node, spec, camera=options.camera, is_reliable=not options.best_effort)
        commands: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(
            target=lambda: [commands.put(line.strip()) for line in sys.stdin], daemon=True
        )
        reader.start()
        Driver(drivers, options).run(commands)
    finally:
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
