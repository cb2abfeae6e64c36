import json
import time

from eventdepth_core.errors import InputError
from eventdepth_core.types import DepthSample
from eventdepth_ros.evaluating import Evaluation, EvaluationOptions, ResultFiles
import numpy as np
import pytest

OPTIONS = EvaluationOptions('/depth', '/target', node='eventdepth')
NAMES = ['metrics.json', 'preview.png', 'report.html']


def evaluation(num=3, options=OPTIONS):
    made = Evaluation(options, [].append)
    for k in range(num):
        depth_m = np.random.default_rng(k).uniform(1, 5, (24, 32)).astype(np.float32)
        made.take_depth(DepthSample(depth_m, 100_000 * k))
        made.take_target(DepthSample(1.1 * depth_m, 100_000 * k))
    made.finish()
    return made


def test_all_files_are_written_and_nothing_else(tmp_path):
    files = ResultFiles(tmp_path / 'new' / 'folder')

    files.write(evaluation().summary())

    assert sorted(path.name for path in files.folder.iterdir()) == NAMES
    assert json.loads((files.folder / 'metrics.json').read_text())['counts']['num_compared'] == 3
    assert 'src="data:image/png;base64' in (files.folder / 'report.html').read_text()


def test_results_of_an_earlier_run_are_removed(tmp_path):
    (tmp_path / 'report.html').write_text('old')
    (tmp_path / 'other.txt').write_text('kept')

    ResultFiles(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ['other.txt']


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / 'file').write_text('')

    with pytest.raises(InputError, match='Expected a folder that can be written at'):
        ResultFiles(tmp_path / 'file')


def test_frames_that_are_drawn_already_are_not_drawn_again(tmp_path):
    files, summary = ResultFiles(tmp_path), evaluation().summary()
    files.draw(summary.pictures)
    while files.is_drawing:
        time.sleep(0.01)
    drawn = files._drawing

    files.write(summary)

    assert files._drawing is drawn
    assert (tmp_path / 'preview.png').read_bytes() == drawn.sheet


def test_the_end_waits_for_a_first_drawing(tmp_path):
    files, summary = ResultFiles(tmp_path), evaluation().summary()
    files.draw(summary.pictures)

    files.write(summary)

    assert (tmp_path / 'preview.png').read_bytes()[:4] == b'\x89PNG'


@pytest.mark.parametrize(('num_before', 'is_kept'), [(3, True), (2, False)])
def test_a_slow_machine_shows_what_was_drawn_last_if_that_is_enough(tmp_path, num_before, is_kept):
    files = ResultFiles(tmp_path)
    files.write(evaluation(num_before).summary())
    files._drawing.cpu_s = 5.0
    before = (tmp_path / 'preview.png').read_bytes()

    files.write(evaluation(6).summary())

    assert ((tmp_path / 'preview.png').read_bytes() == before) == is_kept
    assert json.loads((tmp_path / 'metrics.json').read_text())['counts']['num_compared'] == 6


def test_nothing_compared_is_said_in_both(tmp_path):
    files = ResultFiles(tmp_path)

    files.write(evaluation(0).summary())

    assert 'no depth image has come on /depth' in (tmp_path / 'report.html').read_text()
    assert 'no depth image' in json.loads((tmp_path / 'metrics.json').read_text())['reason']
