"""A window written normalised in one go against the tensor and then `stage`."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import (
    encode,
    event_accumulator,
    NORMALISATIONS,
    RepresentationSpec,
    stage,
)
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

WIDTH, HEIGHT = 43, 11  # no multiple of a block of cells
SPECS = {
    'whole intervals': RepresentationSpec(),
    'fine intervals': RepresentationSpec(interval_us=6_250),
    'event_cube': RepresentationSpec(convention='event_cube', interval_us=5_000),
    'split': RepresentationSpec(polarities='split'),
    'time surface': RepresentationSpec('time_surface', 'linear', bins=1),
}


def followed(spec, *, num=3_000, seed=1):
    """Return an accumulator that has seen 100 ms of events."""
    generator = np.random.default_rng(seed)
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = np.sort(generator.integers(0, 100_000, num))
    events['x'] = generator.integers(0, WIDTH, num)
    events['y'] = generator.integers(0, HEIGHT - 2, num)  # some cells stay zero
    events['p'] = generator.choice((-1, 1), num, p=(0.3, 0.7))
    accumulator = event_accumulator(spec, width=WIDTH, height=HEIGHT)
    accumulator.push_packet('evt3', encode('evt3', events, WIDTH, HEIGHT))
    return accumulator


def normalisations_of(spec):
    return [each for each in NORMALISATIONS if spec.has_bins or 'per_bin' not in each]


@pytest.mark.parametrize('dtype', ['float32', 'float16'])
@pytest.mark.parametrize('end_us', [100_000, 99_999, 160_000])
@pytest.mark.parametrize('name', SPECS)
def test_a_staged_window_is_the_tensor_normalised_afterwards(name, end_us, dtype, tolerances):
    accumulator = followed(SPECS[name])
    grid = accumulator.tensor(end_us)

    for normalisation in normalisations_of(SPECS[name]):
        actual, expected = np.full((2, *grid.shape), 7, dtype)
        accumulator.staged(end_us, normalisation, out=actual)

        stage(grid, normalisation, expected)
        tolerances[dtype].assert_close(actual, expected)
        np.testing.assert_array_equal(actual == 0, expected == 0)


def test_staging_without_normalisation_gives_the_bits_of_the_tensor():
    accumulator = followed(SPECS['whole intervals'])
    out = np.zeros((5, HEIGHT, WIDTH), np.float32)

    accumulator.staged(100_000, 'none', out=out)

    np.testing.assert_array_equal(out, accumulator.tensor(100_000))


def test_a_staged_window_does_not_depend_on_what_the_buffer_held():
    accumulator = followed(SPECS['whole intervals'])
    first, second = np.zeros((2, 5, HEIGHT, WIDTH), np.float32)
    second[:] = np.nan

    for out in (first, second, second):
        accumulator.staged(100_000, 'nonzero_mean_std', out=out)

    np.testing.assert_array_equal(first, second)


def test_no_events_are_staged_as_zeros():
    accumulator = event_accumulator(RepresentationSpec(), width=WIDTH, height=HEIGHT)
    out = np.full((5, HEIGHT, WIDTH), 7, np.float32)

    accumulator.staged(50_000, 'nonzero_mean_std', out=out)

    assert not out.any()


@pytest.mark.parametrize(
    ('name', 'normalisation', 'out', 'text'),
    [
        ('whole intervals', 'softmax', np.zeros((5, HEIGHT, WIDTH), np.float32), 'normalisation'),
        ('whole intervals', 'none', np.zeros((4, HEIGHT, WIDTH), np.float32), 'out as contiguous'),
        ('whole intervals', 'none', np.zeros((5, HEIGHT, WIDTH), np.float64), 'float32'),
        ('split', 'none', np.zeros((5, HEIGHT, WIDTH), np.float16), 'float16'),
    ],
)
def test_what_cannot_be_staged_is_refused(name, normalisation, out, text):
    with pytest.raises(InputError, match=text):
        followed(SPECS[name]).staged(100_000, normalisation, out=out)


def test_counts_are_not_staged():
    spec = RepresentationSpec('count', 'plain', bins=1)

    with pytest.raises(InputError, match='float32'):
        followed(spec).staged(100_000, 'none', out=np.zeros((2, HEIGHT, WIDTH), np.float32))
