"""Votes against a float64 form in plain numpy, cell for cell."""

from eventdepth_core.geometry.sweep.vote_kernels import largest_count, vote
import numpy as np

WIDTH, HEIGHT, NUM_PLANES = 37, 29, 11
STRIDE = WIDTH + 2


def _inputs(rng, num_events=700, num_parts=9):
    rays = rng.uniform(-0.7, 0.7, (WIDTH * HEIGHT, 2))
    rays[rng.random(len(rays)) < 0.05] = np.nan
    pixels = rng.integers(0, WIDTH * HEIGHT, num_events).astype(np.int32)
    signs = rng.choice([-1, 1], num_events).astype(np.int16)
    inner = np.sort(rng.integers(0, num_events + 1, num_parts - 1))
    starts = np.concatenate([[0], inner, [num_events]]).astype(np.int64)
    turns = np.empty((num_parts, 3, 3))
    for j in range(num_parts):
        turn = np.linalg.qr(np.eye(3) + 0.1 * rng.normal(size=(3, 3)))[0]
        turns[j] = turn * np.sign(np.diag(turn))[:, None] * np.array([[30.0], [31.0], [1.0]])
    lines = np.empty((num_parts, NUM_PLANES, 3))
    lines[:, :, 0] = 1.0 + rng.uniform(-0.3, 0.3, lines.shape[:2])
    lines[:, :, 1:] = rng.uniform(5.0, 25.0, (*lines.shape[:2], 2))
    return pixels, signs, starts, rays, turns, lines


def _plain_votes(pixels, signs, starts, rays, turns, lines):
    counts = np.zeros((NUM_PLANES, HEIGHT + 2, STRIDE), np.int64)
    for j, turn in enumerate(turns):
        mine = slice(starts[j], starts[j + 1])
        x, y = rays[pixels[mine]].T
        z = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2]
        ahead = z > 1e-3
        with np.errstate(invalid='ignore'):
            u = np.where(ahead, (turn[0, 0] * x + turn[0, 1] * y + turn[0, 2]) / z, 1e12)
            v = np.where(ahead, (turn[1, 0] * x + turn[1, 1] * y + turn[1, 2]) / z, 1e12)
        for k, (a, b, c) in enumerate(lines[j]):
            if a >= 0.05:
                column = np.clip(a * u + b, 0.0, STRIDE - 1.0).astype(np.int64)
                row = np.clip(a * v + c, 0.0, HEIGHT + 1.0).astype(np.int64)
                np.add.at(counts[k], (row, column), signs[mine])
    return counts.reshape(NUM_PLANES, -1)


def _voted(arguments):
    counts = np.zeros((NUM_PLANES, (HEIGHT + 2) * STRIDE), np.int16)
    vote(*arguments, counts, STRIDE)
    return counts


def test_votes_equal_the_float64_form_cell_for_cell():
    for seed in range(20):
        arguments = _inputs(np.random.default_rng(seed))

        counts = _voted(arguments)

        np.testing.assert_array_equal(counts, _plain_votes(*arguments))


def test_votes_do_not_depend_on_the_order_of_events():
    pixels, signs, starts, rays, turns, lines = _inputs(np.random.default_rng(3), num_parts=1)
    order = np.random.default_rng(4).permutation(len(pixels))

    shuffled = _voted((pixels[order], signs[order], starts, rays, turns, lines))

    np.testing.assert_array_equal(shuffled, _voted((pixels, signs, starts, rays, turns, lines)))


def test_a_plane_that_the_camera_has_passed_gets_no_vote():
    arguments = _inputs(np.random.default_rng(5))
    arguments[-1][:, 4, 0] = -0.2

    counts = _voted(arguments)

    assert not counts[4].any()
    assert counts[3].any()


def test_no_events_leave_no_votes():
    _, _, _, rays, turns, lines = _inputs(np.random.default_rng(6), num_parts=1)
    nothing = np.zeros(0, np.int32)

    counts = _voted((nothing, nothing.astype(np.int16), np.zeros(2, np.int64), rays, turns, lines))

    assert not counts.any()


def test_the_largest_count_looks_at_both_signs():
    counts = np.zeros((2, 5, 7), np.int16)
    counts[1, 2, 3], counts[0, 4, 6] = -40, 7

    assert largest_count(counts) == 40
