from itertools import pairwise

from eventdepth_core.replay.thinning import Thinned
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(1, 9), st.integers(0, 300))
def test_what_is_held_is_bounded_even_and_begins_with_the_first(capacity, num_items):
    kept = Thinned(capacity)

    for item in range(num_items):
        kept.append(item)

    held = kept.items()
    assert len(held) <= 2 * capacity
    assert len(held) >= min(num_items, capacity)
    assert held[:1] == ((0,) if num_items else ())
    assert len({after - before for before, after in pairwise(held)}) <= 1
    assert kept.num_seen == num_items


@given(st.integers(1, 9), st.integers(0, 300))
def test_asking_first_and_skipping_keeps_the_same_items(capacity, num_items):
    plain, asked = Thinned(capacity), Thinned(capacity)

    for item in range(num_items):
        plain.append(item)
        if asked.wants_next():
            asked.append(item)
        else:
            asked.skip()

    assert asked.items() == plain.items()


def test_the_choice_has_the_wanted_length_and_both_ends():
    kept = Thinned(4)
    for item in range(7):
        kept.append(item)

    assert kept.chosen() == (0, 2, 4, 6)
