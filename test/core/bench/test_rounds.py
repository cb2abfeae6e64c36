"""Interleaved rounds: what is counted, and when a ratio may be told."""

import numpy as np
import pytest
import rounds


class Path:
    """A path that notes when it was called and takes the laps it is told."""

    def __init__(self, name, calls, laps=(rounds.TOTAL,)):
        self.name, self.calls, self.laps = name, calls, laps

    def window(self, i, watch):
        self.calls.append((self.name, i))
        for lap in self.laps:
            watch.lap(lap)


def samples(cpu_s, turns):
    return rounds.Samples(np.array(cpu_s), np.array(cpu_s), np.array(turns))


def test_every_path_handles_the_stream_in_order_in_each_round():
    calls = []
    paths = {name: Path(name, calls) for name in 'ab'}

    rounds.measure(paths, 2, 3)

    assert calls == [('a', 0), ('a', 1), ('b', 0), ('b', 1)] * 4  # one round to warm up


def test_neither_the_first_round_nor_the_first_window_of_a_round_counts():
    found, _ = rounds.measure({'a': Path('a', [])}, 3, 5)

    assert found['a', rounds.TOTAL].cpu_s.size == 5 * 2


def test_every_window_counts_where_all_begin_with_empty_caches(monkeypatch):
    emptied = []
    monkeypatch.setattr(rounds, 'empty_caches', lambda: emptied.append(1))

    found, _ = rounds.measure({'a': Path('a', [])}, 3, 5, is_cold=True)

    assert found['a', rounds.TOTAL].cpu_s.size == 5 * 3
    assert len(emptied) == 6 * 3


def test_a_slow_path_still_gives_enough_samples_in_fewer_rounds():
    slow = Path('slow', [])
    slow.is_slow = True

    found, _ = rounds.measure({'slow': slow, 'fast': Path('fast', [])}, 4, 9)

    assert rounds.MIN_ROUNDS <= found['slow', rounds.TOTAL].cpu_s.size < 9 * 3


def test_laps_of_several_names_add_up_to_the_total():
    found, _ = rounds.measure({'a': Path('a', [], ('arrival', 'tick'))}, 2, 5)

    parts = found['a', 'arrival'].cpu_s + found['a', 'tick'].cpu_s
    np.testing.assert_allclose(found['a', rounds.TOTAL].cpu_s, parts)


def test_a_ratio_is_the_median_over_the_turns_that_both_have_seen():
    mine = samples([2.0, 40.0, 6.0], [1, 2, 3])
    reference = samples([1.0, 2.0, 9.0], [1, 3, 4])

    assert rounds.ratio(mine, reference, rounds.Load(1.0, 2)) == pytest.approx(2.5)


def test_no_ratio_is_told_where_the_load_exceeds_the_cores():
    mine = samples([2.0], [1])

    assert rounds.ratio(mine, mine, rounds.Load(2.1, 2)) is None
    assert rounds.ratio_text(None) == 'load'
    assert rounds.ratio(mine, mine, rounds.Load(2.0, 2)) == 1.0


def test_the_highest_load_of_a_measurement_counts():
    quiet, busy = rounds.Load(0.5, 2), rounds.Load(7.0, 2)

    assert quiet.over(busy) == busy.over(quiet) == busy


def test_times_are_median_and_distance_of_the_quartiles():
    times = rounds.times_of(samples([0.001, 0.002, 0.003, 0.004, 0.1], range(5)))

    assert times.cpu_ms == pytest.approx(3.0)
    assert times.cpu_iqr_ms == pytest.approx(2.0)
    assert times.num_samples == 5


def test_a_straight_line_is_found_with_its_slope():
    a, b, r_squared = rounds.slope([1, 2, 4], [3, 5, 9])

    assert (a, b, r_squared) == pytest.approx((1.0, 2.0, 1.0))
