"""
The same depth live and offline: player, depth node and recorder as processes, beside a replay.

A graph plays a recording and records what the depth node publishes: one made on the spot in real
time on a grid of time, and the shipped one at the stamps of its images. The tests look at that,
at the last diagnostics, and at what `eventdepth replay` makes of the same recording with the same
trigger. While the player still runs after its last message, /clock goes
on, and the node rightly estimates a silent scene; these frames have no other side.

"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
import subprocess
import sys

from eventdepth_core.bundle import load_bundle
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.image_codec import image_array
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_core.types import Camera
from eventdepth_ros.graph import graph
from harness.depth_node import DepthWatch, NODE, PARAMETERS
from harness.recordings import EVENTS_TOPIC, IMAGE_TOPIC, POINTS_TOPIC, write_recording
from harness.session import RosSession
import numpy as np
import pytest
from slides import write_slide

RATE_HZ = 20.0
DURATION_US = 2_500_000
SLIDE_US = 800_000
DELAY_MS = 20.0
TOPICS = tuple(f'/{NODE}/depth/{name}' for name in ('image', 'camera_info', 'std', 'valid_mask'))
DEPTH, INFO, STD, MASK = TOPICS


@dataclass(frozen=True)
class Case:
    """A recording, what each node of the graph gets, and the words of the same replay."""

    recording: Path
    bundle: str
    depth: Mapping[str, object]
    player: Mapping[str, object]
    replay: tuple[str, ...]
    mode: tuple[str, ...] = ('events', 'image', 'points')


@dataclass(frozen=True)
class Played:
    """What a run of the graph has left."""

    bundle: str
    mode: tuple[str, ...]
    online: dict
    offline: dict
    watch: DepthWatch
    drops: dict

    def during(self, topic):
        """Return the live messages of a topic that are not later than the last replayed one."""
        end_ns = self.offline[DEPTH][-1].header.stamp_ns
        found = [each for each in self.online[topic] if each.header.stamp_ns <= end_ns]
        assert found, f'Expected live messages on {topic}, got none.'
        return found


def messages_of(path: Path) -> dict:
    """Return topic -> decoded messages of a bag, in order; only those of TOPICS."""
    found: dict = {topic: [] for topic in TOPICS}
    bag = Bag(path)
    types = {topic.name: topic.type_name for topic in bag.topics}
    for message in bag.messages(TOPICS):
        found[message.topic].append(decode_message(types[message.topic], message.raw))
    bag.close()
    return found


def simulated_at_a_rate(folder: Path, bundle: Path) -> Case:
    """Return the tiny bundle on a grid of time, on a recording made on the spot."""
    return Case(
        recording=write_recording(folder / 'recording', DURATION_US),
        bundle=str(bundle),
        # A longer grace than a loaded machine may keep a process waiting: nothing here is silent.
        depth={**PARAMETERS, 'rate_hz': RATE_HZ, 'grace_ms': 1000.0},
        player={'clock': True, 'wait_for': [EVENTS_TOPIC, IMAGE_TOPIC, POINTS_TOPIC]},
        replay=('--rate-hz', str(RATE_HZ), '--threads', '1'),
    )


def slide_with_poses(folder: Path, bundle: Path) -> Case:
    """Return the tiny bundle on a moving camera, whose poses are played as transforms."""
    camera = Camera(width=160, height=120, fx=150.0, fy=150.0, cx=79.5, cy=59.5)
    rig = folder / 'rig.yaml'  # with it the node is warm before the short recording begins
    rig.write_text(
        'cameras: {event: {frame: camera, width: 160, height: 120, fx: 150.0, fy: 150.0, '
        'cx: 79.5, cy: 59.5}}\n'
    )
    return Case(
        recording=write_slide(folder / 'slide', camera, SLIDE_US, start_us=5_000_000),
        bundle=str(bundle),
        depth={
            **PARAMETERS,
            'rate_hz': RATE_HZ,
            'grace_ms': 1000.0,
            'motion.source': 'tf',
            'motion.delay_ms': DELAY_MS,
            'rig_file': str(rig),
            'frame_id': 'event_camera_optical',
            'image.topic': '',
            'points.topic': '',
        },
        player={'clock': True, 'rate': 0.5, 'wait_for': [EVENTS_TOPIC, '/tf']},
        replay=(
            *('--rate-hz', str(RATE_HZ), '--threads', '1'),
            *('--motion-delay-ms', str(DELAY_MS)),
        ),
        mode=('events', 'motion'),
    )


def demo_at_images(folder: Path, bundle: Path) -> Case:
    """Return the shipped bundle at the stamps of images, as the graph `demo` sets it up."""
    given = {'trigger': 'image', 'rate': '0.5'}  # half as fast, so that few are dropped
    specs = {spec.name: spec for spec in graph('demo').nodes(given)}
    depth, player = (dict(specs[name].parameters) for name in (NODE, 'player'))
    return Case(
        recording=Path(player.pop('recording')),
        bundle='eventdepth-s',
        depth={**depth, 'diagnostics.period_s': 0.2},
        player={**player, 'wait_for': [f'{EVENTS_TOPIC} /{NODE}']},
        replay=('--trigger', 'image', '--use', 'events,image,points'),
    )


@pytest.fixture(scope='module', params=[simulated_at_a_rate, slide_with_poses, demo_at_images])
def played(request, tmp_path_factory, tiny_bundle_folder) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp('online')
    ros = RosSession(tmp_path_factory.mktemp('output'))
    try:
        yield played_and_replayed(ros, folder, request.param(folder, tiny_bundle_folder))
    finally:
        ros.close()


def played_and_replayed(ros: RosSession, folder: Path, case: Case) -> Played:
    watch = DepthWatch(ros)
    recorder = ros.start(
        'recorder', parameters={'output': str(folder / 'online'), 'topics': list(TOPICS)}
    )
    ros.start('depth', name=NODE, parameters={**case.depth, 'bundle': case.bundle})
    for topic in TOPICS:
        ros.wait_for_publishers(topic)
    node = ros.node('observer')
    ros.spin_until(
        lambda: all(node.count_subscribers(topic) >= 2 for topic in TOPICS),
        what='recorder and watch on every topic',
    )
    player = ros.start(
        'player',
        parameters={'end_delay_s': 1.5, **case.player, 'recording': str(case.recording)},
    )
    ros.spin_until(lambda: not player.is_alive, 60.0, 'the end of the player')
    ros.spin_until(
        lambda: watch.count('drops', 'pending') == 0 and watch.sums_agree(), what='sums'
    )
    assert recorder.end() == 0
    replayed = subprocess.run(
        [
            sys.executable, '-m', 'eventdepth_core.cli', 'replay', str(case.recording),
            '--bundle', case.bundle, '--out', str(folder / 'offline'), '--no-report', *case.replay,
        ],
        env=ros.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert replayed.returncode == 0, replayed.stderr
    return Played(
        bundle=case.bundle,
        mode=case.mode,
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
    assert len(online) > len(offline) / 2


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


def test_depth_is_finite_within_the_range_of_the_model_or_nan(played):
    outputs = load_bundle(played.bundle).outputs

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


def test_every_input_of_the_recording_enters_the_last_depth(played):
    assert tuple(played.watch.mode['modalities']) == played.mode
