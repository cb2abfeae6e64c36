"""Prophesee .raw files: headers of several ages, packets at word borders."""

from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.recordings import assumed_camera, open_recording
from eventdepth_core.recordings.raw_recording import PACKET_BYTES
import numpy as np
import pytest

HEADERS = {
    'format': (b'% date now\n% format EVT3;height=720;width=1280\n% end\n', 'evt3', (720, 1280)),
    'evt': (b'% date 2023-01-01 10:00:00\n% evt 3.0\n% geometry 640x480\n', 'evt3', (480, 640)),
    'evt2': (b'% evt 2.0\n% geometry 1280x720\n', 'evt2', (720, 1280)),
    'format2': (b'% format EVT2;width=640;height=480\n% end\n', 'evt2', (480, 640)),
    'evt21': (b'% evt 2.1\n% geometry 1280x720\n', 'evt21', (720, 1280)),
    'format21': (
        b'% endianness little\n% format EVT21;height=320;width=320\n% end\n', 'evt21', (320, 320)
    ),
    'generation': (b'% evt 3.0\n% generation 4.1\n', 'evt3', (720, 1280)),
}  # fmt: skip


def write(path, header, words):
    path.write_bytes(header + words.tobytes())
    return path


@pytest.mark.parametrize('name', HEADERS)
def test_header_tells_encoding_and_size(tmp_path, name):
    header, encoding, (height, width) = HEADERS[name]
    words = np.arange(1000, dtype='<u2')

    with open_recording(write(tmp_path / 'a.raw', header, words)) as recording:
        (packet,) = recording.samples()

    assert (packet.encoding, packet.width, packet.height) == (encoding, width, height)
    assert packet.payload == words.tobytes()
    assert (packet.time_base_ns, packet.arrival_us) == (0, None)
    assert recording.kind == 'raw'


def test_packets_joined_are_the_file_after_its_header(tmp_path):
    words = np.random.default_rng(0).integers(0, 2**16, 100_001).astype('<u2')

    with open_recording(write(tmp_path / 'a.raw', HEADERS['evt'][0], words)) as recording:
        packets = list(recording.samples())
        first, second = list(recording.samples()), list(recording.samples())

    assert b''.join(packet.payload for packet in packets) == words.tobytes()
    assert [len(packet.payload) for packet in packets[:-1]] == [PACKET_BYTES] * 3
    assert [packet.seq for packet in packets] == [0, 1, 2, 3]
    assert recording.streams['events'].count == 4
    assert first == second


def test_words_that_begin_with_a_percent_sign_are_no_header(tmp_path):
    words = np.array([0x2525, 0x2525, 0x0A25], '<u2')
    header = HEADERS['format'][0]

    with open_recording(write(tmp_path / 'a.raw', header, words)) as recording:
        (packet,) = recording.samples()

    assert packet.payload == words.tobytes()


def test_an_incomplete_last_word_is_counted(tmp_path):
    path = write(tmp_path / 'a.raw', HEADERS['evt2'][0], np.arange(7, dtype=np.uint8))

    with open_recording(path) as recording:
        (packet,) = recording.samples()

    assert packet.payload == bytes(range(4))
    assert recording.dropped == {'truncated': 1}


def test_a_file_without_events_has_no_samples(tmp_path):
    path = write(tmp_path / 'a.raw', HEADERS['evt'][0], np.empty(0, np.uint8))

    with open_recording(path) as recording:
        assert list(recording.samples()) == []


def test_a_camera_says_the_size_where_the_header_does_not(tmp_path):
    path = write(tmp_path / 'a.raw', b'% evt 3.0\n', np.arange(4, dtype='<u2'))

    with pytest.raises(RecordingError, match='Expected the sensor size'):
        open_recording(path)
    with open_recording(path, camera=assumed_camera(320, 240, 60.0)) as recording:
        assert recording.streams['events'].width == 320


def test_a_camera_of_another_size_is_refused(tmp_path):
    path = write(tmp_path / 'a.raw', HEADERS['evt'][0], np.arange(4, dtype='<u2'))

    with pytest.raises(CameraFileError, match=r'Expected a camera of 640 x 480 .* got 320 x 240'):
        open_recording(path, camera=assumed_camera(320, 240, 60.0))


@pytest.mark.parametrize(
    'header',
    [
        b'',
        b'% date today\n',
        b'% evt 9.0\n% geometry 640x480\n',
        b'% evt 4.0\n% geometry 640x480\n',
        b'% format EVT4;height=720;width=1280\n% end\n',
    ],
)
def test_a_header_without_a_known_encoding_is_a_clear_error(tmp_path, header):
    path = write(tmp_path / 'a.raw', header, np.arange(4, dtype='<u2'))

    with pytest.raises(RecordingError, match=r'Expected a header "% evt 2.0", "% evt 2.1" or "%'):
        open_recording(path)


@pytest.mark.parametrize(
    'header',
    [
        b'% format EVT21;height=720;width=1280;endianness=legacy\n% end\n',
        b'% evt 2.1\n% geometry 1280x720\n% endianness legacy\n',
        b'% evt 2.1\n% geometry 1280x720\n% integrator_name Prophesee\n% system_ID 49\n',
    ],
)
def test_the_halves_of_legacy_evt21_words_are_put_in_order(tmp_path, header):
    words = np.array([0x0102030405060708, 0x1112131415161718], '<u8')
    as_sent = words.view('<u4').reshape(-1, 2)[:, ::-1].copy()

    with open_recording(write(tmp_path / 'a.raw', header, as_sent)) as recording:
        (packet,) = recording.samples()

    assert packet.payload == words.tobytes()


def test_another_byte_order_is_a_clear_error(tmp_path):
    header = b'% evt 3.0\n% geometry 1280x720\n% endianness big\n'

    with pytest.raises(RecordingError, match=r'Expected little-endian words .* endianness big'):
        open_recording(write(tmp_path / 'a.raw', header, np.arange(4, dtype='<u2')))
