from dataclasses import replace

from eventdepth_core.events import packet_encoder
from eventdepth_core.recordings import McapRecorder, open_recording
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import CAMERA_INFO, EVENT_PACKET, IMAGE, POINT_CLOUD
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawEventPacket
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.replay import replay, ReplayOptions
from eventdepth_core.types import (
    Camera,
    DepthSample,
    EVENT_DTYPE,
    EventPacket,
    ImageSample,
    PointsSample,
    Rig,
)
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

WIDTH, HEIGHT = 64, 48
CAMERA = Camera(WIDTH, HEIGHT, 60.0, 60.0, 31.5, 23.5)
HOST_US = 1_700_000_000_000_000
START_US = 1_003_000
PACKET_US = 2_000


def events_of(start_us, end_us, seed=3, per_ms=40):
    generator = np.random.default_rng(seed)
    events = np.zeros((end_us - start_us) * per_ms // 1000, EVENT_DTYPE)
    events['t'] = np.sort(generator.integers(start_us, end_us, events.size))
    events['x'] = generator.integers(0, WIDTH, events.size)
    events['y'] = generator.integers(0, HEIGHT, events.size)
    events['p'] = generator.choice((-1, 1), events.size)
    return events


def packets_of(events, packet_us=PACKET_US, jitter_us=0, seed=1):
    """Return packets as a driver would send them, stamped when their first event arrived."""
    encoder = packet_encoder('evt3', WIDTH, HEIGHT)
    generator = np.random.default_rng(seed)
    edges = np.arange(int(events['t'][0]), int(events['t'][-1]), packet_us)[1:]
    parts = np.split(events, np.searchsorted(events['t'], edges))
    return [
        EventPacket(
            'evt3',
            WIDTH,
            HEIGHT,
            0,
            encoder.encode(part),
            seq,
            arrival_us=HOST_US + int(part['t'][0]) + int(generator.integers(0, jitter_us + 1)),
        )
        for seq, part in enumerate(parts)
        if part.size
    ]


def image_at(stamp_us):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return ImageSample(
        ((rows * 3 + columns * 2 + stamp_us // 999) % 256).astype(np.uint8), stamp_us
    )


def points_at(stamp_us):
    generator = np.random.default_rng(stamp_us % 1000)
    points_m = generator.uniform((-1.0, -1.0, 2.0), (1.0, 1.0, 6.0), (50, 3))
    return PointsSample(points_m.astype(np.float32), stamp_us)


def push(live, sample):
    if isinstance(sample, EventPacket):
        live.push_packet(sample)
    elif isinstance(sample, ImageSample):
        live.push_image(sample)
    else:
        live.push_points(sample)


def timeline(packets, others):
    """Return all samples in order of arrival: packets 1 ms after their end, others 15 ms late."""
    stamped = [(packet.arrival_us + PACKET_US, i, packet) for i, packet in enumerate(packets)]
    stamped += [(each.stamp_us + 15_000, -1, each) for each in others]
    return [(arrival_us, each) for arrival_us, _, each in sorted(stamped, key=lambda x: x[:2])]


def write_bag(path, samples):
    """Write samples as the bag that a recorder would have made of their messages."""
    frame = 'camera'
    with McapRecorder(path) as recorder:
        info = info_from_camera(CAMERA, Header(0, frame))
        record_ns = samples[0][0] * 1000
        recorder.write('/cam/camera_info', CAMERA_INFO, encode_message(info), record_ns)
        for arrival_us, sample in samples:
            if isinstance(sample, EventPacket):
                header = Header(sample.arrival_us * 1000, frame)
                raw = RawEventPacket(header, HEIGHT, WIDTH, sample.seq, 0, 'evt3', sample.payload)
                topic, type_name, message = '/cam/events', EVENT_PACKET, raw
            elif isinstance(sample, ImageSample):
                header = Header(sample.stamp_us * 1000, frame)
                message = raw_image(sample.image, 'mono8', header)
                topic, type_name = '/cam/image', IMAGE
            else:
                header = Header(sample.stamp_us * 1000, frame)
                topic, type_name, message = (
                    '/points',
                    POINT_CLOUD,
                    raw_points(sample.points_m, header),
                )
            recorder.write(topic, type_name, encode_message(message), arrival_us * 1000)
    return path


def replayed(bag, bundle, out, **options):
    replay(bag, bundle, out, ReplayOptions(has_report=False, **options))
    with open_recording(out / 'depth.mcap', topics={'depth': '/eventdepth/depth/image'}) as found:
        samples = [each for each in found.samples() if isinstance(each, DepthSample)]
    return {each.stamp_us: each.depth_m for each in samples}


@pytest.mark.parametrize('trigger', ['rate', 'image'])
@pytest.mark.parametrize('jitter_us', [0, 700])
def test_a_live_run_gives_the_frames_of_a_replay(
    make_live, listener, tiny_bundle, tmp_path, trigger, jitter_us
):
    packets = packets_of(events_of(START_US, START_US + 400_000), jitter_us=jitter_us)
    stamps_us = [HOST_US + START_US + 20_000 + 50_000 * k for k in range(7)]
    others = [image_at(t) for t in stamps_us] + [points_at(t - 2_000) for t in stamps_us[::2]]
    samples = timeline(packets, others)
    options = {'trigger': trigger, 'rate_hz': 20.0}
    expected = replayed(
        write_bag(tmp_path / 'in.mcap', samples), tiny_bundle, tmp_path / 'out', **options
    )
    live = make_live(**options)

    for _, sample in samples:
        num_before = live.status().num_triggers
        push(live, sample)
        if live.status().num_triggers > num_before:  # let no estimate overtake another
            listener.wait(lambda: live.status().num_pending == 0)

    frames = {each.frame.stamp_us: each.frame for each in listener.frames}
    assert len(frames) >= 6
    assert set(frames) == {stamp for stamp in expected if stamp <= max(frames)}
    for stamp_us, frame in frames.items():
        measured_m = np.where(frame.valid, frame.depth_m, np.nan)
        np.testing.assert_array_equal(measured_m, expected[stamp_us])
    assert {frame.modalities for frame in frames.values()} >= {('events', 'image', 'points')}


def test_stamps_lie_on_the_grid_of_sensor_time(make_live, listener):
    live = make_live(rate_hz=20.0)

    for packet in packets_of(events_of(START_US, START_US + 300_000)):
        live.push_packet(packet)
        listener.wait(lambda: live.status().num_pending == 0)

    assert listener.stamps_us == [HOST_US + t for t in range(1_050_000, 1_301_000, 50_000)]
    assert live.status().clock_offset_us == HOST_US


def test_every_trigger_ends_as_a_frame_or_a_counted_drop(make_live, listener):
    import threading

    gate = threading.Event()

    def slowly(live_frame):
        gate.wait(20.0)
        listener.on_frame(live_frame)

    live = make_live(on_frame=slowly, rate_hz=50.0)

    for packet in packets_of(events_of(START_US, START_US + 400_000)):
        live.push_packet(packet)
        status = live.status()
        ended = status.num_frames + sum(status.drops.values())
        assert status.num_triggers == ended + status.num_pending
    gate.set()
    listener.wait(lambda: live.status().num_pending == 0)

    status = live.status()
    assert status.num_triggers == 20
    assert status.drops['overload'] >= 15
    assert status.num_frames + status.drops['overload'] == 20
    listener.wait(lambda: len(listener.frames) == status.num_frames)


def test_an_overloaded_worker_begins_with_the_newest_window_only(make_live, listener):
    import threading

    gate, is_working = threading.Semaphore(0), threading.Semaphore(0)

    def slowly(live_frame):
        listener.on_frame(live_frame)
        is_working.release()
        gate.acquire(timeout=20.0)

    live = make_live(on_frame=slowly, rate_hz=50.0)
    packets = packets_of(events_of(START_US, START_US + 600_000))
    chunks = [packets[i : i + 50] for i in range(0, len(packets), 50)]
    for packet in chunks[0]:
        live.push_packet(packet)
    assert is_working.acquire(timeout=20.0)

    ages_us = []
    for chunk in chunks[1:]:
        for packet in chunk:
            live.push_packet(packet)
        gate.release()
        assert is_working.acquire(timeout=20.0)
        ages_us.append(chunk[-1].arrival_us + PACKET_US - listener.stamps_us[-1])
    gate.release(100)

    assert len(ages_us) == 5
    assert max(ages_us) <= 20_000 + PACKET_US  # a period of the grid: no window waits for two
    assert live.status().drops['overload'] >= 20 - len(ages_us)


def test_points_of_an_overwritten_request_reach_the_next_frame(make_live, listener):
    import threading

    gate, is_working = threading.Event(), threading.Event()

    def slowly(live_frame):
        is_working.set()
        gate.wait(20.0)
        listener.on_frame(live_frame)

    live = make_live(on_frame=slowly, rate_hz=20.0)
    packets = packets_of(events_of(START_US, START_US + 220_000))
    first, rest = packets[:30], packets[30:]
    for packet in first:
        live.push_packet(packet)
    assert is_working.wait(20.0)  # the worker is busy with the first frame from now on
    live.push_points(points_at(HOST_US + 1_090_000))

    for packet in rest:
        live.push_packet(packet)
    gate.set()
    listener.wait(lambda: live.status().num_pending == 0 and len(listener.frames) == 2)

    assert live.status().drops == {'overload': 2}
    assert listener.frames[0].frame.modalities == ('events',)
    assert listener.frames[1].frame.modalities == ('events', 'points')


def test_a_silent_driver_closes_its_windows_after_the_grace(make_live, listener):
    live = make_live(rate_hz=20.0, grace_us=30_000)
    for packet in packets_of(events_of(START_US, START_US + 90_000)):
        live.push_packet(packet)
    listener.wait(lambda: live.status().num_pending == 0)
    assert listener.stamps_us == [HOST_US + 1_050_000]

    clock_us = 5_000_000  # of another year than the stamps
    for passed_us in (0, 18_000, 36_000):
        live.follow_time(clock_us + passed_us)
    assert live.status().num_triggers == 1
    live.follow_time(clock_us + 42_000)
    listener.wait(lambda: live.status().num_pending == 0 and len(listener.frames) == 2)

    assert listener.stamps_us[-1] == HOST_US + 1_100_000


def test_images_ahead_of_the_events_do_not_hurry_the_windows(make_live):
    live = make_live(rate_hz=20.0, grace_us=30_000)
    for packet in packets_of(events_of(START_US, START_US + 60_000)):
        live.push_packet(packet)
    num_triggers = live.status().num_triggers

    live.push_image(image_at(HOST_US + START_US + 400_000))
    for clock_us in (0, 10_000, 20_000):
        live.follow_time(clock_us)

    assert live.status().num_triggers == num_triggers


def test_a_process_that_has_slept_reads_its_inputs_before_it_believes_in_silence(make_live):
    live = make_live(rate_hz=20.0, grace_us=30_000)
    packets = packets_of(events_of(START_US, START_US + 300_000))
    for packet in packets[:20]:
        live.push_packet(packet)
    live.follow_time(0)

    live.follow_time(200_000)  # the packets of this time wait in the queue
    assert live.status().num_triggers == 0
    for packet in packets[20:]:
        live.push_packet(packet)

    assert live.status().num_triggers == 6


def test_a_clock_that_stands_still_closes_nothing(make_live):
    live = make_live(rate_hz=20.0, grace_us=0)
    for packet in packets_of(events_of(START_US, START_US + 60_000)):
        live.push_packet(packet)
    num_triggers = live.status().num_triggers

    for _ in range(1_000):
        live.follow_time(77)

    assert live.status().num_triggers == num_triggers


def test_a_dead_driver_ends_the_frames(make_live, listener):
    live = make_live(rate_hz=20.0, grace_us=10_000)
    for packet in packets_of(events_of(START_US, START_US + 60_000)):
        live.push_packet(packet)

    for clock_us in range(0, 5_000_000, 10_000):
        live.follow_time(clock_us)
        listener.wait(lambda: live.status().num_pending == 0)

    assert max(listener.stamps_us) <= HOST_US + START_US + 60_000 + 1_000_000


def test_images_go_on_alone_when_the_events_are_gone_and_events_come_back(make_live, listener):
    live = make_live(trigger='image', grace_us=10_000)
    early = packets_of(events_of(START_US, START_US + 60_000))
    late = packets_of(events_of(START_US + 3_000_000, START_US + 3_200_000))
    for packet in early:
        live.push_packet(packet)
    for k in range(30):
        stamp_us = HOST_US + START_US + 70_000 + 100_000 * k
        live.push_image(image_at(stamp_us))
        live.follow_time(stamp_us)
        live.follow_time(stamp_us + 10_000)
        listener.wait(lambda: live.status().num_pending == 0)
    assert listener.frames[-1].frame.modalities == ('image',)

    for packet in late[:60]:
        live.push_packet(packet)
    live.push_image(image_at(HOST_US + START_US + 3_080_000))
    listener.wait(lambda: live.status().num_pending == 0)

    assert listener.frames[-1].frame.modalities == ('events', 'image')
    assert listener.stamps_us == sorted(set(listener.stamps_us))


def test_images_alone_are_enough_while_no_event_has_come(make_live, listener):
    live = make_live(rate_hz=20.0, grace_us=10_000)

    for k in range(6):
        stamp_us = HOST_US + 100_000 * k
        live.push_image(image_at(stamp_us))
        live.follow_time(stamp_us)
        live.follow_time(stamp_us + 10_000)
        listener.wait(lambda: live.status().num_pending == 0)

    assert listener.frames
    assert {each.frame.modalities for each in listener.frames} == {('image',)}


def test_after_a_reset_nothing_from_before_enters(make_live, listener):
    live = make_live(rate_hz=20.0)
    for packet in packets_of(events_of(START_US + 5_000_000, START_US + 5_200_000)):
        live.push_packet(packet)
    live.push_points(points_at(HOST_US + START_US + 5_190_000))
    listener.wait(lambda: live.status().num_pending == 0)
    num_before = len(listener.frames)

    live.reset('loop')
    for packet in packets_of(events_of(START_US, START_US + 200_000, seed=9)):
        live.push_packet(packet)
        listener.wait(lambda: live.status().num_pending == 0)

    after = [each.frame for each in listener.frames[num_before:]]
    assert [frame.stamp_us for frame in after] == [
        HOST_US + t for t in (1_050_000, 1_100_000, 1_150_000, 1_200_000)
    ]
    assert {frame.modalities for frame in after} == {('events',)}
    assert live.status().num_resets == {'loop': 1}


def test_a_recording_that_begins_anew_gives_the_frames_of_its_first_run(make_live, listener):
    live = make_live(rate_hz=20.0)
    packets = packets_of(events_of(START_US, START_US + 900_000))

    for packet in [*packets, *packets]:
        live.push_packet(packet)
        listener.wait(lambda: live.status().num_pending == 0)

    assert live.status().num_resets == {'loop': 1}
    first, again = listener.frames[:18], listener.frames[18:]
    assert [each.frame.stamp_us for each in again] == [each.frame.stamp_us for each in first]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.frame.depth_m, other.frame.depth_m)


def test_a_failing_estimate_is_one_drop_and_the_worker_lives_on(make_live, listener):
    live = make_live(rate_hz=20.0)
    pipeline = live._pipeline
    finish = pipeline.finish

    def broken(captured):
        raise RuntimeError('expected in this test')

    pipeline.finish = broken
    packets = packets_of(events_of(START_US, START_US + 200_000))
    for packet in packets[:40]:
        live.push_packet(packet)
        listener.wait(lambda: live.status().num_pending == 0)
    pipeline.finish = finish
    for packet in packets[40:]:
        live.push_packet(packet)
        listener.wait(lambda: live.status().num_pending == 0)

    listener.wait(lambda: len(listener.failures) == live.status().drops['internal_error'])
    assert live.status().drops['internal_error'] == 1
    assert len(listener.frames) == 3


@pytest.mark.parametrize('high', [400, 4_000])
def test_a_broken_time_word_costs_its_window_and_no_more(make_live, listener, high):
    live = make_live(rate_hz=20.0)
    packets = packets_of(events_of(START_US, START_US + 900_000))
    broken = np.array([0x8000 | high, 0x6001, 0x0003, 0x2005], '<u2').tobytes()  # time, row, event
    packets[100] = EventPacket(
        'evt3', WIDTH, HEIGHT, 0, broken, 100, arrival_us=packets[100].arrival_us
    )

    for packet in packets:
        live.push_packet(packet)
        listener.wait(lambda: live.status().num_pending == 0)

    status = live.status()
    broken_us = packets[100].arrival_us
    assert status.num_resets == {'time_leap': 1}
    assert status.input_drops == {'time_leap': 1}
    assert max(listener.stamps_us) <= packets[-1].arrival_us + 10_000
    after_us = [stamp_us for stamp_us in listener.stamps_us if stamp_us > broken_us]
    assert after_us[0] - broken_us <= 110_000
    assert len(after_us) >= 12


def test_bytes_at_random_cost_no_flood_of_estimates_and_are_over_at_once(make_live, listener):
    live = make_live(rate_hz=100.0)
    generator = np.random.default_rng(11)
    packets = packets_of(events_of(START_US, START_US + 900_000))
    for k in range(100, 300):
        noise = generator.integers(0, 256, int(generator.integers(0, 3_000)), np.uint8).tobytes()
        packets[k] = replace(packets[k], payload=noise)

    for packet in packets:
        live.push_packet(packet)
    listener.wait(lambda: live.status().num_pending == 0)

    clean_from_us, end_us = packets[300].arrival_us, packets[-1].arrival_us + 2_000
    assert live.status().num_triggers < 2_000
    assert max(listener.stamps_us) <= end_us
    assert any(clean_from_us < stamp_us <= end_us for stamp_us in listener.stamps_us)
    assert live.status().input_drops['time_leap'] > 50


def test_a_host_clock_that_is_set_back_a_little_starts_the_stamps_anew(make_live, listener):
    live = make_live(rate_hz=20.0)
    packets = packets_of(events_of(START_US, START_US + 900_000))
    back_us = 400_000

    for k, packet in enumerate(packets):
        shift_us = back_us if k >= 225 else 0
        live.push_packet(replace(packet, arrival_us=packet.arrival_us - shift_us))
        listener.wait(lambda: live.status().num_pending == 0)

    assert live.status().num_resets == {'time_leap': 1}
    assert listener.stamps_us[-1] == HOST_US + START_US - 3_000 + 900_000 - back_us


def test_refused_inputs_cost_themselves_only(make_live, listener):
    live = make_live(rate_hz=20.0)
    good = packets_of(events_of(START_US, START_US + 120_000))
    wrong_size = EventPacket('evt3', 32, 24, 0, b'\x00\x80', 5, arrival_us=HOST_US)
    unknown = EventPacket('evt9', WIDTH, HEIGHT, 0, b'', 6, arrival_us=HOST_US)

    for packet in good[:30]:
        live.push_packet(packet)
    live.push_packet(wrong_size)
    live.push_packet(unknown)
    live.push_image(ImageSample(np.zeros((3, 4), np.uint8), HOST_US + 1_060_000))
    for packet in good[30:]:
        live.push_packet(packet)
    listener.wait(lambda: live.status().num_pending == 0)

    drops = live.status().counts.drops
    assert drops['stream_changed'] == 1
    assert drops['unknown_encoding'] == 1
    assert drops['bad_input'] == 1
    assert listener.frames[-1].frame.modalities == ('events',)


def test_events_for_a_rig_without_an_event_camera_are_refused_and_counted(make_live):
    live = make_live(Rig(image=CAMERA))

    live.push_packet(EventPacket('evt3', WIDTH, HEIGHT, 0, b'', 0, arrival_us=HOST_US))

    assert live.status().input_drops == {'unsupported_input': 1}


def test_without_an_event_camera_an_image_waits_for_the_points_seen_before(make_live, listener):
    live = make_live(Rig(image=CAMERA), trigger='image', grace_us=40_000)
    live.push_image(image_at(HOST_US))
    live.push_points(points_at(HOST_US))

    live.push_image(image_at(HOST_US + 100_000))
    assert live.status().num_triggers == 1
    live.push_points(points_at(HOST_US + 100_000))
    listener.wait(lambda: live.status().num_pending == 0)

    assert live.status().num_triggers == 2
    assert listener.frames[-1].frame.modalities == ('image', 'points')


@settings(max_examples=15)
@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(0, 2**40))
def test_no_bytes_stop_the_live_path(tiny_bundle, payloads, stamp_us):
    from eventdepth_core.pipeline import DepthPipeline
    from eventdepth_core.realtime import LiveDepth, RealtimeOptions

    frames, failures = [], []
    pipeline = DepthPipeline(tiny_bundle, Rig(event=CAMERA))
    live = LiveDepth(pipeline, RealtimeOptions(), frames.append, failures.append)
    live.start()

    for seq, payload in enumerate(payloads):
        live.push_packet(EventPacket('evt3', WIDTH, HEIGHT, 0, payload, seq, arrival_us=stamp_us))

    assert live.stop(20.0)
    status = live.status()
    assert status.num_triggers == status.num_frames + sum(status.drops.values())
    assert not failures
