import json

from eventdepth_core.errors import InputError, MissingCameraError, RecordingError
from eventdepth_core.events.filters import Filtering
from eventdepth_core.recordings import open_recording
from eventdepth_core.replay import replay, ReplayOptions
from eventdepth_core.report import metrics_text
from eventdepth_core.types import DepthSample
import numpy as np
import pytest

START_US, END_US = 1_003_000, 1_263_000
GRID_US = [1_050_000, 1_100_000, 1_150_000, 1_200_000, 1_250_000]
DEPTH, STD = '/eventdepth/depth/image', '/eventdepth/depth/std'


def without_timing(folder):
    content = json.loads((folder / 'metrics.json').read_text())
    del content['timing']
    return content


def frames_in(folder, topic=DEPTH):
    with open_recording(folder / 'depth.mcap', topics={'depth': topic}) as recording:
        return [sample for sample in recording.samples() if isinstance(sample, DepthSample)]


def stored_messages(path):
    from mcap.reader import make_reader

    with path.open('rb') as file:
        return [(c.topic, m.log_time, m.data) for _, c, m in make_reader(file).iter_messages()]


def test_a_replay_leaves_four_files_and_one_frame_per_stamp_of_the_grid(
    make_bag, run, tmp_path, bar_events
):
    summary = run(make_bag(), has_report=True)

    names = sorted(path.name for path in (tmp_path / 'out').iterdir())
    assert names == ['depth.mcap', 'metrics.json', 'preview.png', 'report.html']
    assert [frame.stamp_us for frame in frames_in(tmp_path / 'out')] == GRID_US
    assert summary.counts.num_frames == summary.counts.num_triggers_fired == 5
    assert summary.counts.num_events == bar_events.size
    assert summary.counts.num_events_on == np.count_nonzero(bar_events['p'] > 0)
    assert summary.counts.num_packets == 26
    assert summary.drops == {}
    assert summary.modalities == {'events': 5}
    assert summary.scales == {'prior': 5}
    assert summary.camera.source == 'recording'
    assert summary.rate.counts.sum() == bar_events.size


def test_every_message_of_a_frame_has_the_same_header(make_bag, run, tmp_path):
    from eventdepth_core.recordings.message_codecs import decode_message

    run(make_bag(), max_frames=1)

    messages = stored_messages(tmp_path / 'out' / 'depth.mcap')
    topics = [topic for topic, _, _ in messages]
    types = {'camera_info': 'sensor_msgs/msg/CameraInfo'}
    headers = {
        decode_message(types.get(topic.split('/')[-1], 'sensor_msgs/msg/Image'), raw).header
        for topic, _, raw in messages
    }
    assert sorted(topics) == [
        DEPTH.replace('image', 'camera_info'),
        DEPTH,
        '/eventdepth/depth/image_color',
        STD,
        '/eventdepth/event_image',
    ]
    assert [(h.stamp_ns, h.frame_id) for h in headers] == [(GRID_US[0] * 1000, 'event_camera')]


def test_the_bag_holds_the_depth_of_the_pipeline(make_bag, run, tmp_path, tiny_bundle, bar_events):
    from eventdepth_core import Camera, DepthPipeline, Rig

    run(make_bag(), max_frames=2)

    pipeline = DepthPipeline(tiny_bundle, Rig(event=Camera(64, 48, 60.0, 60.0, 31.5, 23.5)))
    pipeline.push_events(bar_events[bar_events['t'] < GRID_US[1]])
    expected = pipeline.estimate(GRID_US[1])
    np.testing.assert_array_equal(frames_in(tmp_path / 'out')[1].depth_m, expected.depth_m)
    np.testing.assert_array_equal(frames_in(tmp_path / 'out', STD)[1].depth_m, expected.std_m)


def test_the_same_replay_gives_the_same_bytes(make_bag, run, tmp_path):
    bag = make_bag()

    run(bag, 'first', has_report=True)
    run(bag, 'second', has_report=True)

    for name in ('depth.mcap', 'preview.png'):
        assert (tmp_path / 'first' / name).read_bytes() == (
            tmp_path / 'second' / name
        ).read_bytes()
    assert without_timing(tmp_path / 'first') == without_timing(tmp_path / 'second')


@pytest.mark.parametrize('encoding', ['evt3', 'mono'])
@pytest.mark.parametrize(
    'cuts_us',
    [
        (),  # everything in one packet
        tuple(range(START_US, END_US, 1_717)),
        (1_049_990, 1_050_000, 1_050_010, 1_200_000),
        tuple(range(START_US, END_US, 120_000)),
    ],
    ids=['one', 'many', 'at the stamps', 'longer than a window'],
)
def test_the_bag_does_not_depend_on_how_the_events_were_packed(
    make_bag, run, tmp_path, encoding, cuts_us
):
    run(make_bag('usual.mcap', encoding=encoding), 'usual')
    run(make_bag('other.mcap', encoding=encoding, cuts_us=cuts_us), 'other')

    usual, other = ((tmp_path / name / 'depth.mcap').read_bytes() for name in ('usual', 'other'))
    assert usual == other


def test_bytes_and_decoded_text_of_the_same_events_give_the_same_depth(
    make_bag, make_text_folder, run, tmp_path, bar_events
):
    run(make_bag(), 'bytes')
    run(make_text_folder(bar_events), 'text')

    frames = [frames_in(tmp_path / name) for name in ('bytes', 'text')]
    assert len(frames[0]) == len(frames[1]) == 5
    for one, other in zip(*frames, strict=True):
        assert one.stamp_us == other.stamp_us
        np.testing.assert_array_equal(one.depth_m, other.depth_m)


def test_an_image_enters_the_estimate_of_its_own_stamp(make_text_folder, run, bar_events):
    folder = make_text_folder(bar_events, [1_100_000, 1_180_000])

    summary = run(folder, trigger='image')

    assert summary.modalities == {'events+image': 2}
    assert [picture.stamp_us for picture in summary.pictures] == [1_100_000, 1_180_000]


def test_images_do_not_wait_for_a_packet_that_covers_them(make_bag, run, tmp_path):
    images_us = tuple(range(1_020_000, 1_260_000, 30_000))
    fine = make_bag('fine.mcap', encoding='mono', image_stamps_us=images_us)
    coarse = make_bag(
        'coarse.mcap', encoding='mono', image_stamps_us=images_us, cuts_us=(1_130_000,)
    )

    summaries = [run(bag, bag.stem) for bag in (fine, coarse)]

    assert summaries[0].modalities == summaries[1].modalities == {'events+image': 5}
    assert summaries[0].drops == {'superseded_image': 3}
    assert (tmp_path / 'fine/depth.mcap').read_bytes() == (
        tmp_path / 'coarse/depth.mcap'
    ).read_bytes()


def test_images_long_after_the_last_event_are_still_estimated(make_text_folder, run, bar_events):
    images_us = [END_US + 40_000 * k for k in range(60)]
    folder = make_text_folder(bar_events, images_us)

    summary = run(folder, trigger='image')

    assert summary.counts.num_frames == 60
    assert summary.modalities['image'] > 30
    assert summary.drops == {}


def test_evt3_beside_another_clock_is_mapped_by_arrival(make_bag, run, tmp_path):
    bag = make_bag(image_stamps_us=tuple(range(1_020_000, 1_260_000, 30_000)))

    summary = run(bag)

    assert [frame.stamp_us for frame in frames_in(tmp_path / 'out')] == GRID_US
    assert summary.modalities == {'events+image': 5}


def test_a_jump_in_time_starts_the_grid_anew(make_bag, run, bar_events):
    late = bar_events.copy()
    late['t'] += 3_600_000_000
    both = np.concatenate([bar_events, late])
    cuts_us = (*range(START_US, END_US, 10_000), *range(3_601_003_000, 3_601_263_000, 10_000))

    summary = run(make_bag(events=both, encoding='mono', cuts_us=cuts_us))

    assert summary.counts.num_frames == 10
    assert summary.discontinuities == (int(late['t'][0]),)
    assert summary.counts.num_discontinuities == 1
    assert summary.recording.played_s == pytest.approx(0.52, abs=0.005)


def test_reference_depth_of_the_recording_is_compared_by_stamp(make_bag, run):
    bag = make_bag(encoding='mono', reference_stamps_us=(1_050_000, 1_100_000, 1_111_000))

    summary = run(bag)

    assert summary.counts.num_references == 3
    (metrics,) = summary.metrics
    assert (metrics.subset, metrics.num_frames) == ('events', 2)
    assert metrics.values['n'] == 2 * 48 * 64
    assert 0 < metrics.values['abs_rel'] < 10
    assert 0 <= metrics.values['coverage_1sigma'] <= 1
    assert [picture.stamp_us for picture in summary.pictures] == [1_050_000, 1_100_000]
    assert all(picture.target_m is not None for picture in summary.pictures)


def test_estimates_can_be_made_at_reference_stamps(make_bag, run):
    bag = make_bag(encoding='mono', reference_stamps_us=(1_061_000, 1_111_000))

    summary = run(bag, trigger='reference')

    assert [picture.stamp_us for picture in summary.pictures] == [1_061_000, 1_111_000]
    assert summary.metrics[0].num_frames == 2


def test_a_reference_of_another_size_is_counted_and_not_used(make_bag, run, monkeypatch):
    bag = make_bag(encoding='mono', reference_stamps_us=(1_050_000,))
    from eventdepth_core.replay import reference

    real = reference.DepthSample

    def cropped(self, sample):
        self._references.append(real(sample.depth_m[:, 1:], sample.stamp_us))

    monkeypatch.setattr(reference.ReferenceMatcher, 'add_reference', cropped)

    summary = run(bag)

    assert summary.drops == {'reference_size': 1}
    assert summary.metrics == ()


def test_start_duration_and_number_of_frames_bound_the_replay(make_bag, run):
    bag = make_bag()

    later = run(bag, 'later', start_s=0.1, duration_s=0.1)
    few = run(bag, 'few', max_frames=2)

    assert [picture.stamp_us for picture in later.pictures] == [1_150_000, 1_200_000]
    assert [picture.stamp_us for picture in few.pictures] == GRID_US[:2]


def test_modalities_can_be_left_out(make_text_folder, run, bar_events):
    folder = make_text_folder(bar_events, [1_040_000, 1_090_000])

    summary = run(folder, use=('events',))

    assert summary.modalities == {'events': 5}
    assert summary.counts.num_images == 2


def test_filters_enter_the_replay_and_what_it_says(make_bag, run):
    filtered = run(make_bag(), filtering=Filtering(refractory_us=20_000))

    assert filtered.options['filtering'] == {'refractory_us': 20_000}
    assert 0 < filtered.counts.num_filtered < filtered.counts.num_events


def test_progress_is_told_for_every_sample_and_at_the_end(make_bag, tiny_bundle, tmp_path):
    told = []

    replay(make_bag(), tiny_bundle, tmp_path / 'out', on_progress=told.append)

    assert [progress.num_samples for progress in told] == [*range(1, 27), 26]
    assert told[-1].num_expected == 26
    assert told[-1].num_frames == 5


def test_what_the_summary_says_is_what_metrics_json_says(make_bag, run, tmp_path):
    summary = run(make_bag())

    assert (tmp_path / 'out' / 'metrics.json').read_text() == metrics_text(summary)


def test_without_a_camera_the_error_names_both_ways_out(make_bag, run, tmp_path):
    with pytest.raises(MissingCameraError, match=r'--camera FILE .* --fov-deg DEG'):
        run(make_bag(camera=None))

    assert not (tmp_path / 'out').exists()


def test_images_without_a_camera_are_refused_alike(make_bag, run):
    bag = make_bag(events=None, camera=None, image_stamps_us=(1_000, 2_000))

    with pytest.raises(MissingCameraError, match='image camera'):
        run(bag)


def test_an_assumed_camera_is_reported_as_assumed(make_bag, run):
    summary = run(make_bag(camera=None), fov_deg=60.0)

    assert summary.camera.source == 'assumed'
    assert summary.counts.num_frames == 5


def test_a_recording_without_a_usable_stream_is_refused(make_bag, run):
    with pytest.raises(RecordingError, match='Expected a stream of points'):
        run(make_bag(), use=('points',))


def test_triggers_of_a_missing_stream_are_refused(make_bag, run):
    with pytest.raises(InputError, match='a stream of image for the trigger image'):
        run(make_bag(), trigger='image')


def test_images_alone_are_estimated_at_their_stamps(make_bag, run, tmp_path):
    bag = make_bag(events=None, image_stamps_us=(1_234_567, 1_300_001))

    summary = run(bag)

    assert [frame.stamp_us for frame in frames_in(tmp_path / 'out')] == [1_234_567, 1_300_001]
    assert summary.modalities == {'image': 2}


def test_options_default_to_everything(tiny_bundle, make_bag, tmp_path):
    summary = replay(str(make_bag()), tiny_bundle, str(tmp_path / 'out'))

    assert summary.options['trigger'] == ReplayOptions().trigger == 'auto'


def test_images_that_nothing_places_stay_out_and_are_counted(make_bag, run, tmp_path):
    stamps_us = (1_040_000, 1_140_000)
    # an image camera without calibration: its pictures have another size than the event camera
    bag = make_bag('unplaced.mcap', image_stamps_us=stamps_us, image_size=(24, 32))

    summary = run(bag)

    assert summary.modalities == {'events': 5}
    assert summary.drops == {'not_calibrated': 2}
