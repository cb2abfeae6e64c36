"""Normalisation of non-zero cells against plain numpy, and what staging refuses."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import NORMALISATIONS, RepresentationSpec, stage
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

SHAPE = (3, 13, 27)


def sparse_grid(seed=0, *, shape=SHAPE, density=0.3, offset=0.2):
    generator = np.random.default_rng(seed)
    grid = generator.normal(offset, 2.0, shape) * (generator.random(shape) < density)
    return grid.astype(np.float32)


def plain(grid, normalisation):
    if normalisation.endswith('_per_bin'):
        name = normalisation.removesuffix('_per_bin')
        return np.stack([plain(each, name) for each in grid])
    cells = grid.astype(np.float64)
    active = cells[cells != 0]
    if normalisation == 'none' or active.size == 0:
        return cells
    if normalisation == 'nonzero_std':
        return cells / (active.std() + 1e-3) if active.size >= 20 else cells
    spread = active.std() if active.std() > 0 else 1.0
    return np.where(cells != 0, (cells - active.mean()) / spread, 0.0)


def staged(grid, normalisation, dtype=np.float32):
    out = np.full(grid.shape, 7, dtype)
    stage(grid, normalisation, out)
    return out


@pytest.mark.parametrize('dtype', ['float32', 'float16'])
@pytest.mark.parametrize('normalisation', NORMALISATIONS)
def test_staging_is_the_plain_normalisation(normalisation, dtype, tolerances):
    grid = sparse_grid()

    actual = staged(grid, normalisation, np.dtype(dtype))

    tolerances[dtype].assert_close(actual, plain(grid, normalisation))
    np.testing.assert_array_equal(actual == 0, plain(grid, normalisation).astype(dtype) == 0)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 1_000),
    density=st.floats(0, 1),
    normalisation=st.sampled_from(NORMALISATIONS),
    shape=st.sampled_from([(1, 1, 1), (2, 1, 128), (1, 16, 16), (2, 7, 131)]),
)
def test_any_shape_and_density_is_the_plain_normalisation(
    seed, density, normalisation, shape, tolerances
):
    grid = sparse_grid(seed, shape=shape, density=density)

    actual = staged(grid, normalisation)

    np.testing.assert_allclose(actual, plain(grid, normalisation), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('normalisation', NORMALISATIONS)
def test_no_events_give_zeros(normalisation):
    assert not staged(np.zeros(SHAPE, np.float32), normalisation).any()
    assert staged(np.zeros((3, 0, 4), np.float32), normalisation).size == 0


def test_equal_cells_become_zero_by_mean_and_std():
    grid = np.zeros(SHAPE, np.float32)
    grid[0, 2] = 3.0

    assert not staged(grid, 'nonzero_mean_std').any()
    np.testing.assert_allclose(staged(grid, 'nonzero_std')[0, 2], 3_000, rtol=1e-6)


def test_a_factor_does_not_matter_to_mean_and_std(tolerances):
    grid = sparse_grid(3)

    scaled = staged(grid * np.float32(7), 'nonzero_mean_std')

    tolerances['float32'].assert_close(scaled, staged(grid, 'nonzero_mean_std'))


def test_the_order_of_the_cells_hardly_shows(tolerances):
    grid = sparse_grid(4)

    turned = staged(np.ascontiguousarray(grid[:, ::-1, ::-1]), 'nonzero_std')

    tolerances['float32'].assert_close(turned[:, ::-1, ::-1], staged(grid, 'nonzero_std'))


def test_half_precision_is_rounded_to_the_nearest_and_saturates():
    generator = np.random.default_rng(0)
    bits = generator.integers(0, 1 << 32, (1, 300, 300), dtype=np.uint32)
    grid = bits.view(np.float32)
    grid[~np.isfinite(grid)] = 1e30
    grid[0, 0, :6] = [65504, 65519.99, 65520, -1e9, 2.0**-24, 2.0**-25]

    actual = staged(grid, 'none', np.float16)

    expected = np.clip(grid, -65504, 65504).astype(np.float16)
    np.testing.assert_array_equal(actual.view(np.uint16), expected.view(np.uint16))


def test_the_grid_stays_as_it_is():
    grid = sparse_grid(5)
    before = grid.copy()
    grid.flags.writeable = False

    staged(grid, 'nonzero_mean_std_per_bin')

    np.testing.assert_array_equal(grid, before)


def test_parts_of_a_greater_buffer_are_filled():
    buffer = np.full((2, *SHAPE), 7, np.float16)

    stage(sparse_grid(6), 'nonzero_std', buffer[1])

    assert (buffer[0] == 7).all()
    assert not (buffer[1] == 7).any()


@pytest.mark.parametrize(
    ('grid', 'out', 'text'),
    [
        (np.zeros(SHAPE), np.zeros(SHAPE, np.float32), r'a grid float32 \(\.\.\., H, W\)'),
        (np.zeros(5, np.float32), np.zeros(5, np.float32), r'a grid float32 .* shape \(5,\)'),
        (np.zeros(SHAPE, np.float32), np.zeros(SHAPE), 'float32 or float16 .*, got float64'),
        (np.zeros(SHAPE, np.float32), np.zeros((3, 13, 2), np.float32), r'got float32 \(3, 13'),
    ],
)
def test_another_type_or_shape_is_refused(grid, out, text):
    with pytest.raises(InputError, match=f'Expected .*{text}'):
        stage(grid, 'none', out)


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(InputError, match=r"Expected normalisation out of none, .*, got 'max'"):
        stage(np.zeros(SHAPE, np.float32), 'max', np.zeros(SHAPE, np.float32))


def test_a_spec_names_a_normalisation():
    assert RepresentationSpec(normalisation='nonzero_std').normalisation in NORMALISATIONS
