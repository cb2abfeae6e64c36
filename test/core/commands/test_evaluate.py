import json
import struct
import zipfile

from eventdepth_core import cli
from eventdepth_core.commands.evaluate import compare, depth_maps
from eventdepth_core.errors import InputError, RecordingError
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


def test_numbers_pair_by_value_and_the_unpaired_are_counted(tmp_path):
    predicted = folder_of(tmp_path / 'p', maps(3), ['9', '10', '100'])
    target = folder_of(tmp_path / 't', maps(2), ['010', '0101'])

    comparison = compare(depth_maps(predicted), depth_maps(target), profile='plain')

    assert (comparison.num_pairs, comparison.num_unpaired) == (1, 3)


def test_standard_deviations_add_coverage(tmp_path):
    arrays = dict(zip('ab', maps(2), strict=True))
    np.savez(tmp_path / 'p.npz', **arrays)
    np.savez(tmp_path / 's.npz', b=maps(2)[1] * 0.1)

    comparison = compare(
        depth_maps(tmp_path / 'p.npz'),
        depth_maps(tmp_path / 'p.npz'),
        profile='plain',
        std=depth_maps(tmp_path / 's.npz'),
    )

    assert comparison.num_pairs == 2
    assert comparison.metrics['coverage_1sigma'] == 1.0


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
        list(depth_maps(tmp_path / 'flat.npz'))
    with pytest.raises(InputError, match=r'text\.npz:a'):
        list(depth_maps(tmp_path / 'text.npz'))
    with pytest.raises(InputError, match='no such file'):
        depth_maps(tmp_path / 'absent')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(RecordingError):
        list(depth_maps(tmp_path / 'empty'))


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
        list(depth_maps(tmp_path / 'p'))


def test_metrics_that_cannot_be_written_are_one_line(tmp_path, capsys):
    predicted = folder_of(tmp_path / 'p', maps(1), ['a'])
    place = tmp_path / 'absent' / 'm.json'

    code = cli.main(['evaluate', str(predicted), str(predicted), '--json', str(place)])

    err = capsys.readouterr().err
    assert code == 2
    assert 'Expected a file that can be written at' in err
    assert str(place) in err
    assert err.count('\n') == 1
