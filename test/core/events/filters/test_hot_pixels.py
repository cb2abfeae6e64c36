"""Hot pixels: found, forgotten, capped."""

from eventdepth_core.events.filters import HotPixels
from eventdepth_core.types import EVENT_DTYPE
import numpy as np

SIZE = (20, 30)


def stream(*, hot=(), rate_hz=1_000, start_us=0, duration_us=1_000_000, noise=2_000, seed=0):
    """Return noise all over the sensor and pixels (y, x) that fire at `rate_hz`."""
    generator = np.random.default_rng(seed)
    events = np.zeros(noise, EVENT_DTYPE)
    events['t'] = generator.integers(0, duration_us, noise)
    events['y'], events['x'] = (generator.integers(0, side, noise) for side in SIZE)
    parts = [events]
    for y, x in hot:
        fires = np.zeros(rate_hz * duration_us // 1_000_000, EVENT_DTYPE)
        fires['t'] = np.arange(fires.size) * (1_000_000 // rate_hz)
        fires['y'], fires['x'] = y, x
        parts.append(fires)
    joined = np.concatenate(parts)
    joined['t'] += start_us
    joined['p'] = 1
    return np.sort(joined, order='t')


def test_hot_pixels_are_found_and_left_out_and_nothing_else():
    hot = [(0, 0), (7, 9), (19, 29)]
    filtering = HotPixels(SIZE, max_share=0.01)
    filtering.apply(stream(hot=hot))

    events = stream(hot=hot, start_us=1_000_000, seed=1)
    kept = filtering.apply(events)

    assert np.argwhere(filtering.is_hot).tolist() == [list(place) for place in hot]
    is_hot = filtering.is_hot[events['y'], events['x']]
    assert kept.tolist() == events[~is_hot].tolist()


def test_a_busy_neighbourhood_is_no_hot_pixel():
    edge = [(y, x) for y in range(5, 15) for x in (10, 11, 12)]
    filtering = HotPixels(SIZE)

    filtering.apply(stream(hot=edge))

    assert not filtering.is_hot.any()


def test_a_pixel_that_calms_down_is_let_go():
    filtering = HotPixels(SIZE)
    filtering.apply(stream(hot=[(7, 9)]))
    assert filtering.is_hot[7, 9]

    filtering.apply(stream(start_us=1_000_000, duration_us=5_000_000))

    assert not filtering.is_hot.any()


def test_a_silence_is_calm_too():
    filtering = HotPixels(SIZE)
    filtering.apply(stream(hot=[(7, 9)]))

    filtering.apply(stream(start_us=20_000_000, duration_us=1_000))

    assert not filtering.is_hot.any()


def test_beyond_the_cap_the_hottest_are_left_out():
    filtering = HotPixels(SIZE, max_share=0.004)  # 2 of 600
    parts = [stream(hot=[(3, 5 * k)], rate_hz=1_000 + 250 * k, noise=0) for k in range(1, 5)]

    filtering.apply(np.sort(np.concatenate(parts), order='t'))

    assert np.argwhere(filtering.is_hot).tolist() == [[3, 15], [3, 20]]


def test_an_event_a_little_late_does_not_end_the_epoch():
    filtering = HotPixels(SIZE)
    filtering.apply(stream(hot=[(7, 9)]))
    late = np.array([(999_000, 1, 1, 1), (1_000_001, 9, 7, 1)], EVENT_DTYPE)

    assert filtering.apply(late)['y'].tolist() == [1]


def test_after_a_reset_nothing_is_hot():
    filtering = HotPixels(SIZE)
    filtering.apply(stream(hot=[(7, 9)]))

    filtering.reset()

    assert not filtering.is_hot.any()
