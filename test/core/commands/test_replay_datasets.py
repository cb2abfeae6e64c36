"""`eventdepth replay` on the datasets that have events: the references meet the frames."""

import json

from eventdepth_core import cli
from layouts.dsec import write_dsec
from layouts.mvsec import write_mvsec
import pytest


def written_dsec(folder):
    return write_dsec(folder / 'zurich_city_00_a').folder


def written_mvsec(folder):
    return write_mvsec(folder / 'mvsec').folder


@pytest.mark.parametrize(
    ('write', 'size', 'num_compared'),
    [(written_dsec, (640, 480), 2), (written_mvsec, (346, 260), 3)],
)
def test_a_dataset_is_replayed_against_its_ground_truth(
    write, size, num_compared, tiny_folder, tmp_path, capsys
):
    out = tmp_path / 'out'
    words = f'replay {write(tmp_path)} --bundle {tiny_folder} --out {out} --no-report'.split()

    code = cli.main([*words, '--use=events,points', '--trigger=reference'])

    metrics = json.loads((out / 'metrics.json').read_text())
    assert code == 0, capsys.readouterr().err
    camera = metrics['camera']['camera']
    assert (camera['width'], camera['height']) == size
    assert sum(row['num_frames'] for row in metrics['metrics']) >= num_compared
    assert 'reference_size' not in metrics['drops']
