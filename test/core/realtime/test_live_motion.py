"""Poses and packets in the live path: the sweep of a replay, made by the worker, with a delay."""

import threading

from eventdepth_core.events import packet_encoder
from eventdepth_core.events.held_events import HeldEvents
from eventdepth_core.pipeline import DepthPipeline, PipelineOptions
from eventdepth_core.types import Camera, EventPacket, PoseSample, Rig
import numpy as np
import pytest
from slides import poses, slide_events

CAMERA = Camera(width=160, height=120, fx=150.0, fy=150.0, cx=79.5, cy=59.5)
RATE_HZ = 20.0
PACKET_US = 4_000
# a packet's host time is that of its sensor here, so that no clock comes in between
HOST_US = 0


@pytest.fixture(scope='module')
def slide():
    events = slide_events(CAMERA)
    events['t'] += 1_000
    return events


def packets_of(events):
    encoder = packet_encoder('evt3', CAMERA.width, CAMERA.height)
    edges = np.arange(PACKET_US, int(events['t'][-1]), PACKET_US)
    for seq, part in enumerate(np.split(events, np.searchsorted(events['t'], edges))):
        if part.size:
            arrival_us = HOST_US + int(part['t'][0])
            payload = encoder.encode(part)
            yield EventPacket(
                'evt3', CAMERA.width, CAMERA.height, 0, payload, seq, arrival_us=arrival_us
            )


def played(live, events):
    """Push poses and packets in the order of their time."""
    waiting = list(poses())
    for packet in packets_of(events):
        while waiting and waiting[0][0] <= packet.arrival_us:
            time_us, pose = waiting.pop(0)
            live.push_pose(PoseSample(pose, time_us))
        live.push_packet(packet)


def offline(bundle, events, stamps_us, delay_us):
    """Return the frames that a pipeline makes of the same, without threads."""
    options = PipelineOptions(motion_delay_us=delay_us)
    pipeline = DepthPipeline(bundle, Rig(event=CAMERA), options=options)
    waiting, start_us, frames = list(poses()), 0, []
    for stamp_us in stamps_us:
        end_us = stamp_us + delay_us
        pipeline.push_events(events[(events['t'] >= start_us) & (events['t'] < end_us)])
        while waiting and waiting[0][0] <= end_us:
            time_us, pose = waiting.pop(0)
            pipeline.push_pose(pose, time_us)
        frames.append(pipeline.estimate(stamp_us))
        start_us = end_us
    return frames


@pytest.mark.parametrize('delay_us', [0, 20_000])
def test_a_live_run_with_poses_gives_the_depth_of_a_pipeline(
    make_live, listener, tiny_bundle, slide, delay_us
):
    live = make_live(Rig(event=CAMERA), rate_hz=RATE_HZ, motion_delay_us=delay_us)

    played(live, slide)

    stamps_us = [t for t in range(50_000, 201_000, 50_000) if t + delay_us < slide['t'][-1]]
    listener.wait(lambda: listener.stamps_us[-1:] == stamps_us[-1:])
    expected = dict(zip(stamps_us, offline(tiny_bundle, slide, stamps_us, delay_us), strict=True))
    assert 'motion' in listener.frames[-1].frame.modalities
    assert live.status().motion_delay_us == delay_us
    for each in listener.frames:
        other = expected[each.frame.stamp_us]
        assert each.frame.modalities == other.modalities
        assert each.frame.depth_m.tobytes() == other.depth_m.tobytes()
        assert each.frame.motion_delay_us == (delay_us if 'motion' in other.modalities else 0)


def test_no_callback_decodes_for_the_sweep(make_live, listener, slide, monkeypatch):
    decoding_threads, decoded = set(), HeldEvents.decoded

    def noted(held):
        decoding_threads.add(threading.current_thread().name)
        return decoded(held)

    live = make_live(Rig(event=CAMERA), rate_hz=RATE_HZ)
    packets = packets_of(slide)
    live.push_packet(next(packets))  # the stream looks for its first event, once
    monkeypatch.setattr(HeldEvents, 'decoded', noted)
    live.push_pose(PoseSample(poses()[0][1], 0))
    for packet in packets:
        live.push_packet(packet)
    listener.wait(lambda: listener.stamps_us[-1:] == [200_000])

    assert decoding_threads == {'inference'}
