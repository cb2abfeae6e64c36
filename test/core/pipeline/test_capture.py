from eventdepth_core import Camera, Rig
from eventdepth_core.events import packet_encoder
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

END_US = 150_000


def same_frame(one, other):
    np.testing.assert_array_equal(one.depth_m, other.depth_m)
    np.testing.assert_array_equal(one.std_m, other.std_m)
    assert one.modalities == other.modalities
    assert one.incomplete == other.incomplete


def test_capture_and_finish_are_an_estimate(make_pipeline, events, image):
    once, twice = make_pipeline(), make_pipeline()
    for pipeline in (once, twice):
        pipeline.push_events(events)
        pipeline.push_image(image, END_US - 10)

    captured = twice.capture(END_US)

    same_frame(once.estimate(END_US), twice.finish(captured))


def test_events_after_the_capture_do_not_change_the_frame(make_pipeline, events):
    alone, followed = make_pipeline(), make_pipeline()
    early = events[events['t'] < END_US]
    late = events[events['t'] >= END_US]
    alone.push_events(early)
    followed.push_events(early)

    captured = followed.capture(END_US)
    late_arrival = early[-100:].copy()  # events of the window itself that come too late
    followed.push_events(late_arrival)
    followed.push_events(late)

    same_frame(alone.estimate(END_US), followed.finish(captured))


def test_an_image_that_comes_before_the_end_enters(make_pipeline, events, image):
    pipeline = make_pipeline()
    pipeline.push_events(events)
    captured = pipeline.capture(END_US)

    pipeline.push_image(image, END_US - 10)

    assert pipeline.finish(captured).modalities == ('events', 'image')


def test_the_time_of_waiting_does_not_count_as_work(make_pipeline, events):
    pipeline = make_pipeline()
    pipeline.push_events(events)

    frame = pipeline.finish(pipeline.capture(END_US))

    timing = frame.timing
    parts_ms = timing.tensor_ms + timing.encode_ms + timing.fuse_ms + timing.complete_ms
    assert timing.total_ms == pytest.approx(parts_ms, rel=0.5, abs=0.5)


@pytest.mark.parametrize('encoding', ['evt3', 'mono'])
def test_the_first_event_of_the_latest_packet_is_known(make_pipeline, events, encoding):
    pipeline = make_pipeline()
    encoder = packet_encoder(encoding, 70, 50)
    assert pipeline.events.packet_start_us is None

    for part in np.split(events, (1_000, 1_001, 4_000)):
        payload = encoder.encode(part, 0)
        pipeline.push_packet(encoding, 70, 50, 0, payload)
        assert pipeline.events.packet_start_us == part['t'][0]
    pipeline.push_packet(encoding, 70, 50, 0, b'')

    assert pipeline.events.packet_start_us is None


def test_host_times_shift_pipeline_time_by_the_first_event(make_pipeline, events):
    on_sensor_time, on_host_time = make_pipeline(), make_pipeline()
    on_sensor_time.push_events(events)
    on_host_time.push_events(events)

    on_host_time.events.observe(int(events['t'][0]), int(events['t'][0]) + 7_000_123)

    assert on_host_time.events.to_sensor_us(END_US + 7_000_123) == END_US
    assert on_host_time.events.to_pipeline_us(END_US) == END_US + 7_000_123
    same_frame(on_sensor_time.estimate(END_US), on_host_time.estimate(END_US + 7_000_123))


def test_an_image_from_another_viewpoint_takes_the_last_measured_depth(make_pipeline, sparse_m):
    camera = Camera(width=70, height=50, fx=61.0, fy=60.0, cx=34.0, cy=24.5)
    aside = np.eye(4)
    aside[0, 3] = 2.0
    pipeline = make_pipeline(Rig(event=camera, image=camera, event_from_image=aside))
    picture = np.tile(np.arange(70, dtype=np.uint8) * 3, (50, 1))
    pipeline.push_sparse_depth(sparse_m, 0)
    pipeline.estimate(0)
    pipeline.push_events(np.array([(400_000, 3, 3, 1)], EVENT_DTYPE))

    pipeline.push_image(picture, 400_000)  # the points are too old by now, the depth is not

    assert pipeline.estimate(400_001).modalities == ('events', 'image')


def test_a_depth_that_is_too_old_or_forgotten_warps_nothing(make_pipeline, sparse_m):
    from eventdepth_core.errors import UnsupportedInputError

    camera = Camera(width=70, height=50, fx=61.0, fy=60.0, cx=34.0, cy=24.5)
    aside = np.eye(4)
    aside[0, 3] = 2.0
    pipeline = make_pipeline(Rig(event=camera, image=camera, event_from_image=aside))
    picture = np.zeros((50, 70), np.uint8)
    pipeline.push_sparse_depth(sparse_m, 0)
    pipeline.estimate(0)

    with pytest.raises(UnsupportedInputError, match='no recent points'):
        pipeline.push_image(picture, 600_000)
    pipeline.reset()
    with pytest.raises(UnsupportedInputError, match='no recent points'):
        pipeline.push_image(picture, 300_000)
