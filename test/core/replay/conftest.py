"""Small recordings made on the spot: a bar that moves over a noisy ground, images, points."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
import sys

from eventdepth_core.events import packet_encoder
from eventdepth_core.recordings import McapRecorder
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import CAMERA_INFO, EVENT_PACKET, IMAGE
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawEventPacket
from eventdepth_core.replay import replay, ReplayOptions
from eventdepth_core.types import Camera, EVENT_DTYPE
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'bench'))

WIDTH, HEIGHT = 64, 48
CAMERA = Camera(WIDTH, HEIGHT, 60.0, 60.0, 31.5, 23.5)
START_US = 1_003_000
DURATION_US = 260_000


def moving_bar(start_us: int = START_US, duration_us: int = DURATION_US, seed: int = 1):
    """Return events of a bar that moves one column in 2 ms, and noise, in time order."""
    generator = np.random.default_rng(seed)
    steps = np.arange(0, duration_us, 2_000)
    bar = np.zeros((steps.size, HEIGHT), EVENT_DTYPE)
    bar['t'] = start_us + steps[:, None] + np.arange(HEIGHT) * 7
    bar['x'] = (steps[:, None] // 2_000) % WIDTH
    bar['y'] = np.arange(HEIGHT)
    bar['p'] = np.where(np.arange(HEIGHT) % 3 == 0, -1, 1)
    noise = np.zeros(1_500, EVENT_DTYPE)
    noise['t'] = start_us + generator.integers(0, duration_us, noise.size)
    noise['x'] = generator.integers(0, WIDTH, noise.size)
    noise['y'] = generator.integers(0, HEIGHT, noise.size)
    noise['p'] = generator.choice((-1, 1), noise.size)
    events = np.concatenate([bar.reshape(-1), noise])
    return events[np.argsort(events['t'], kind='stable')]


@dataclass
class BagContent:
    """What a test bag holds; a packet is cut before each of `cuts_us`."""

    events: np.ndarray | None = field(default_factory=moving_bar)
    encoding: str = 'evt3'
    cuts_us: Sequence[int] = tuple(range(START_US, START_US + DURATION_US, 10_000))
    camera: Camera | None = CAMERA
    image_stamps_us: Sequence[int] = ()
    reference_stamps_us: Sequence[int] = ()
    image_size: tuple[int, int] = (HEIGHT, WIDTH)


def event_messages(content: BagContent) -> list[tuple[int, str, str, bytes]]:
    """Return (record time in µs, topic, type, CDR) of the packets."""
    encoder = packet_encoder(content.encoding, WIDTH, HEIGHT)
    places = np.searchsorted(content.events['t'], content.cuts_us)
    messages = []
    for seq, part in enumerate(np.split(content.events, places)):
        if part.size == 0:
            continue
        newest_us = int(part['t'].max())
        base_ns = int(part['t'][0]) * 1000 if content.encoding == 'mono' else 0
        packet = RawEventPacket(
            header=Header(int(part['t'][0]) * 1000, 'event_camera'),
            height=HEIGHT,
            width=WIDTH,
            seq=seq,
            time_base_ns=base_ns,
            encoding=content.encoding,
            payload=encoder.encode(part, base_ns),
        )
        messages.append((newest_us, '/events', EVENT_PACKET, encode_message(packet)))
    return messages


def image_at(stamp_us: int, size: tuple[int, int]) -> np.ndarray:
    rows, columns = np.mgrid[: size[0], : size[1]]
    return ((rows * 3 + columns * 2 + stamp_us // 1000) % 256).astype(np.uint8)


def reference_at(stamp_us: int) -> np.ndarray:
    rows = np.mgrid[:HEIGHT, :WIDTH][0]
    return (2.0 + rows / 20.0 + stamp_us / 1e9).astype(np.float32)


def write_bag(path: Path, content: BagContent) -> Path:
    """Write a bag and return its path."""
    messages = [] if content.events is None else event_messages(content)
    for stamp_us in content.image_stamps_us:
        header = Header(stamp_us * 1000, 'event_camera')
        image = raw_image(image_at(stamp_us, content.image_size), 'mono8', header)
        messages.append((stamp_us, '/image', IMAGE, encode_message(image)))
    for stamp_us in content.reference_stamps_us:
        header = Header(stamp_us * 1000, 'event_camera')
        depth = raw_image(reference_at(stamp_us), '32FC1', header)
        messages.append((stamp_us, '/depth', IMAGE, encode_message(depth)))
    messages.sort(key=lambda message: message[0])
    with McapRecorder(path) as recorder:
        if content.camera is not None:
            info = info_from_camera(content.camera, Header(0, 'event_camera'))
            recorder.write(
                '/camera_info', CAMERA_INFO, encode_message(info), messages[0][0] * 1000
            )
        for record_us, topic, type_name, raw in messages:
            recorder.write(topic, type_name, raw, record_us * 1000)
    return path


def write_text_folder(path: Path, events: np.ndarray, images_us: Sequence[int] = ()) -> Path:
    """Write events.txt, calib.txt and, if asked for, images.txt with PNG files."""
    import cv2

    path.mkdir()
    lines = [f'{WIDTH} {HEIGHT}']
    lines += [f'{e["t"] / 1e6:.6f} {e["x"]} {e["y"]} {int(e["p"] > 0)}' for e in events]
    (path / 'events.txt').write_text('\n'.join(lines) + '\n')
    (path / 'calib.txt').write_text('60 60 31.5 23.5 0 0 0 0 0\n')
    entries = []
    for i, stamp_us in enumerate(images_us):
        cv2.imwrite(str(path / f'{i}.png'), image_at(stamp_us, (HEIGHT, WIDTH)))
        entries.append(f'{stamp_us / 1e6:.6f} {i}.png')
    if entries:
        (path / 'images.txt').write_text('\n'.join(entries) + '\n')
    return path


@pytest.fixture(scope='session')
def bar_events() -> np.ndarray:
    return moving_bar()


@pytest.fixture
def make_bag(tmp_path):
    """Return a function that writes a bag, given fields of `BagContent`."""

    def write(name: str = 'bag.mcap', **content: object) -> Path:
        return write_bag(tmp_path / name, BagContent(**content))

    return write


@pytest.fixture
def make_text_folder(tmp_path):
    """Return a function that writes a text folder of events and images at stamps."""

    def write(events: np.ndarray, images_us: Sequence[int] = (), name: str = 'text') -> Path:
        return write_text_folder(tmp_path / name, events, images_us)

    return write


@pytest.fixture
def run(tiny_bundle, tmp_path):
    """Return a function that replays a recording through the tiny bundle into a new folder."""

    def replayed(
        recording: Path, name: str = 'out', *, has_report: bool = False, **options: object
    ):
        chosen = ReplayOptions(has_report=has_report, **options)
        return replay(recording, tiny_bundle, tmp_path / name, chosen)

    return replayed
