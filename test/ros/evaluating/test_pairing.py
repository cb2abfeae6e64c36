from eventdepth_ros.evaluating.pairing import StampPairs
from hypothesis import given
from hypothesis import strategies as st

TOLERANCE_US = 1_000


def joined(steps, capacity=16):
    """Feed ('a' | 'b', stamp) and return the pairs of stamps and the counts."""
    pairs = StampPairs(TOLERANCE_US, capacity=capacity)
    found = []
    for side, stamp_us in steps:
        add = pairs.add_first if side == 'a' else pairs.add_second
        pair = add(stamp_us, stamp_us)
        if pair is not None:
            found.append(pair)
    pairs.finish()
    return found, pairs


def test_either_side_may_come_first():
    found, _ = joined([('a', 0), ('b', 100), ('b', 50_000), ('a', 50_900)])

    assert found == [(0, 100), (50_900, 50_000)]


def test_the_tolerance_is_included_and_not_exceeded():
    found, pairs = joined([('a', 0), ('b', 1_000), ('a', 50_000), ('b', 51_001)])

    assert found == [(0, 1_000)]
    assert (pairs.first.num_unmatched, pairs.second.num_unmatched) == (1, 1)


def test_the_nearest_is_taken():
    found, _ = joined([('b', 0), ('b', 600), ('b', 1_200), ('a', 700)])

    assert found == [(700, 600)]


def test_late_items_find_their_partners_out_of_order():
    steps = [('a', 0), ('a', 10_000), ('a', 20_000), ('b', 20_000), ('b', 0), ('b', 10_000)]

    assert len(joined(steps)[0]) == 3


def test_time_that_goes_back_lets_go_what_waits():
    steps = [('a', 2_000_000), ('a', 0), ('b', 2_000_000), ('b', 0)]

    found, pairs = joined(steps)

    assert found == [(0, 0)]
    assert (pairs.first.num_restarts, pairs.second.num_restarts) == (1, 1)


def test_a_loop_pairs_the_second_round_as_the_first():
    lap = [(side, k * 100_000) for k in range(30) for side in 'ab']

    found, pairs = joined(lap + lap)

    assert len(found) == 60
    assert pairs.first.num_unmatched == pairs.second.num_unmatched == 0


@given(
    st.lists(st.tuples(st.sampled_from('ab'), st.integers(0, 400_000)), max_size=80),
    st.integers(1, 8),
)
def test_every_item_is_paired_once_or_counted(steps, capacity):
    found, pairs = joined(steps, capacity)

    for side, name in ((pairs.first, 'a'), (pairs.second, 'b')):
        num = sum(each == name for each, _ in steps)
        assert side.num_items == num == len(found) + side.num_unmatched
    assert all(abs(a - b) <= TOLERANCE_US for a, b in found)
    assert pairs.num_pairs == len(found)


def test_memory_is_bounded():
    pairs = StampPairs(TOLERANCE_US, capacity=4)
    for k in range(100):
        pairs.add_first(10_000 * k, k)

    assert list(pairs.first.waiting) == [960_000, 970_000, 980_000, 990_000]
