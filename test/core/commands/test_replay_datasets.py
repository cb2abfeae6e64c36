"""`eventdepth replay` on every dataset that has events or images."""

import json

from eventdepth_core import cli
from layouts.dsec import write_dsec
from layouts.frames import write_e2depth, write_eventscape
from layouts.m3ed import write_m3ed
from layouts.mvsec import write_mvsec
from layouts.pictures import write_carla, write_ddos, write_nyu
from layouts.sled import write_sled
import pytest


def sled(folder):
    folder.mkdir(exist_ok=True)
    write_sled(folder / 'Town01.npz')
    return folder / 'Town01.npz'


def m3ed(folder):
    folder.mkdir()
    write_m3ed(folder)
    return folder


# writer, options, size of the output, frames compared with ground truth
CASES = {
    'dsec': (
        lambda folder: write_dsec(folder / 'zurich_city_00_a').folder,
        '--use=events,image',
        (640, 480),
        2,
    ),
    'mvsec': (lambda folder: write_mvsec(folder).folder, '--use=events,points', (346, 260), 3),
    'm3ed': (m3ed, '--use=events', (1280, 720), 2),
    'sled': (sled, '--use=events,points --allow-pickled-arrays', (1280, 720), 1),
    'eventscape': (write_eventscape, '--use=events,image --fov-deg=90', (512, 256), 2),
    'e2depth': (write_e2depth, '--use=image --fov-deg=90', (512, 256), 3),
    'carla': (write_carla, '--use=events,image', (80, 60), 1),
    'nyu': (write_nyu, '--use=image', (640, 480), 2),
    'ddos': (write_ddos, '--use=image --fov-deg=90 --depth-scale-m=500', (128, 72), 3),
}


@pytest.mark.parametrize('name', CASES)
def test_a_dataset_is_replayed_against_its_ground_truth(name, tiny_folder, tmp_path, capsys):
    write, options, size, num_compared = CASES[name]
    path, out = write(tmp_path / 'set'), tmp_path / 'out'
    words = f'replay {path} --bundle {tiny_folder} --out {out} --no-report'.split()

    code = cli.main([*words, *options.split(), '--trigger=reference'])

    assert code == 0, capsys.readouterr().err
    metrics = json.loads((out / 'metrics.json').read_text())
    camera = metrics['camera']['camera']
    assert (camera['width'], camera['height']) == size
    assert sum(row['num_frames'] for row in metrics['metrics']) >= num_compared
    assert 'reference_size' not in metrics['drops']
    assert metrics['recording']['kind'] in {name, 'frames'}


def test_voxel_tensors_instead_of_events_are_explained(tiny_folder, tmp_path, capsys):
    path = write_e2depth(tmp_path / 'set')
    words = f'replay {path} --bundle {tiny_folder} --out {tmp_path / "out"}'.split()

    code = cli.main([*words, '--use=events', '--fov-deg=90'])

    err = capsys.readouterr().err
    assert code == 2
    assert 'voxel tensors, which are no events any more' in err


def test_pickles_without_consent_are_explained(tiny_folder, tmp_path, capsys):
    words = f'replay {sled(tmp_path)} --bundle {tiny_folder} --out {tmp_path / "out"}'.split()

    code = cli.main(words)

    assert code == 2
    assert '--allow-pickled-arrays' in capsys.readouterr().err
