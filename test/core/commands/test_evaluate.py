import json
import struct
import zipfile

from eventdepth_core import cli
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.evaluation import evaluate, LogCodec, profile_named
from eventdepth_core.report.comparison import compared, depth_maps, MapSource, Meaning, run_of
import numpy as np
import pytest


def maps(num, factor=1.0):
    rows = np.mgrid[:7, :11][0]
    return [((1.0 + rows + k) * factor).astype(np.float32) for k in range(num)]


def folder_of(path, arrays, names):
    path.mkdir()
    for name, array in zip(names, arrays, strict=True):
        np.save(path / f'{name}.npy', array)
    return path


def test_a_perfect_prediction_scores_zero_error(tmp_path, capsys):
    predicted = folder_of(tmp_path / 'p', maps(2), ['a', 'b'])
    np.savez(tmp_path / 't.npz', **dict(zip('ab', maps(2), strict=True)))

    code = cli.main(['evaluate', str(predicted), str(tmp_path / 't.npz')])

    text = capsys.readouterr().out
    assert code == 0
    assert 'profile plain' in text
    assert '2 pairs, 0 maps without partner' in text


def test_metrics_are_means_over_pairs_and_written_as_json(tmp_path):
    predicted = folder_of(tmp_path / 'p', [maps(1)[0] * 1.1, maps(1)[0] * 1.3], ['1', '2'])
    target = folder_of(tmp_path / 't', [maps(1)[0]] * 2, ['1', '2'])

    cli.main(['evaluate', str(predicted), str(target), '--json', str(tmp_path / 'm.json')])

    content = json.loads((tmp_path / 'm.json').read_text())
    assert content['num_pairs'] == 2
    assert content['metrics']['abs_rel'] == pytest.approx(0.2, rel=1e-4)
    assert content['metrics']['delta1'] == pytest.approx(0.5)
    assert content['metrics']['n'] == 2 * 77


def judged(predicted, target, *, std=None, profile='plain', meaning=None, pairing=None):
    meaning = Meaning() if meaning is None else meaning
    run = run_of(MapSource(predicted, None, meaning), None if std is None else MapSource(std))
    summary = compared([run], MapSource(target), profile_named(profile), pairing)
    return summary.runs[0]


def test_numbers_pair_by_value_and_the_unpaired_are_counted(tmp_path):
    predicted = folder_of(tmp_path / 'p', maps(3), ['9', '10', '100'])
    target = folder_of(tmp_path / 't', maps(2), ['010', '0101'])

    run = judged(predicted, target)

    assert (run.num_pairs, run.num_unpaired) == (1, 3)
    assert run.statement.dropped_frames == {
        'prediction without target': 2,
        'target without prediction': 1,
    }


def test_standard_deviations_add_coverage(tmp_path):
    arrays = dict(zip('ab', maps(2), strict=True))
    np.savez(tmp_path / 'p.npz', **arrays)
    np.savez(tmp_path / 's.npz', b=maps(2)[1] * 0.1)

    run = judged(tmp_path / 'p.npz', tmp_path / 'p.npz', std=tmp_path / 's.npz')

    assert run.num_pairs == 2
    assert run.metrics['coverage_1sigma'] == 1.0


def test_a_sequence_is_averaged_as_the_profile_says(tmp_path):
    target = maps(3)
    target[1][2:] = np.nan
    predicted = [depth * (1.1 + 0.2 * k) for k, depth in enumerate(maps(3))]
    folder_of(tmp_path / 'p', predicted, '123')
    folder_of(tmp_path / 't', target, '123')

    for profile in ('plain', 'completion', 'aled'):
        run = judged(tmp_path / 'p', tmp_path / 't', profile=profile)
        expected = evaluate(np.stack(predicted), np.stack(target), profile)
        assert {key: run.metrics[key] for key in expected} == pytest.approx(expected, nan_ok=True)


def test_order_pairs_what_names_do_not_with_offsets_as_published(tmp_path):
    folder_of(tmp_path / 'p', maps(4), ['frame_7', 'frame_8', 'frame_9', 'frame_10'])
    folder_of(tmp_path / 't', maps(4)[1:], ['depth_1', 'depth_2', 'depth_3'])
    paths = [str(tmp_path / 'p'), str(tmp_path / 't')]
    options = ['--pair', 'order', '--predicted-offset', '1', '--json', str(tmp_path / 'm.json')]

    assert cli.main(['evaluate', *paths, *options]) == 0

    content = json.loads((tmp_path / 'm.json').read_text())
    assert content['num_pairs'] == 3
    assert content['metrics']['abs_rel'] == 0.0


def test_an_offset_without_order_is_refused(tmp_path, capsys):
    folder_of(tmp_path / 'p', maps(1), 'a')

    paths = [str(tmp_path / 'p')] * 2

    assert cli.main(['evaluate', *paths, '--target-offset', '3']) == 2

    assert 'Expected --pair order beside an offset' in capsys.readouterr().err


def test_codes_and_pictures_become_metres(tmp_path):
    import cv2

    depth_m = maps(1)[0] + 2.0
    folder_of(tmp_path / 't', [depth_m], ['5'])
    codec = LogCodec(80.0, 3.70378)
    folder_of(tmp_path / 'code', [codec.encode(depth_m).astype(np.float32)], ['5'])
    folder_of(tmp_path / 'inverse', [1.0 / depth_m], ['5'])
    for name, factor in (('png256', 256), ('millimetres', 1000)):
        (tmp_path / name).mkdir()
        picture = np.round(depth_m * factor).astype(np.uint16)
        cv2.imwrite(str(tmp_path / name / '000005.png'), picture)

    for folder, form, error in (
        ('code', 'log_code', 1e-5),
        ('inverse', 'inverse', 1e-6),
        ('png256', 'png256', 1e-3),
        ('millimetres', 'millimetres', 1e-3),
    ):
        run = judged(tmp_path / folder, tmp_path / 't', meaning=Meaning(form, codec))
        assert run.metrics['abs_rel'] < error, form


def test_pictures_without_a_meaning_are_refused(tmp_path):
    import cv2

    (tmp_path / 'p').mkdir()
    cv2.imwrite(str(tmp_path / 'p' / '1.png'), np.full((5, 7), 256, np.uint16))

    with pytest.raises(InputError, match='Expected what the numbers of the pictures in'):
        depth_maps(MapSource(tmp_path / 'p'))


def test_a_code_needs_a_profile_that_has_one(tmp_path, capsys):
    folder_of(tmp_path / 'p', maps(1), 'a')
    path = str(tmp_path / 'p')

    assert cli.main(['evaluate', path, path, '--form', 'log_code']) == 2
    assert 'Expected a profile with a log code' in capsys.readouterr().err
    assert cli.main(['evaluate', path, path, '--form', 'log_code', '--profile', 'fuse']) == 0


def test_a_frame_without_prediction_takes_the_one_before_where_the_profile_says_so(tmp_path):
    target = [depth + 5.0 for depth in maps(3)]
    folder_of(tmp_path / 'p', [target[0], target[2]], '13')
    folder_of(tmp_path / 't', target, '123')

    run = judged(tmp_path / 'p', tmp_path / 't', profile='mvsec_hmnet')

    assert run.statement.num_frames_reused == 1
    assert run.statement.num_frames_used == 3
    expected = np.mean(np.abs(target[1] - target[0])) / 3
    assert run.metrics['mae'] == pytest.approx(expected, rel=1e-5)


def test_switches_change_the_profile_and_stand_in_its_name(tmp_path, capsys):
    folder_of(tmp_path / 'p', maps(1), 'a')
    paths = [str(tmp_path / 'p')] * 2

    switches = ['--set', 'max_depth_m=5', '--set', 'averaging=images']
    assert cli.main(['evaluate', *paths, *switches]) == 0
    assert 'plain[max_depth_m=5,averaging=images]' in capsys.readouterr().out
    assert cli.main(['evaluate', *paths, '--set', 'max_depth_m']) == 2
    assert 'Expected SWITCH=VALUE' in capsys.readouterr().err


def test_several_runs_stand_side_by_side_in_a_report(tmp_path, capsys):
    folder_of(tmp_path / 't', maps(3), '123')
    folder_of(tmp_path / 'good', [depth * 1.02 for depth in maps(3)], '123')
    folder_of(tmp_path / 'bad', [depth * 1.5 for depth in maps(3)], '123')
    runs = [str(tmp_path / name) for name in ('good', 'bad')]

    code = cli.main(
        ['evaluate', *runs, '--target', str(tmp_path / 't'), '--report', str(tmp_path / 'r')]
    )

    assert code == 0
    assert 'bad: 3 pairs' in capsys.readouterr().out
    content = json.loads((tmp_path / 'r' / 'evaluation.json').read_text())
    assert [run['name'] for run in content['runs']] == ['good', 'bad']
    page = (tmp_path / 'r' / 'report.html').read_text()
    for text in (
        'Worst frames of good',
        '0.02\N{NO-BREAK SPACE}*',
        'one heap of all pixels',
        'not told',
    ):
        assert text in page


def test_masks_give_the_figures_of_some_pixels(tmp_path):
    import cv2

    target = maps(2)
    predicted = [depth.copy() for depth in target]
    predicted[0][3] *= 2.0
    folder_of(tmp_path / 'p', predicted, ['frame_1', 'frame_2'])
    folder_of(tmp_path / 't', target, ['depth_1', 'depth_2'])
    (tmp_path / 'm').mkdir()
    picture = np.zeros((7, 11, 3), np.uint8)
    picture[3, :, 1] = 255
    for name in ('events_0.png', 'events_1.png', 'events_2.png'):
        cv2.imwrite(str(tmp_path / 'm' / name), picture)
    paths = [str(tmp_path / name) for name in 'pt']
    options = ['--valid', str(tmp_path / 'm'), '--json', str(tmp_path / 'j.json')]

    assert cli.main(['evaluate', *paths, '--pair', 'order', *options]) == 0

    metrics = json.loads((tmp_path / 'j.json').read_text())['metrics']
    assert metrics['n'] == 2 * 11
    assert metrics['abs_rel'] == pytest.approx(0.5)


def test_a_frame_without_a_mask_is_not_judged_as_if_all_pixels_counted(tmp_path):
    folder_of(tmp_path / 'p', maps(2), '12')
    folder_of(tmp_path / 'm', [np.ones((7, 11), np.bool_).astype(np.uint8)], '2')
    run = run_of(MapSource(tmp_path / 'p'), None, MapSource(tmp_path / 'm'))

    judged = compared([run], MapSource(tmp_path / 'p'), profile_named('plain')).runs[0]

    assert judged.metrics['n'] == 77
    assert judged.statement.dropped_frames == {'no mask': 1}


def test_depth_is_judged_as_disparity_against_the_pictures_of_dsec(tmp_path, capsys):
    import cv2

    calibration = tmp_path / 'cam_to_cam.yaml'
    rows = '[1, 0, 0, -9], [0, 1, 0, -7], [0, 0, 0, 500], [0, 0, 2, 0]'
    calibration.write_text(f'disparity_to_depth: {{cams_03: [{rows}]}}')
    depth_m = maps(1)[0] + 9.0
    folder_of(tmp_path / 'p', [250.0 / (250.0 / depth_m + 1.5)], ['4'])  # 1.5 px too much
    (tmp_path / 't').mkdir()
    picture = np.round(256 * 250.0 / depth_m).astype(np.uint16)
    picture[0] = 0
    cv2.imwrite(str(tmp_path / 't' / '000004.png'), picture)
    paths = [str(tmp_path / name) for name in 'pt']
    options = ['--target-form', 'png256', '--calibration', str(calibration)]
    place = tmp_path / 'j.json'

    assert cli.main(['evaluate', *paths, *options]) == 2
    assert 'Expected a profile of disparities' in capsys.readouterr().err
    options += ['--profile', 'dsec_disparity', '--json', str(place)]
    assert cli.main(['evaluate', *paths, *options]) == 0

    metrics = json.loads(place.read_text())['metrics']
    assert metrics['n'] == 6 * 11
    assert metrics['mae'] == pytest.approx(1.5, abs=2e-3)
    assert (metrics['pe1'], metrics['pe2']) == (100.0, 0.0)


def test_more_than_two_paths_need_a_target(tmp_path, capsys):
    folder_of(tmp_path / 'p', maps(1), 'a')

    assert cli.main(['evaluate', *[str(tmp_path / 'p')] * 3]) == 2
    assert 'or --target beside several predictions, got 3 paths' in capsys.readouterr().err


def test_nothing_in_common_is_an_error(tmp_path, capsys):
    predicted = folder_of(tmp_path / 'p', maps(1), ['a'])
    target = folder_of(tmp_path / 't', maps(1), ['b'])

    assert cli.main(['evaluate', str(predicted), str(target)]) == 2
    assert 'Expected depth maps of equal name or stamp' in capsys.readouterr().err


def test_an_unknown_profile_is_an_error(tmp_path, capsys):
    predicted = folder_of(tmp_path / 'p', maps(1), ['a'])

    assert cli.main(['evaluate', str(predicted), str(predicted), '--profile', 'mine']) == 2
    assert "got 'mine'" in capsys.readouterr().err


def test_wrong_arrays_and_paths_are_named(tmp_path):
    np.savez(tmp_path / 'flat.npz', a=np.zeros(5))
    np.savez(tmp_path / 'text.npz', a=np.array([['x']]))

    with pytest.raises(InputError, match=r'flat\.npz:a, got float64 \(5,\)'):
        list(depth_maps(MapSource(tmp_path / 'flat.npz')))
    with pytest.raises(InputError, match=r'text\.npz:a'):
        list(depth_maps(MapSource(tmp_path / 'text.npz')))
    with pytest.raises(InputError, match='no such file'):
        depth_maps(MapSource(tmp_path / 'absent'))
    (tmp_path / 'empty').mkdir()
    with pytest.raises(RecordingError):
        list(depth_maps(MapSource(tmp_path / 'empty')))


def not_an_archive(path):
    path.write_bytes(b'these are no arrays')


def cut_archive(path):
    np.savez(path, a=np.ones((7, 11), np.float32))
    path.write_bytes(path.read_bytes()[:120])


def damaged_archive(path):
    np.savez_compressed(path, a=np.mgrid[:70, :110][0])
    raw = bytearray(path.read_bytes())
    raw[60:120] = bytes(60)
    path.write_bytes(raw)


def archive_of_objects(path):
    np.savez(path, a=np.array([[None, 'x']], dtype=object))


def array_in_disguise(path):
    with path.open('wb') as file:
        np.save(file, np.ones((7, 11), np.float32))


def empty_file(path):
    path.write_bytes(b'')


def archive_of_a_bad_header(path):
    header = b'{not a header'
    with zipfile.ZipFile(path, 'w') as archive:
        magic = b'\x93NUMPY\x01\x00'
        archive.writestr('a.npy', magic + struct.pack('<H', len(header)) + header)


@pytest.mark.parametrize(
    'spoil',
    [
        not_an_archive,
        cut_archive,
        damaged_archive,
        archive_of_objects,
        array_in_disguise,
        empty_file,
        archive_of_a_bad_header,
    ],
)
def test_a_file_that_holds_no_readable_arrays_is_one_line(spoil, tmp_path, capsys):
    np.savez(tmp_path / 'good.npz', a=maps(1)[0])
    spoil(tmp_path / 'bad.npz')

    code = cli.main(['evaluate', str(tmp_path / 'good.npz'), str(tmp_path / 'bad.npz')])

    err = capsys.readouterr().err
    assert code == 2
    assert err.count('\n') == 1
    assert err.startswith('eventdepth: error: Expected ')
    assert 'bad.npz' in err


@pytest.mark.parametrize('content', [b'', b'no numpy', b'\x93NUMPY\x01\x00\x10'])
def test_a_damaged_npy_file_is_named(content, tmp_path):
    (tmp_path / 'p').mkdir()
    (tmp_path / 'p' / '7.npy').write_bytes(content)

    with pytest.raises(InputError, match=r'Expected arrays of numbers in .*7\.npy'):
        list(depth_maps(MapSource(tmp_path / 'p')))


def test_metrics_that_cannot_be_written_are_one_line(tmp_path, capsys):
    predicted = folder_of(tmp_path / 'p', maps(1), ['a'])
    place = tmp_path / 'absent' / 'm.json'

    code = cli.main(['evaluate', str(predicted), str(predicted), '--json', str(place)])

    err = capsys.readouterr().err
    assert code == 2
    assert 'Expected a file that can be written at' in err
    assert str(place) in err
    assert err.count('\n') == 1
