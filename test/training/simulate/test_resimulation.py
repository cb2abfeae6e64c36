"""Simulating slider_depth again from its own frames, and the fit on a sequence we made."""

import cv2
import numpy as np
import pytest
from training.simulate.edge_blur import finer_camera, focused, OPTICS
from training.simulate.realism import recorded_events, SLIDER, SLIDER_HALVES
from training.simulate.realism_report import Row, write_report
from training.simulate.resimulation import Fit, Resimulation, Stretch
from training.simulate.sensor_model import SensorModel
from training.simulate.sequence_folders import FolderOptions, open_sequence
import two_planes


@pytest.fixture(scope='module')
def sequence(tmp_path_factory):
    folder = tmp_path_factory.mktemp('planes')
    for i in range(4):
        grey = np.round(255 * two_planes.light_at(0.08 * i)).astype(np.uint8)
        cv2.imwrite(str(folder / f'{i}.png'), grey)
    return open_sequence(folder, FolderOptions(fps=25.0))


def test_thresholds_are_found_again(sequence):
    true = Fit(SensorModel(0.31, 0.22, mismatch=0.05, noise_hz=0.0))
    silent = Resimulation(sequence, np.zeros(0, dtype=[('t', '<i8')]), gamma=1.0)
    measured = Resimulation(sequence, silent.simulate(true, seed=5), gamma=1.0)
    start = Fit(SensorModel(0.5, 0.5, mismatch=0.05, noise_hz=0.0))

    fit = measured.with_rates(measured.with_rates(start, Stretch(0, 60_000)), Stretch(0, 60_000))

    judged = measured.judge(measured.simulate(fit), Stretch(60_000, 120_000))
    assert fit.model.on_threshold == pytest.approx(0.31, rel=0.05)
    assert fit.model.off_threshold == pytest.approx(0.22, rel=0.05)
    assert judged.rate_ratio == pytest.approx(1.0, abs=0.05)
    assert judged.blurred_correlation > 0.8


def test_slider_depth_is_simulated_again_much_as_it_was(data_root):
    folder = data_root / SLIDER
    real = recorded_events(folder).events
    resimulation = Resimulation(open_sequence(folder).cut(0, 6), real, gamma=1.0)
    model = SensorModel(0.5, 0.4, mismatch=0.1, dark=0.05, noise_hz=0.0, cutoff_hz=300.0)

    fit = resimulation.with_rates(Fit(model, delay_us=1000), SLIDER_HALVES[0])
    judged = resimulation.judge(resimulation.simulate(fit), SLIDER_HALVES[1])

    assert judged.blurred_correlation > 0.75
    assert judged.sharp_correlation > 0.42
    assert 0.85 < judged.rate_ratio < 1.15
    assert abs(judged.real.on_share - judged.simulated.on_share) < 0.06


def test_a_report_holds_the_rows_it_was_given(sequence, tmp_path):
    silent = Resimulation(sequence, np.zeros(0, dtype=[('t', '<i8')]), gamma=1.0)
    events = silent.simulate(Fit(SensorModel()))
    judged = Resimulation(sequence, events, gamma=1.0).judge(events, Stretch(0, 100_000))

    write_report(
        [
            Row('planes', 'real, half 2', judged.real),
            Row('planes', 'simulated', judged.simulated, sharp_correlation=1.0),
        ],
        tmp_path,
    )

    lines = (tmp_path / 'realism.md').read_text().splitlines()
    assert len(lines) == 4
    assert f'{judged.real.rate_hz:.2f}' in lines[2]
    assert cv2.imread(str(tmp_path / 'realism.png')) is not None


def test_light_of_a_pixels_area_keeps_the_sum_and_softens_edges():
    light = np.zeros((16, 24), np.float32)
    light[:, 10:] = 1.0

    point, area, lens = (focused(light, optic) for optic in OPTICS)

    assert point.shape == area.shape == lens.shape == (4, 6)
    assert area.mean() == pytest.approx(light.mean())
    assert set(np.unique(point)) == {0.0, 1.0}
    assert area[0, 2] == pytest.approx(0.5)
    assert 0.0 < lens[0, 1] < lens[0, 2] < lens[0, 3] < 1.0


def test_a_finer_camera_sees_the_same_rays():
    finer = finer_camera(two_planes.CAMERA)

    left, right = -0.5, two_planes.CAMERA.width - 0.5
    for x, finer_x in ((left, -0.5), (right, finer.width - 0.5)):
        ray = (x - two_planes.CAMERA.cx) / two_planes.CAMERA.fx
        assert (finer_x - finer.cx) / finer.fx == pytest.approx(ray)
