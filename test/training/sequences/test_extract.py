"""Samples are what the pipeline would have had at the same stamps."""

from pathlib import Path

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import RecordingError
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import DepthSample, EventPacket, ImageSample, PointsSample
import numpy as np
import pytest
from training.sequences.extract import ExtractionRules, sequence_samples, SequenceSample
from training.sequences.splits import SequenceSource
from training.simulate.recording import HOST_START_US


@pytest.fixture(scope='module')
def samples(walks: Path, bundle: Bundle) -> list[SequenceSample]:
    source = SequenceSource('walk_a', walks / 'walk_a')
    return list(sequence_samples(source, bundle, ExtractionRules()))


def recorded(walks: Path, kind: type) -> list:
    with open_recording(walks / 'walk_a') as recording:
        return [sample for sample in recording.samples() if isinstance(sample, kind)]


def test_events_are_bit_for_bit_those_of_the_live_pipeline(walks, bundle, samples):
    with open_recording(walks / 'walk_a') as recording:
        pipeline = DepthPipeline(bundle, recording.rig)
    waiting = list(samples)
    for packet in recorded(walks, EventPacket):
        pipeline.push_packet(
            packet.encoding, packet.width, packet.height, packet.time_base_ns, packet.payload
        )
        while waiting and packet.arrival_us >= waiting[0].stamp_us:
            sample = waiting.pop(0)
            window = pipeline.capture(sample.stamp_us - HOST_START_US).window
            assert np.abs(sample.voxel).sum() > 0
            assert np.array_equal(sample.voxel, window.voxel)
    assert not waiting


def test_image_and_target_are_those_of_the_stamp(walks, samples):
    images = {each.stamp_us: each.image for each in recorded(walks, ImageSample)}
    depths = {each.stamp_us: each.depth_m for each in recorded(walks, DepthSample)}

    assert len(samples) >= 4
    for sample in samples:
        assert np.array_equal(sample.image, images[sample.stamp_us])
        known = depths[sample.stamp_us] <= 200.0
        assert np.array_equal(sample.depth_m[known], depths[sample.stamp_us][known])
        assert np.isnan(sample.depth_m[~known]).all()


def test_points_are_in_the_reference_view_and_none_before_the_first(walks, samples):
    first_us = recorded(walks, PointsSample)[0].stamp_us

    assert all(sample.sparse_m is None for sample in samples if sample.stamp_us < first_us)
    aligned = [
        np.log(sample.sparse_m / sample.depth_m)
        for sample in samples
        if sample.stamp_us == first_us
    ]
    assert np.nanmedian(np.abs(aligned[0])) < 0.02


def test_every_second_reference_and_a_nearer_limit_are_honoured(walks, bundle, samples):
    source = SequenceSource('walk_a', walks / 'walk_a')
    limit_m = float(np.nanmedian(samples[0].depth_m))

    fewer = list(sequence_samples(source, bundle, ExtractionRules(2, limit_m)))

    assert {sample.stamp_us for sample in fewer} < {sample.stamp_us for sample in samples}
    assert np.nanmax(fewer[0].depth_m) <= limit_m


def test_a_recording_without_depth_is_refused(bundle, tmp_path):
    (tmp_path / 'events.txt').write_text('0.001 1 1 1\n0.002 2 2 0\n')
    source = SequenceSource('text', tmp_path, fov_deg=60.0)

    with pytest.raises(RecordingError, match='a stream of depth to learn from'):
        list(sequence_samples(source, bundle, ExtractionRules()))
