"""Votes in torch against the numba form, cell for cell; on a GPU where there is one."""

from eventdepth_core.geometry.gpu import TensorEvents, TensorViews, votes
from eventdepth_core.geometry.sweep.vote_kernels import vote
import numpy as np
import pytest
import torch

DEVICES = ['cpu', *(['cuda'] if torch.cuda.is_available() else [])]
WIDTH, HEIGHT, NUM_PLANES, NUM_PARTS = 37, 29, 35, 7
STRIDE, NUM_CELLS = WIDTH + 2, (WIDTH + 2) * (HEIGHT + 2)


def _inputs(seed, num_events):
    rng = np.random.default_rng(seed)
    rays = rng.uniform(-0.7, 0.7, (WIDTH * HEIGHT, 2))
    rays[rng.random(len(rays)) < 0.05] = np.nan
    pixels = rng.integers(0, WIDTH * HEIGHT, num_events).astype(np.int32)
    signs = rng.choice([-1, 1], num_events).astype(np.int16)
    starts = np.linspace(0, num_events, NUM_PARTS + 1).astype(np.int64)
    turns = np.eye(3) + 0.1 * rng.normal(size=(NUM_PARTS, 3, 3))
    turns[:, :2] *= 30.0
    lines = rng.uniform(5.0, 25.0, (NUM_PARTS, NUM_PLANES, 3))
    lines[..., 0] = rng.uniform(-0.1, 1.3, (NUM_PARTS, NUM_PLANES))
    return pixels, signs, starts, rays, turns, lines


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('num_events', [0, 1, 1500])
def test_counts_equal_those_of_the_kernel(device, num_events):
    pixels, signs, starts, rays, turns, lines = _inputs(num_events, num_events)
    expected = np.zeros((NUM_PLANES, NUM_CELLS), np.int16)
    vote(pixels, signs, starts, rays, turns, lines, expected, STRIDE)
    parts = np.repeat(np.arange(NUM_PARTS), np.diff(starts))
    events = TensorEvents(
        torch.from_numpy(pixels.astype(np.int64)).to(device),
        torch.from_numpy(signs.astype(np.int32)).to(device),
        torch.from_numpy(parts).to(device),
    )
    views = TensorViews(
        *(torch.from_numpy(each).to(device) for each in (rays, turns, lines)), STRIDE
    )

    counts = votes(events, views, NUM_CELLS)

    np.testing.assert_array_equal(counts.cpu().numpy(), expected)


def test_votes_of_parts_add_up():
    pixels, signs, starts, rays, turns, lines = _inputs(5, 900)
    parts = np.repeat(np.arange(NUM_PARTS), np.diff(starts))
    views = TensorViews(*(torch.from_numpy(each) for each in (rays, turns, lines)), STRIDE)

    def counted(some):
        return votes(
            TensorEvents(
                torch.from_numpy(pixels[some].astype(np.int64)),
                torch.from_numpy(signs[some].astype(np.int32)),
                torch.from_numpy(parts[some]),
            ),
            views,
            NUM_CELLS,
        )

    assert torch.equal(counted(slice(None)), counted(slice(400)) + counted(slice(400, None)))
