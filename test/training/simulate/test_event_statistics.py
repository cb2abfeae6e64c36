"""Statistics of events whose numbers are known."""

from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest
from training.simulate.event_statistics import (
    correlation,
    event_statistics,
    gap_distance,
    signed_counts,
)

SIZE = (24, 32)


def events_of(rows):
    events = np.zeros(len(rows), EVENT_DTYPE)
    for name, column in zip('txyp', zip(*rows, strict=True), strict=True):
        events[name] = column
    return events


def noise(rate_hz, seconds=1.0, seed=0):
    rng = np.random.default_rng(seed)
    count = rng.poisson(rate_hz * seconds * SIZE[0] * SIZE[1])
    events = np.zeros(count, EVENT_DTYPE)
    events['t'] = np.sort(rng.integers(0, round(seconds * 1e6), count))
    events['x'], events['y'] = rng.integers(0, SIZE[1], count), rng.integers(0, SIZE[0], count)
    events['p'] = rng.choice([-1, 1], count)
    return events


def statistics(events, *, end_us=1_000_000):
    return event_statistics(events, SIZE, start_us=0, end_us=end_us)


def test_a_passage_is_a_run_of_one_polarity_without_a_pause():
    events = events_of(
        [(0, 3, 4, 1), (5000, 3, 4, 1), (9000, 3, 4, 1), (9500, 3, 4, -1), (60_000, 3, 4, -1)]
    )

    numbers = statistics(events)

    assert numbers.passage_events == pytest.approx(5 / 3)
    assert sorted(numbers.gaps_us) == [500, 4000, 5000, 50_500]
    assert numbers.on_share == pytest.approx(0.6)
    assert numbers.half_share == pytest.approx(1 / (SIZE[0] * SIZE[1]))


def test_an_event_is_alone_without_a_neighbour_before_or_after():
    company = [(0, 3, 4, 1), (9000, 4, 5, 1)]
    alone = [(0, 20, 4, 1), (20_000, 21, 4, 1), (40_000, 9, 9, 1), (40_001, 9, 9, 1)]

    numbers = statistics(events_of(sorted(company + alone)))

    assert numbers.alone_hz * SIZE[0] * SIZE[1] == pytest.approx(4)


def test_noise_has_its_rate_in_every_number():
    numbers = statistics(noise(5.0))

    assert numbers.rate_hz == pytest.approx(5.0, rel=0.1)
    assert numbers.static_hz == pytest.approx(5.0, rel=0.2)
    assert numbers.on_share == pytest.approx(0.5, abs=0.05)
    assert numbers.gaps_us.mean() < 200_000


def test_the_quiet_tenth_does_not_see_a_passing_edge():
    edge = events_of(sorted((1000 * x, x, y, 1) for x in range(32) for y in range(24) if x > 8))

    assert statistics(edge).static_hz == 0.0


def test_no_events_give_nan_and_no_error():
    numbers = statistics(np.zeros(0, EVENT_DTYPE))

    assert numbers.num_events == 0
    assert numbers.rate_hz == 0.0
    assert np.isnan([numbers.on_share, numbers.passage_events, numbers.gap_ms(0.5)]).all()
    assert np.isnan(gap_distance(numbers, numbers))


def test_distances_grow_with_the_difference():
    same, faster, much = (statistics(noise(rate, seed=k)) for k, rate in enumerate((9, 14, 60)))
    one = statistics(noise(9, seed=7))

    assert gap_distance(one, one) == 0.0
    assert gap_distance(one, same) < 0.05 < gap_distance(one, faster) < gap_distance(one, much)


def test_counts_and_correlation_see_place_time_and_sign():
    events = noise(20.0)
    edges_us = np.arange(0, 1_000_001, 100_000)
    grid = signed_counts(events, SIZE, edges_us)
    mirrored = events.copy()
    mirrored['p'] = -mirrored['p']

    assert grid.sum() == events['p'].sum()
    assert correlation(grid, grid) == pytest.approx(1.0)
    assert correlation(grid, signed_counts(mirrored, SIZE, edges_us)) == pytest.approx(-1.0)
    assert abs(correlation(grid, signed_counts(noise(20.0, seed=1), SIZE, edges_us))) < 0.05
    assert np.isnan(correlation(grid, np.zeros_like(grid)))
