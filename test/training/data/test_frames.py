"""Frames of datasets: the tensors of the live path, bit for bit, by stream and by index."""

from eventdepth_core.bundle import load_bundle
from eventdepth_core.errors import RecordingError
from eventdepth_core.events import VoxelSpec
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.pipeline.event_stream import voxel_spec
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.datasets.dsec import DsecRecording
from eventdepth_core.types import DepthSample, EventSlice
from layouts.dsec import write_dsec
from layouts.mvsec import write_mvsec
from layouts.pictures import write_carla, write_nyu
import numpy as np
import pytest
from torch.utils.data import DataLoader
from training.data.datasets import collate_frames, IndexedFrames, ShardFrames, StreamFrames
from training.data.frames import frames_of
from training.simulate.shards import empty_set, shard_path, write_shard

BUNDLE = load_bundle('eventdepth-s')
SPEC = voxel_spec(BUNDLE.inputs.events)


@pytest.fixture(scope='module')
def dsec(tmp_path_factory):
    return write_dsec(tmp_path_factory.mktemp('dsec') / 'zurich_city_00_a').folder


def live_tensors(path):
    """Return the tensor by stamp that the pipeline takes at each ground truth, as it streams."""
    tensors = {}
    with open_recording(path) as recording:
        pipeline = DepthPipeline(BUNDLE, recording.rig)
        for sample in recording.samples():
            if isinstance(sample, EventSlice):
                pipeline.push_events(sample.events)
            elif isinstance(sample, DepthSample):
                window = pipeline.capture(sample.stamp_us).window
                if window is not None and 'window_not_full' not in window.incomplete:
                    tensors[sample.stamp_us] = window.voxel
    return tensors


@pytest.mark.parametrize('write', [write_dsec, write_mvsec])
def test_streamed_frames_are_what_the_pipeline_sees_bit_for_bit(write, tmp_path):
    path = write(tmp_path / 'sequence').folder
    live = live_tensors(path)

    with open_recording(path) as recording:
        frames = list(frames_of(recording, SPEC))

    assert [frame.stamp_us for frame in frames] == list(live)
    assert len(frames) >= 2
    for frame in frames:
        assert np.count_nonzero(frame.events) > 1000
        np.testing.assert_array_equal(frame.events, live[frame.stamp_us])


@pytest.mark.parametrize(('write', 'count'), [(write_dsec, 2), (write_mvsec, 3)])
def test_frames_by_index_are_those_of_the_stream(write, count, tmp_path):
    path = write(tmp_path / 'sequence').folder
    frames = IndexedFrames(path, SPEC)
    with open_recording(path) as recording:
        streamed = {frame.stamp_us: frame for frame in frames_of(recording, SPEC)}

    assert len(frames) == len(streamed) == count  # nothing comes before the first
    for index in reversed(range(count)):
        frame = frames[index]
        same = streamed[frame.stamp_us]
        np.testing.assert_array_equal(frame.events, same.events)
        np.testing.assert_array_equal(frame.depth_m, same.depth_m)
        np.testing.assert_array_equal(frame.image, same.image)
        assert (frame.points_m is None) == (same.points_m is None)


def test_recordings_without_times_by_index_are_sent_to_the_stream(tmp_path):
    with pytest.raises(RecordingError, match='StreamFrames reads it'):
        IndexedFrames(write_nyu(tmp_path), SPEC)


def test_shared_events_are_those_of_the_forward_map_in_float64(dsec):
    frame = IndexedFrames(dsec, SPEC, splat='bilinear')[0]
    with DsecRecording(dsec) as recording:
        start_us = frame.stamp_us - SPEC.window_us
        events = recording.indexed_events.window(start_us, frame.stamp_us)
        positions = recording.rectify_map().astype(np.float64)

    x, y = positions[events['y'], events['x']].T
    t = (SPEC.bins - 1) * (events['t'] - start_us) / SPEC.window_us
    place = np.stack([t, y, x])
    expected = np.zeros((SPEC.bins + 1, 482, 642))  # with a margin for what falls outside
    for corner in np.ndindex(2, 2, 2):
        cell = np.floor(place).astype(int) + np.array(corner)[:, None]
        share = np.prod(1 - np.abs(cell - place), axis=0) * events['p']
        cell[1:] += 1
        inside = ((cell >= 0) & (cell < np.array(expected.shape)[:, None])).all(axis=0)
        np.add.at(expected, tuple(cell[:, inside]), share[inside])
    np.testing.assert_allclose(frame.events, expected[:-1, 1:-1, 1:-1], atol=2e-5)


def test_images_and_depth_lie_in_the_rectified_view(dsec):
    frame = IndexedFrames(dsec, SPEC)[0]

    assert frame.image.shape == (480, 640, 3)
    assert frame.depth_m[100, 200] == pytest.approx(5.0, rel=1e-6)
    assert frame.camera.fx == 500.0


@pytest.mark.parametrize('num_workers', [0, 2])
def test_a_loader_stacks_frames_by_index_in_any_number_of_workers(dsec, num_workers):
    loader = DataLoader(
        IndexedFrames(dsec, SPEC), batch_size=2, collate_fn=collate_frames, num_workers=num_workers
    )

    batch = next(iter(loader))

    assert batch.events.shape == (2, 5, 480, 640)
    assert batch.image.shape == (2, 3, 480, 640)
    assert batch.points_m is None
    assert batch.depth_m.isfinite().sum() == 2 * 201


def test_workers_share_recordings_out_and_repeat_none(tmp_path):
    paths = [write_mvsec(tmp_path / str(i), num_frames=3, seed=i).folder for i in range(3)]
    loader = DataLoader(
        StreamFrames(paths, SPEC), batch_size=1, collate_fn=collate_frames, num_workers=2
    )

    batches = list(loader)

    sums = [float(batch.events.abs().sum()) for batch in batches]
    assert len(batches) == 6  # two full windows in each recording
    assert len(set(sums)) == 6
    assert batches[0].points_m.isfinite().sum() > 0


def test_recordings_without_events_give_pictures_with_depth(tmp_path):
    frames = list(StreamFrames([write_nyu(tmp_path)], None))

    assert [frame.events for frame in frames] == [None, None]
    assert frames[1].image[5, 7].tolist() == [20, 99, 0]
    assert frames[1].depth_m[9, 9] == 3.0


def test_short_clips_of_events_give_no_frame_before_their_window_is_full(tmp_path):
    spec = VoxelSpec(bins=5, window_us=200_000, interval_us=50_000)

    assert list(StreamFrames([write_carla(tmp_path)], spec)) == []


def test_simulated_shards_come_as_frames(tmp_path):
    samples = empty_set(2, (32, 48))
    rng = np.random.default_rng(7)
    samples.voxel[:] = rng.integers(-127, 128, samples.voxel.shape)
    samples.log_depth[:] = rng.uniform(0, 5, samples.log_depth.shape)
    samples.log_depth[:, :5] = np.inf  # sky
    samples.intrinsics[:] = (50.0, 51.0, 23.5, 15.5)
    (tmp_path / 'val').mkdir()
    write_shard(samples, shard_path(tmp_path / 'val', 0))

    frames = ShardFrames(tmp_path, 'val')

    assert len(frames) == 2
    np.testing.assert_array_equal(frames[1].events * 8, samples.voxel[1])
    known = np.isfinite(samples.log_depth[1])
    np.testing.assert_allclose(
        np.log(frames[1].depth_m[known]), samples.log_depth[1][known], atol=1e-6
    )
    assert np.isnan(frames[1].depth_m[~known]).all()
    assert frames[1].camera.fx == samples.intrinsics[1, 0]
