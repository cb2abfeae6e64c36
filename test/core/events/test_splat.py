"""Bilinear shares in x and y against the plain trilinear form, event by event."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import BilinearSplat, event_tensor, RepresentationSpec
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

SIZE = (9, 13)
OUTPUT_SIZE = (8, 11)


def identity():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.stack([columns, rows], axis=-1).astype(np.float32)


def some_events(num=500):
    generator = np.random.default_rng(0)
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = np.sort(generator.integers(0, 50_000, num))
    events['x'] = generator.integers(0, SIZE[1], num)
    events['y'] = generator.integers(0, SIZE[0], num)
    events['p'] = generator.choice([-1, 1], num)
    return events


def plain_trilinear(events, positions, bins):
    """Share each event between the eight cells around it, scaled by first and last event."""
    grid = np.zeros((bins, *OUTPUT_SIZE))
    first_us, last_us = int(events['t'][0]), int(events['t'][-1])
    for t, x, y, p in events.tolist():
        column, row = positions[y, x].astype(float)
        place = (bins - 1) * (t - first_us) / (last_us - first_us)
        for k in range(bins):
            for i in range(OUTPUT_SIZE[0]):
                for j in range(OUTPUT_SIZE[1]):
                    weights = np.maximum(0, 1 - np.abs([place - k, row - i, column - j]))
                    grid[k, i, j] += p * weights.prod()
    return grid


def test_splatting_a_grid_is_sharing_each_event(tolerances):
    positions = identity() * 0.93 + np.random.default_rng(1).normal(0, 0.8, (*SIZE, 2))
    positions = positions.astype(np.float32)
    events = some_events()

    spec = RepresentationSpec(span='events', bins=3)
    grid = BilinearSplat(positions, OUTPUT_SIZE)(event_tensor(events, spec, size=SIZE))

    plain = plain_trilinear(events, positions, 3)
    np.testing.assert_allclose(grid, plain, rtol=1e-5, atol=1e-5)


def test_whole_positions_move_cells_as_they_are():
    grid = np.random.default_rng(2).normal(size=(2, 5, *SIZE)).astype(np.float32)

    moved = BilinearSplat(identity() + np.float32([1, 2]), SIZE)(grid)

    np.testing.assert_array_equal(moved[..., 2:, 1:], grid[..., :-2, :-1])
    assert not moved[..., :2, :].any()


def test_the_sum_is_kept_inside():
    grid = np.zeros((1, *SIZE), np.float32)
    grid[0, 3:6, 3:8] = 2.5

    splat = BilinearSplat(identity() + np.float32(0.37), SIZE)(grid)

    assert splat.sum() == pytest.approx(grid.sum(), rel=1e-6)


def test_positions_outside_or_unknown_take_no_part():
    positions = identity()
    positions[0, 0] = np.nan
    positions[1, 1] = -1.0, 3.0
    positions[2, 2] = -0.25, 0.0

    splat = BilinearSplat(positions, SIZE)
    grid = np.zeros((1, *SIZE), np.float32)
    grid[0, [0, 1, 2], [0, 1, 2]] = 1.0

    assert splat(grid).sum() == pytest.approx(0.75)


def test_a_buffer_spares_the_allocation_and_zero_stays_zero():
    splat = BilinearSplat(identity(), OUTPUT_SIZE)
    out = np.full((2, *OUTPUT_SIZE), 7, np.float32)

    assert splat(np.zeros((2, *SIZE), np.float32), out=out) is out
    assert not out.any()


def test_what_does_not_fit_is_refused():
    splat = BilinearSplat(identity(), OUTPUT_SIZE)

    with pytest.raises(InputError, match=r'Expected positions \(height, width, 2\)'):
        BilinearSplat(np.zeros(SIZE, np.float32), OUTPUT_SIZE)
    with pytest.raises(InputError, match='a positive output size'):
        BilinearSplat(identity(), (0, 4))
    with pytest.raises(InputError, match=r'a grid float32 \(\.\.\., 9, 13\), got float64'):
        splat(np.zeros((2, *SIZE)))
    with pytest.raises(InputError, match='Expected out as contiguous float32'):
        splat(np.zeros((2, *SIZE), np.float32), out=np.zeros((2, *SIZE), np.float32))
