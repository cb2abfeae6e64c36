"""The files of a submission, byte by byte where the benchmark says so."""

import zipfile

import cv2
from eventdepth_core import cli
from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.report.dsec_submission import (
    disparity_picture,
    read_stamps,
    TEST_SEQUENCES,
)
from eventdepth_core.report.stereo_rig import read_stereo_rig
import numpy as np
import pytest

STAMPS = '# timestamp_us, file_index\n53193302164, 20\n53194301052, 40\n'
CALIBRATION = """disparity_to_depth:
  cams_03:
  - [1.0, 0.0, 0.0, -335.0]
  - [0.0, 1.0, 0.0, -220.0]
  - [0.0, 0.0, 0.0, 500.0]
  - [0.0, 0.0, 2.0, 0.0]
"""


@pytest.fixture
def sequence(tmp_path):
    """Stamp file, calibration and depth maps named after stamps up to 0.9 ms beside."""
    (tmp_path / 'thun_01_a.csv').write_text(STAMPS)
    (tmp_path / 'cam_to_cam.yaml').write_text(CALIBRATION)
    (tmp_path / 'depth').mkdir()
    depth_m = np.full((480, 640), 10.0, np.float32)
    depth_m[0, :3] = (0.5, np.nan, 1000.0)  # 500 px does not fit
    for stamp_us, factor in ((53193302164, 1.0), (53193802000, 9.0), (53194301952, 2.0)):
        np.save(tmp_path / 'depth' / f'{stamp_us}.npy', depth_m * np.float32(factor))
    return tmp_path


def submit(folder, *options):
    paths = [str(folder / 'depth'), '--stamps', str(folder / 'thun_01_a.csv')]
    return cli.main(['submit', *paths, '--out', str(folder / 'out'), *options])


def test_depth_becomes_the_pictures_the_benchmark_reads(sequence, capsys):
    code = submit(sequence, '--calibration', str(sequence / 'cam_to_cam.yaml'))

    first, second = (
        cv2.imread(str(sequence / 'out' / 'thun_01_a' / name), cv2.IMREAD_UNCHANGED)
        for name in ('000020.png', '000040.png')
    )
    assert code == 0
    assert (first.dtype, first.shape) == (np.uint16, (480, 640))
    # f b / z: 500 px 0.5 m / 10 m = 25 px
    assert first[100, 100] == 25 * 256
    assert second[100, 100] == 12.5 * 256
    assert first[0, :3].tolist() == [65535, 0, 64]
    assert (sequence / 'out' / 'thun_01_a.csv').read_text() == STAMPS
    text = capsys.readouterr().out
    assert '2 pictures, 2 pixels without disparity, 1 clipped' in text
    assert 'missing interlaken_00_a' in text


def test_the_zip_holds_the_pictures_of_all_sequences_and_nothing_else(sequence, capsys):
    for name in TEST_SEQUENCES:
        submit(sequence, '--disparity', '--sequence', name)

    with zipfile.ZipFile(sequence / 'out' / 'submission.zip') as archive:
        names = archive.namelist()
    assert len(names) == 2 * len(TEST_SEQUENCES)
    assert 'zurich_city_15_a/000040.png' in names
    assert 'submission.zip: complete' in capsys.readouterr().out.splitlines()[-1]


def test_a_stamp_without_a_map_is_refused_before_anything_is_written(sequence, capsys):
    (sequence / 'depth' / '53194301952.npy').unlink()

    assert submit(sequence, '--disparity') == 2

    assert 'got none at [53194301052]' in capsys.readouterr().err
    assert not (sequence / 'out').exists()


def test_maps_of_another_size_are_refused(sequence, capsys):
    np.save(sequence / 'depth' / '53193302164.npy', np.ones((240, 320), np.float32))

    assert submit(sequence, '--disparity') == 2
    assert 'Expected maps of (480, 640)' in capsys.readouterr().err


def test_either_a_calibration_or_disparities(sequence, capsys):
    assert submit(sequence) == 2
    assert 'Expected either --calibration or --disparity' in capsys.readouterr().err


def test_rounding_is_to_the_nearest_code():
    picture = disparity_picture(np.array([[1.0019, 1.0020, -3.0, np.inf, 0.0]], np.float32))

    assert picture.tolist() == [[256, 257, 0, 0, 0]]


@pytest.mark.parametrize(
    ('text', 'message'),
    [('', 'got none'), ('53193302164 20\n', "got '53193302164 20'"), ('a, 3\n', "got 'a, 3'")],
)
def test_a_stamp_file_that_is_none_is_refused(tmp_path, text, message):
    (tmp_path / 's.csv').write_text(text)

    with pytest.raises(RecordingError, match=message):
        read_stamps(tmp_path / 's.csv')


@pytest.mark.parametrize(
    'text', ['', 'disparity_to_depth: {}', 'disparity_to_depth: {cams_03: 5}']
)
def test_a_calibration_without_the_matrix_is_refused(tmp_path, text):
    (tmp_path / 'c.yaml').write_text(text)

    with pytest.raises(CameraFileError, match='cams_03'):
        read_stereo_rig(tmp_path / 'c.yaml')


def test_the_real_calibration_gives_a_baseline_of_about_60_cm(data_root):
    rig = read_stereo_rig(data_root / 'dsec_calibration' / 'cam_to_cam.yaml')

    assert rig.baseline_m == pytest.approx(0.60, abs=0.01)
    assert 500 < rig.focal_px < 600
    assert rig.offset_px == 0.0
