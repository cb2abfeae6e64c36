from eventdepth_core.report.comparison.pairing import Lookahead, PairingRules, pairs
import numpy as np


def stream(*keys):
    return iter([((key, ''), np.full((1, 1), key, np.float32)) for key in keys])


def joined(left, right, rules):
    return [
        tuple(None if side is None else int(side[0, 0]) for side in (p.predicted_m, p.target_m))
        for p in pairs(stream(*left), stream(*right), rules)
    ]


def test_equal_keys_are_pairs_and_the_rest_stand_alone():
    assert joined([1, 3, 4], [2, 3], PairingRules()) == [(1, None), (None, 2), (3, 3), (4, None)]


def test_stamps_within_the_tolerance_are_pairs_once():
    rules = PairingRules(tolerance_us=1000)

    assert joined([50_000, 100_000], [50_900, 51_000, 98_999], rules) == [
        (50_000, 50_900),
        (None, 51_000),
        (None, 98_999),
        (100_000, None),
    ]


def test_order_leaves_out_the_first_of_either_side():
    rules = PairingRules('order', predicted_offset=2, target_offset=1)

    assert joined([1, 2, 3, 4, 5], [7, 8, 9], rules) == [(3, 8), (4, 9), (5, None)]


def test_empty_streams_give_nothing():
    assert joined([], [], PairingRules()) == []
    assert joined([], [3], PairingRules('order')) == [(None, 3)]


def test_the_lookahead_finds_ascending_keys_and_skips_what_is_not_there():
    ahead = Lookahead(stream(2, 5, 9))

    assert ahead.find((1, '')) is None
    assert ahead.find((5, '')) is not None
    assert ahead.find((6, '')) is None
    assert ahead.find((9, '')) is not None
    assert ahead.find((10, '')) is None
