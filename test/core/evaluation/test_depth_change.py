from eventdepth_core.evaluation import evaluate
from eventdepth_core.evaluation.depth_change import depth_change, event_pixels_between_lidar
import numpy as np
import pytest

SIZE = (9, 13)
EVERYWHERE = np.ones(SIZE, np.bool_)


def test_events_count_between_the_outermost_rows_with_a_point():
    counts = np.zeros(SIZE, np.int32)
    counts[:, 4] = -2
    sparse_m = np.full(SIZE, np.nan, np.float32)
    sparse_m[2, 7], sparse_m[6, 1] = 5.0, 8.0

    restricted = event_pixels_between_lidar(counts, sparse_m)

    assert np.argwhere(restricted).tolist() == [[row, 4] for row in range(2, 7)]
    assert not event_pixels_between_lidar(counts, np.full(SIZE, np.nan, np.float32)).any()


def test_event_pixels_are_a_second_family_of_every_figure():
    target = np.full(SIZE, 10.0)
    predicted = target.copy()
    predicted[3] = 12.0
    fired = np.zeros(SIZE, np.bool_)
    fired[3] = True

    assert evaluate(predicted, target, 'aled', valid=fired)['mae'] == 2.0
    assert evaluate(predicted, target, 'aled')['mae'] == pytest.approx(2.0 / SIZE[0])


def test_change_and_its_class_are_judged_at_a_metre():
    before, after = np.full(SIZE, 10.0), np.full(SIZE, 10.0)
    after[0], after[1], after[2] = 11.5, 8.0, 10.9  # farther, nearer, unchanged
    guessed = np.full(SIZE, 10.0)
    guessed[0], guessed[1] = 11.2, 9.5

    judged = depth_change((before, guessed), (before, after), EVERYWHERE)

    assert judged['n'] == before.size
    assert judged['change_mae'] == pytest.approx((0.3 + 1.5 + 0.9) / 9)
    assert judged['change_class_accuracy'] == pytest.approx(8 / 9)


def test_pixels_that_lack_a_depth_take_no_part():
    before, after = np.full(SIZE, 10.0), np.full(SIZE, np.nan)

    judged = depth_change((before, before), (before, after), EVERYWHERE)

    assert judged['n'] == 0
    assert np.isnan(judged['change_mae'])
