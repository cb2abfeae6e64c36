"""The command: folders of every kind, what the bag holds, what is refused and warned of."""

import cv2
from eventdepth_core.events import packet_decoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import DepthSample, EventPacket, ImageSample, PoseSample
import numpy as np
import pytest
from training.simulate import from_images
import two_planes

STEPS_M = (0.0, 0.05, 0.12, 0.2)
HEIGHT, WIDTH = two_planes.CAMERA.size


@pytest.fixture
def tartanair(tmp_path):
    """Write the two planes in TartanAir's form; north = forward, east = right."""
    folder = tmp_path / 'P000'
    for name in ('image_left', 'depth_left'):
        (folder / name).mkdir(parents=True)
    lines = []
    for i, x_m in enumerate(STEPS_M):
        grey = np.round(255 * two_planes.light_at(x_m)).astype(np.uint8)
        cv2.imwrite(str(folder / 'image_left' / f'{i:06d}_left.png'), grey)
        np.save(folder / 'depth_left' / f'{i:06d}_left_depth.npy', two_planes.depth_at(x_m))
        lines.append(f'0 {x_m} 0 0 0 0 1\n')
    (folder / 'pose_left.txt').write_text(''.join(lines))
    return folder


def command(folder, out, *more):
    fov_deg = np.rad2deg(2 * np.arctan(WIDTH / 2 / two_planes.CAMERA.fx))
    options = ['--gamma', '1', '--sensor', 'ideal', '--fov-deg', str(fov_deg), *more]
    return from_images.main([str(folder), '--out', str(out), *options])


def samples_of(bag, kind):
    with open_recording(bag) as opened:
        return [sample for sample in opened.samples() if isinstance(sample, kind)]


def events_of(bag):
    decoder = packet_decoder('evt3', WIDTH, HEIGHT)
    return np.concatenate([decoder.decode(p.payload) for p in samples_of(bag, EventPacket)])


def test_a_tartanair_folder_becomes_a_bag_with_everything_in_it(tartanair, tmp_path):
    assert command(tartanair, tmp_path / 'bag') == 0

    events = events_of(tmp_path / 'bag')
    assert len(events) > 1000
    assert (np.diff(events['t']) >= 0).all()
    assert events['t'][-1] < 300_000
    depths = samples_of(tmp_path / 'bag', DepthSample)
    np.testing.assert_allclose(depths[2].depth_m, two_planes.depth_at(STEPS_M[2]), rtol=2e-4)
    images = samples_of(tmp_path / 'bag', ImageSample)
    assert [np.diff([s.stamp_us for s in images]).tolist()] == [[100_000] * 3]
    poses = samples_of(tmp_path / 'bag', PoseSample)
    np.testing.assert_allclose([p.world_from_camera[0, 3] for p in poses], STEPS_M, atol=1e-9)
    with open_recording(tmp_path / 'bag') as opened:
        assert opened.rig.event.fx == pytest.approx(80.0)


def test_interpolated_events_are_those_of_the_true_light(tartanair, tmp_path):
    """Ten times more images, rendered exactly, must give nearly the same events."""
    true = tmp_path / 'true'
    (true / 'images').mkdir(parents=True)
    moments = np.interp(np.arange(31), [0, 10, 20, 30], STEPS_M)
    for i, x_m in enumerate(moments):
        grey = np.round(65535 * two_planes.light_at(x_m)).astype(np.uint16)
        cv2.imwrite(str(true / 'images' / f'{i:03d}.png'), grey)

    assert command(true, tmp_path / 'dense', '--fps', '100', '--between', 'fade') == 0
    for way in ('depth', 'flow', 'fade'):
        assert command(tartanair, tmp_path / way, '--between', way) == 0

    alike = {
        way: _alikeness(events_of(tmp_path / way), events_of(tmp_path / 'dense'))
        for way in ('depth', 'flow', 'fade')
    }
    assert alike['depth'] > 0.9
    assert alike['depth'] > alike['flow'] > alike['fade']


def test_the_same_command_gives_the_same_bytes(tartanair, tmp_path):
    for name in ('once', 'twice'):
        command(tartanair, tmp_path / name / 'bag', '--sensor', 'davis', '--event-ns', '90')

    first, second = (
        (tmp_path / name / 'bag' / 'bag_0.mcap').read_bytes() for name in ('once', 'twice')
    )
    assert first == second


def test_a_carla_export_gives_metric_depth_and_poses(tmp_path):
    folder = tmp_path / 'carla'
    (folder / 'rgb').mkdir(parents=True)
    (folder / 'depth').mkdir()
    rows = ['frame,timestamp_s,x,y,z,pitch,yaw,roll\n']
    for frame, x_m in zip((70, 71, 72), STEPS_M, strict=False):
        grey = np.round(255 * two_planes.light_at(x_m)).astype(np.uint8)
        cv2.imwrite(str(folder / 'rgb' / f'{frame:08d}.png'), cv2.merge([grey] * 3))
        code = np.round(two_planes.depth_at(x_m) / 1000 * (256**3 - 1)).astype(np.int64)
        channels = [(code >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)]
        cv2.imwrite(str(folder / 'depth' / f'{frame:08d}.png'), cv2.merge(channels))
        rows.append(f'{frame},{frame * 0.05},7.0,{x_m},1.5,0,0,0\n')
    (folder / 'transforms.csv').write_text(''.join(rows))

    assert command(folder, tmp_path / 'bag', '--between', 'depth') == 0

    depths, poses = (samples_of(tmp_path / 'bag', kind) for kind in (DepthSample, PoseSample))
    np.testing.assert_allclose(depths[1].depth_m, two_planes.depth_at(STEPS_M[1]), rtol=2e-4)
    np.testing.assert_allclose(
        [p.world_from_camera[:3, 3] for p in poses], [(x, -1.5, 7.0) for x in STEPS_M[:3]]
    )
    assert np.diff([d.stamp_us for d in depths]).tolist() == [50_000, 50_000]


def test_a_plain_folder_without_motion_known_is_warned_of(tartanair, tmp_path, caplog):
    plain = tmp_path / 'plain'
    plain.mkdir()
    (tartanair / 'image_left').rename(plain / 'images')
    (plain / 'timestamps.txt').write_text('5.0\n5.02\n5.05\n5.1\n')

    assert from_images.main([str(plain), '--out', str(tmp_path / 'bag'), '--between', 'fade']) == 0

    assert 'faded one image into the next' in caplog.text
    assert 'No camera is known' in caplog.text
    stamps = [sample.stamp_us for sample in samples_of(tmp_path / 'bag', ImageSample)]
    assert np.diff(stamps).tolist() == [20_000, 30_000, 50_000]
    assert not samples_of(tmp_path / 'bag', DepthSample)


def test_too_few_sub_frames_are_warned_of(tartanair, tmp_path, caplog):
    assert command(tartanair, tmp_path / 'bag', '--max-steps', '2') == 0

    assert '3 of 3 intervals move more than 0.5 px' in caplog.text


@pytest.mark.parametrize(
    ('spoil', 'said'),
    [
        (lambda f: (f / 'pose_left.txt').write_text('0 0 0 0 0 0 1\n'), 'Expected as many poses'),
        (lambda f: (f / 'pose_left.txt').write_text('0 0 x\n'), 'Expected 7 numbers in'),
        (
            lambda f: np.save(f / 'depth_left/000001_left_depth.npy', np.ones((3, 4))),
            'Expected depth of the size',
        ),
        (
            lambda f: (f / 'image_left/000002_left.png').write_bytes(b'no picture'),
            'Expected a readable picture',
        ),
        (
            lambda f: cv2.imwrite(
                str(f / 'image_left/000002_left.png'), np.ones((4, 5), np.uint8)
            ),
            'got (4, 5)',
        ),
    ],
    ids=['few poses', 'bad line', 'other depth size', 'broken image', 'other image size'],
)
def test_what_does_not_fit_is_one_clear_error_and_no_bag(tartanair, tmp_path, caplog, spoil, said):
    for path in (tartanair / 'depth_left').glob('*2*') if said == 'got (4, 5)' else ():
        np.save(path, np.ones((4, 5), np.float32))
    spoil(tartanair)

    assert command(tartanair, tmp_path / 'bag') == 1

    assert said in caplog.text
    assert not (tmp_path / 'bag').exists()


def test_a_folder_without_times_asks_for_the_rate(tartanair, tmp_path, caplog):
    assert command(tartanair / 'image_left', tmp_path / 'bag') == 1

    assert '--fps' in caplog.text


def test_depth_cannot_be_asked_for_where_there_is_none(tartanair, tmp_path, caplog):
    (tartanair / 'pose_left.txt').unlink()

    assert command(tartanair, tmp_path / 'bag', '--between', 'depth') == 1

    assert 'got no poses' in caplog.text


def _alikeness(events, others):
    grids = []
    for each in (events, others):
        grid = np.zeros((6, HEIGHT, WIDTH))
        np.add.at(grid, (each['t'] // 50_000, each['y'], each['x']), each['p'])
        grids.append(cv2.GaussianBlur(grid.transpose(1, 2, 0), (3, 3), 0.7).ravel())
    return np.corrcoef(*grids)[0, 1]
