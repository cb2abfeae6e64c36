import json

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
