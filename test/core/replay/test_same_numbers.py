"""A recording scores the same in the replay, from the replay's folder and from exported files."""

import json

from eventdepth_core import cli
from eventdepth_core.evaluation import profile_named
from eventdepth_core.recordings import open_recording
from eventdepth_core.report.comparison import compared, MapSource, run_of
from eventdepth_core.types import DepthSample
import numpy as np
import pytest

STAMPS_US = [1_050_300, 1_100_000, 1_150_000, 1_199_400, 1_250_000]
DEPTH, STD = '/eventdepth/depth/image', '/eventdepth/depth/std'


@pytest.fixture
def bag(make_bag):
    """Return a bag with references up to 0.6 ms beside the estimates, and a few images."""
    return make_bag(reference_stamps_us=STAMPS_US, image_stamps_us=(1_090_000, 1_100_000))


def exported(folder, bag, topic):
    """Write the maps of a topic as .npy files named after their stamps, as a user would."""
    folder.mkdir()
    with open_recording(bag, topics={'depth': topic}) as recording:
        for sample in recording.samples():
            if isinstance(sample, DepthSample):
                np.save(folder / f'{sample.stamp_us}.npy', sample.depth_m)
    return folder


@pytest.mark.parametrize('profile', ['plain', 'kitti_eigen', 'mvsec_e2depth', 'aled'])
def test_the_folder_of_a_replay_scores_what_the_replay_said(bag, run, tmp_path, profile):
    replayed = run(bag, profile=profile)

    judged = compared(
        [run_of(MapSource(tmp_path / 'out'))], MapSource(bag), profile_named(profile)
    ).runs[0]

    assert judged.num_pairs == len(STAMPS_US)
    assert len(replayed.metrics) >= 1
    assert [(each.subset, each.num_frames) for each in judged.subsets] == [
        (each.subset, each.num_frames) for each in replayed.metrics
    ]
    for mine, theirs in zip(judged.subsets, replayed.metrics, strict=True):
        assert theirs.values['n'] > 0
        assert dict(mine.values) == pytest.approx(dict(theirs.values), rel=0, abs=0, nan_ok=True)


def test_exported_files_score_what_the_replay_said(bag, run, tmp_path):
    replayed = run(bag, use=('events',))
    predicted = exported(tmp_path / 'depth', tmp_path / 'out' / 'depth.mcap', DEPTH)
    std = exported(tmp_path / 'std', tmp_path / 'out' / 'depth.mcap', STD)
    place = tmp_path / 'm.json'

    cli.main(['evaluate', str(predicted), str(bag), '--std', str(std), '--json', str(place)])

    metrics = json.loads(place.read_text())['metrics']
    (theirs,) = replayed.metrics
    assert theirs.num_frames == len(STAMPS_US)
    assert {key: metrics[key] for key in theirs.values} == {
        key: None if np.isnan(value) else value for key, value in theirs.values.items()
    }


def test_the_statement_of_a_replay_tells_what_made_the_numbers(bag, run, tmp_path):
    replayed = run(bag)

    judged = compared(
        [run_of(MapSource(tmp_path / 'out'))], MapSource(bag), profile_named('plain')
    ).runs[0]

    origin = judged.statement.provenance
    assert origin.model.startswith('tiny')
    assert origin.engine.startswith('onnxruntime')
    assert (origin.steps, origin.precision) == (0, 'float32')
    assert origin.num_dropped == sum(replayed.drops.values())
    assert origin.device
    assert 0 < origin.latency_p50_ms <= origin.latency_p95_ms
