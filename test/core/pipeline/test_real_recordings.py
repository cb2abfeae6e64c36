"""DepthPipeline on real recordings, with the tiny bundle: counts, packetisation, every subset."""

from collections import Counter

from eventdepth_core import Camera, DepthPipeline, EVENT_DTYPE, PipelineOptions, Rig
from eventdepth_core.events import packet_decoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import EventPacket, EventSlice, ImageSample
import numpy as np
import pytest


@pytest.fixture(scope='module')
def packets(data_root):
    with open_recording(data_root / 'event_bags' / 'evt3_vga') as recording:
        return [sample for sample in recording.samples() if isinstance(sample, EventPacket)]


@pytest.fixture
def vga_pipeline(tiny_bundle, tiny_engine):
    camera = Camera(640, 480, 560.0, 560.0, 319.5, 239.5)
    return lambda: DepthPipeline(tiny_bundle, Rig(event=camera), tiny_engine)


def push(pipeline, packet, *, with_arrival):
    pipeline.push_packet(
        packet.encoding,
        packet.width,
        packet.height,
        packet.time_base_ns,
        packet.payload,
        packet.seq,
        packet.arrival_us if with_arrival else None,
    )


def test_every_event_of_a_real_bag_enters(vga_pipeline, packets):
    pipeline = vga_pipeline()

    for packet in packets:
        push(pipeline, packet, with_arrival=True)

    assert (len(packets), pipeline.counts.num_packets) == (517, 517)
    assert pipeline.counts.num_events == 343_474
    assert (pipeline.counts.num_discontinuities, dict(pipeline.counts.drops)) == (0, {})
    assert pipeline.estimate(pipeline.newest_stamp_us).valid.any()


def test_events_of_a_real_bag_give_the_same_bytes_as_its_packets(vga_pipeline, packets):
    by_packet, by_events = vga_pipeline(), vga_pipeline()
    decoder = packet_decoder('evt3', 640, 480)
    stamps_us = (7_400_000, 7_412_500, 7_433_333)

    for packet in packets[:150]:
        push(by_packet, packet, with_arrival=False)
        by_events.push_events(decoder.decode(packet.payload))

    for stamp_us in stamps_us:
        first, second = by_packet.estimate(stamp_us), by_events.estimate(stamp_us)
        assert first.depth_m.tobytes() == second.depth_m.tobytes()
        assert first.std_m.tobytes() == second.std_m.tobytes()
        assert first.modalities == ('events',)


def test_events_and_images_of_a_distorted_camera_fuse(data_root, tiny_bundle, tiny_engine):
    with open_recording(data_root / 'slider_depth') as recording:
        pipeline = DepthPipeline(
            tiny_bundle,
            recording.rig,
            tiny_engine,
            options=PipelineOptions(max_image_age_us=50_000),
        )
        modalities = Counter()
        for sample in recording.samples():
            if isinstance(sample, EventSlice):
                pipeline.push_events(sample.events)
            elif isinstance(sample, ImageSample):
                pipeline.push_image(sample.image, sample.stamp_us)
                modalities[pipeline.estimate(sample.stamp_us).modalities] += 1
            if sum(modalities.values()) == 5:
                break

    assert modalities[('events', 'image')] >= 3
    assert not pipeline.camera.is_distorted
    assert pipeline.camera.size == (180, 240)


def test_a_real_lidar_sweep_becomes_metric_depth(data_root, tiny_bundle, tiny_engine):
    folder = data_root / 'kitti_frame'
    camera = Camera(1224, 370, 707.0, 707.0, 602.0, 183.0)
    points_m = np.fromfile(next(folder.glob('*.bin')), np.float32).reshape(-1, 4)[:, :3]
    # x forward, y left, z up -> x right, y down, z forward
    in_camera = np.ascontiguousarray(
        np.stack([-points_m[:, 1], -points_m[:, 2], points_m[:, 0]], 1)
    )
    pipeline = DepthPipeline(tiny_bundle, Rig(image=camera), tiny_engine)

    pipeline.push_points(in_camera, 0)
    frame = pipeline.estimate(0)

    assert (frame.scale, frame.modalities) == ('metric', ('points',))
    assert 4.0 < np.nanmedian(frame.depth_m) < 40.0
    with pytest.raises(ValueError, match='event camera'):
        pipeline.push_events(np.zeros(1, EVENT_DTYPE))
