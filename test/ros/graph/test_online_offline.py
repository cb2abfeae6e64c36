"""
The same depth live and offline: player, depth node and recorder as processes, beside a replay.

One graph plays a recording in real time and records what the depth node publishes; the tests look
at that recording, at the last diagnostics, and at what `eventdepth replay` makes of the same
recording with the same trigger. While the player still runs after its last message, /clock goes
on, and the node rightly estimates a silent scene; these frames have no other side.

"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
import subprocess
import sys

from eventdepth_core.bundle import load_bundle
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.image_codec import image_array
from eventdepth_core.recordings.message_codecs import decode_message
from harness.depth_node import DepthWatch, NODE, start_depth
from harness.recordings import EVENTS_TOPIC, IMAGE_TOPIC, POINTS_TOPIC, write_recording
import numpy as np
import pytest

RATE_HZ = 20.0
DURATION_US = 2_500_000
TOPICS = tuple(f'/{NODE}/depth/{name}' for name in ('image', 'camera_info', 'std', 'valid_mask'))
DEPTH, INFO, STD, MASK = TOPICS


@dataclass(frozen=True)
class Played:
    """What a run of the graph has left."""

    online: dict
    offline: dict
    watch: DepthWatch
    drops: dict

    def during(self, topic):
        """Return the live messages of a topic that are not later than the last replayed one."""
        end_ns = self.offline[DEPTH][-1].header.stamp_ns
        return [each for each in self.online[topic] if each.header.stamp_ns <= end_ns]


def messages_of(path: Path) -> dict:
    """Return topic -> decoded messages of a bag, in order; only those of TOPICS."""
    found: dict = {topic: [] for topic in TOPICS}
    bag = Bag(path)
    types = {topic.name: topic.type_name for topic in bag.topics}
    for message in bag.messages(TOPICS):
        found[message.topic].append(decode_message(types[message.topic], message.raw))
    bag.close()
    return found


@pytest.fixture(scope='module')
def played(module_ros, tmp_path_factory, tiny_bundle_folder) -> Played:
    ros = module_ros
    folder = tmp_path_factory.mktemp('online')
    recording = write_recording(folder / 'recording', DURATION_US)
    watch = DepthWatch(ros)
    recorder = ros.start(
        'recorder', parameters={'output': str(folder / 'online'), 'topics': list(TOPICS)}
    )
    # A longer grace than a loaded machine may keep a process waiting: nothing here is silent.
    start_depth(ros, tiny_bundle_folder, rate_hz=RATE_HZ, grace_ms=1000.0)
    for topic in TOPICS:
        ros.wait_for_publishers(topic)
    node = ros.node('observer')
    ros.spin_until(
        lambda: all(node.count_subscribers(topic) >= 2 for topic in TOPICS),
        what='recorder and watch on every topic',
    )
    player = ros.start(
        'player',
        parameters={
            'recording': str(recording),
            'clock': True,
            'wait_for': [EVENTS_TOPIC, IMAGE_TOPIC, POINTS_TOPIC],
            'end_delay_s': 1.5,
        },
    )
    ros.spin_until(lambda: not player.is_alive, 60.0, 'the end of the player')
    ros.spin_until(
        lambda: watch.count('drops', 'pending') == 0 and watch.sums_agree(), what='sums'
    )
    assert recorder.end() == 0
    replayed = subprocess.run(
        [
            sys.executable, '-m', 'eventdepth_core.cli', 'replay', str(recording), '--no-report',
            '--bundle', str(tiny_bundle_folder), '--out', str(folder / 'offline'),
            '--rate-hz', str(RATE_HZ), '--threads', '1',
        ],
        env=ros.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert replayed.returncode == 0, replayed.stderr
    return Played(
        online=messages_of(folder / 'online'),
        offline=messages_of(folder / 'offline' / 'depth.mcap'),
        watch=watch,
        drops=watch.values('drops'),
    )


def test_every_live_depth_is_bit_for_bit_that_of_the_replay(played):
    offline = {image.header.stamp_ns: image for image in played.offline[DEPTH]}

    for image in played.during(DEPTH):
        other = offline[image.header.stamp_ns]
        assert bytes(image.pixels) == bytes(other.pixels)
        assert image.header == other.header


def test_every_live_deviation_is_bit_for_bit_that_of_the_replay(played):
    offline = {image.header.stamp_ns: image for image in played.offline[STD]}

    for image in played.during(STD):
        assert bytes(image.pixels) == bytes(offline[image.header.stamp_ns].pixels)


def test_live_and_replay_have_the_same_stamps_but_for_counted_drops(played):
    online = [image.header.stamp_ns for image in played.during(DEPTH)]
    offline = [image.header.stamp_ns for image in played.offline[DEPTH]]

    assert set(online) <= set(offline)
    assert len(set(offline) - set(online)) <= int(played.drops['dropped'])
    assert len(played.online[DEPTH]) == int(played.drops['frames'])
    assert len(online) > DURATION_US * 1e-6 * RATE_HZ / 2


def test_triggers_are_images_drops_and_what_is_pending(played):
    assert played.watch.sums_agree()


def test_stamps_rise_strictly(played):
    stamps = [image.header.stamp_ns for image in played.online[DEPTH]]

    assert all(a < b for a, b in pairwise(stamps))


def test_all_messages_of_a_depth_have_one_header(played):
    headers = [[message.header for message in played.online[topic]] for topic in TOPICS]

    assert headers[0]
    assert all(each == headers[0] for each in headers[1:])


def test_size_and_encoding_agree_with_the_camera_info(played):
    for image, info in zip(played.online[DEPTH], played.online[INFO], strict=True):
        assert (image.height, image.width) == (info.height, info.width)
        assert image.encoding == '32FC1'
        assert info.k[0] > 0


def test_depth_is_finite_within_the_range_of_the_model_or_nan(played, tiny_bundle_folder):
    outputs = load_bundle(tiny_bundle_folder).outputs

    for image, mask in zip(played.online[DEPTH], played.online[MASK], strict=True):
        depth_m, valid = image_array(image), image_array(mask)
        assert set(np.unique(valid)) <= {0, 255}
        measured = depth_m[valid > 0]
        assert np.isfinite(measured).all()
        assert measured.min(initial=np.inf) >= outputs.min_depth_m
        assert measured.max(initial=-np.inf) <= outputs.max_depth_m
        assert np.isnan(depth_m[valid == 0]).all()


def test_no_two_live_depths_are_the_same_image(played):
    pictures = [bytes(image.pixels) for image in played.during(DEPTH)]

    assert len(set(pictures)) == len(pictures)
