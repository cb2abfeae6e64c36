"""What the tests of conversions share: a recording in memory, and independent readers."""

from pathlib import Path

from eventdepth_core.conversion import ConversionOptions
from eventdepth_core.conversion.event_slices import DecodedStream
from eventdepth_core.events import packet_decoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.definitions import EVENT_PACKET, own_text
from eventdepth_core.recordings.recording import Recording, StreamSummary
from eventdepth_core.types import EVENT_DTYPE, EventSlice, ImageSample
import h5py
import hdf5plugin  # noqa: F401 (h5py finds the filter through it)
import numpy as np


class MemoryRecording(Recording):
    """Samples from memory; it breaks off before sample `breaks_at`, as a kill would."""

    def __init__(self, path: Path, samples, *, kind='text', breaks_at=None, rig=None):
        if not path.exists():  # a touch would make it another source
            path.touch()
        super().__init__(path)
        self.kind = kind
        self.rig = rig
        self._samples = samples
        self.breaks_at = breaks_at
        slices = [each for each in samples if isinstance(each, EventSlice)]
        size = (slices[0].width, slices[0].height) if slices else (64, 48)
        self.streams = {'events': StreamSummary('events', kind, 'events', None, '', *size)}
        if any(isinstance(each, ImageSample) for each in samples):
            self.streams['image'] = StreamSummary('image', kind, 'images', None, '', *size)

    def samples(self):
        for i, sample in enumerate(self._samples):
            if i == self.breaks_at:
                raise KeyboardInterrupt
            yield sample


def made_events(num, *, size=(48, 64), start_us=5_000, max_step_us=20, seed=0):
    """Return random events of (height, width), several at one time."""
    rng = np.random.default_rng(seed)
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = start_us + np.cumsum(rng.integers(0, max_step_us + 1, num))
    events['x'] = rng.integers(0, size[1], num)
    events['y'] = rng.integers(0, size[0], num)
    events['p'] = rng.choice(np.array([-1, 1], np.int8), num)
    return events


def slices_of(events, num, size=(48, 64)):
    """Return the events in slices of `num`."""
    cuts = range(0, len(events), num)
    return [EventSlice(events[i : i + num], size[1], size[0]) for i in cuts]


def events_of(path, **options):
    """Return all events of a recording as our own reader and decoder give them."""
    found = [np.zeros(0, EVENT_DTYPE)]
    with open_recording(path, **options) as recording:
        stream = DecodedStream(recording, ConversionOptions())
        for sample in recording.samples():
            found += [each.events for each in stream.add(sample) if isinstance(each, EventSlice)]
        found += [each.events for each in stream.flush() if isinstance(each, EventSlice)]
    return np.concatenate(found)


def rosbags_types():
    """Return the types of rosbags with that of event packets."""
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores

    types = get_typestore(Stores.ROS2_JAZZY)
    types.register(get_types_from_msg(own_text(EVENT_PACKET), EVENT_PACKET))
    return types


def rosbags_messages(path):
    """Return (topic, message) of all that a bag folder holds, as rosbags reads it."""
    from rosbags.rosbag2 import Reader

    types = rosbags_types()
    with Reader(path) as reader:
        return [
            (connection.topic, types.deserialize_cdr(raw, connection.msgtype))
            for connection, _, raw in reader.messages()
        ]


def rosbags_packets(path):
    """Return (record time, event packet) of a bag folder as rosbags reads it."""
    from rosbags.rosbag2 import Reader

    types = rosbags_types()
    with Reader(path) as reader:
        wanted = [each for each in reader.connections if each.msgtype == EVENT_PACKET]
        return [
            (stamp_ns, types.deserialize_cdr(raw, EVENT_PACKET))
            for _, stamp_ns, raw in reader.messages(wanted)
        ]


def mcap_messages(path):
    """Return (topic, record time, message) of a bag folder as mcap-ros2-support decodes it."""
    from mcap.reader import make_reader
    from mcap_ros2.decoder import DecoderFactory

    found = []
    for file in sorted(path.glob('*.mcap'), key=lambda each: int(each.stem.rpartition('_')[2])):
        with file.open('rb') as opened:
            reader = make_reader(opened, decoder_factories=[DecoderFactory()])
            for _, channel, message, decoded_message in reader.iter_decoded_messages():
                found.append((channel.topic, message.log_time, decoded_message))
    return found


def mcap_packets(path, topic='/camera/events'):
    """Return (record time, event packet) of a bag folder as mcap-ros2-support decodes it."""
    return [(stamp_ns, each) for name, stamp_ns, each in mcap_messages(path) if name == topic]


def decoded(packets):
    """Return the events of packets, absolute through the time base of the first."""
    first = packets[0][1]
    decoder = packet_decoder(first.encoding, first.width, first.height)
    parts = [decoder.decode(bytes(each.events), each.time_base) for _, each in packets]
    events = np.concatenate(parts)
    if first.encoding == 'evt3':
        events['t'] += first.time_base // 1000
    return events


def h5_events(path):
    """Return the events of a DSEC event file, and its table of milliseconds."""
    with h5py.File(path) as file:
        events = np.zeros(len(file['events/t']), EVENT_DTYPE)
        events['t'] = file['events/t'][:].astype(np.int64) + int(file['t_offset'][()])
        events['x'], events['y'] = file['events/x'][:], file['events/y'][:]
        events['p'] = np.where(file['events/p'][:] == 1, 1, -1)
        return events, file['ms_to_idx'][:]


def convert_memory(recording, target, options=None):
    """Convert a recording in memory."""
    from eventdepth_core.conversion.bag_conversion import BagConversion
    from eventdepth_core.conversion.dsec_conversion import DsecConversion
    from eventdepth_core.conversion.plan import conversion_plan

    options = options or ConversionOptions()
    plan = conversion_plan(recording, Path(target), options)
    made = BagConversion if plan.form == 'bag' else DsecConversion
    return made(recording, plan, options).run(None)
