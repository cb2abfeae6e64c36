"""Sequences of datasets give samples like any other recording."""

from pathlib import Path

from eventdepth_core.bundle import Bundle
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import DepthSample, EventSlice
import numpy as np
import pytest
from training.sequences.extract import ExtractionRules, sequence_samples
from training.sequences.splits import SequenceSource

pytest.importorskip('layouts', reason='no writers of dataset layouts beside these tests')


@pytest.mark.parametrize('dataset', ['dsec', 'mvsec'])
def test_samples_hold_what_the_pipeline_sees(dataset: str, bundle: Bundle, tmp_path: Path) -> None:
    module = pytest.importorskip(f'layouts.{dataset}')
    folder = getattr(module, f'write_{dataset}')(tmp_path / 'sequence').folder
    live = live_tensors(folder, bundle)

    samples = list(sequence_samples(SequenceSource('sequence', folder), bundle, ExtractionRules()))

    assert [sample.stamp_us for sample in samples] == list(live)
    assert len(samples) >= 2
    for sample in samples:
        assert np.array_equal(sample.voxel, live[sample.stamp_us])
        assert sample.image is not None
        assert np.isfinite(sample.depth_m).any()


def live_tensors(folder: Path, bundle: Bundle) -> dict[int, np.ndarray]:
    """Return the tensors that the pipeline takes at each reference depth, as they stream."""
    tensors: dict[int, np.ndarray] = {}
    with open_recording(folder) as recording:
        pipeline = DepthPipeline(bundle, recording.rig)
        for sample in recording.samples():
            if isinstance(sample, EventSlice):
                pipeline.push_events(sample.events)
            elif isinstance(sample, DepthSample):
                window = pipeline.capture(sample.stamp_us).window
                if window is not None and 'window_not_full' not in window.incomplete:
                    tensors[sample.stamp_us] = window.voxel
    return tensors
