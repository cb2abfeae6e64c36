"""Laws of the simulated event camera: what any light and any camera must obey."""

from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from training.simulate.readout import Readout, ReadoutModel
from training.simulate.sensor_model import SensorModel
from training.simulate.sequence_camera import SequenceCamera

HEIGHT, WIDTH = 5, 7
DARK = 0.05

quiet_models = st.builds(
    SensorModel,
    on_threshold=st.floats(0.08, 0.6),
    off_threshold=st.floats(0.08, 0.6),
    mismatch=st.floats(0.0, 0.1),
    dark=st.just(DARK),
    noise_hz=st.just(0.0),
    refractory_us=st.sampled_from([0, 1, 700]),
    cutoff_hz=st.sampled_from([0.0, 40.0, 3000.0]),
)
noisy_models = st.builds(
    SensorModel,
    on_threshold=st.floats(0.08, 0.6),
    off_threshold=st.floats(0.08, 0.6),
    dark=st.just(DARK),
    noise_hz=st.sampled_from([0.0, 30.0]),
    num_hot_pixels=st.integers(0, 3),
    refractory_us=st.sampled_from([0, 1, 700]),
    cutoff_hz=st.sampled_from([0.0, 40.0, 3000.0]),
    leak_hz=st.sampled_from([0.0, 5.0]),
    shot_hz=st.sampled_from([0.0, 200.0]),
)
films = st.tuples(st.integers(0, 2**32 - 1), st.integers(2, 8)).map(
    lambda drawn: (
        np.random.default_rng(drawn[0])
        .uniform(0.0, 1.0, (drawn[1], HEIGHT, WIDTH))
        .astype(np.float32)
    )
)
step_sizes = st.integers(1, 40_000)


def camera(model, *, seed=0, starts_settled=False):
    return SequenceCamera(
        model, width=WIDTH, height=HEIGHT, seed=seed, starts_settled=starts_settled
    )


def filmed(seen_by, film, step_us, *, start=0):
    return np.concatenate(
        [seen_by.advance(light, (start + k) * step_us) for k, light in enumerate(film)]
    )


def light_of_level(level):
    return (np.exp(level) - DARK).astype(np.float32)


@given(model=quiet_models, level=st.floats(-2.5, 0.0), seed=st.integers(0, 99))
def test_constant_light_without_noise_gives_no_event(model, level, seed):
    film = np.repeat(light_of_level(np.full((1, HEIGHT, WIDTH), level)), 5, axis=0)

    assert len(filmed(camera(model, seed=seed), film, 10_000)) == 0


@given(
    num_thresholds=st.integers(1, 12),
    sign=st.sampled_from([-1, 1]),
    num_steps=st.integers(1, 9),
    on=st.floats(0.08, 0.2),
    off=st.floats(0.08, 0.2),
)
def test_a_log_ramp_of_n_thresholds_gives_n_events_per_pixel(
    num_thresholds, sign, num_steps, on, off
):
    model = SensorModel(on, off, mismatch=0.0, dark=DARK, noise_hz=0.0)
    change = (num_thresholds + 0.3) * (on if sign > 0 else off)
    start = -2.5 if sign > 0 else 0.0
    levels = start + sign * change * np.linspace(0.0, 1.0, num_steps + 1)
    film = light_of_level(levels[:, None, None] * np.ones((1, HEIGHT, WIDTH)))

    events = filmed(camera(model, starts_settled=True), film, 5000)

    counts = np.zeros((HEIGHT, WIDTH), int)
    np.add.at(counts, (events['y'], events['x']), 1)
    assert (counts == num_thresholds).all()
    assert (events['p'] == sign).all()


@given(film=films, step_us=step_sizes, on=st.floats(0.08, 0.6), off=st.floats(0.08, 0.6))
def test_inverse_light_gives_the_opposite_polarities(film, step_us, on, off):
    level = np.log(film + 0.2)
    forward = SensorModel(on, off, mismatch=0.0, dark=DARK, noise_hz=0.0)
    mirrored = SensorModel(off, on, mismatch=0.0, dark=DARK, noise_hz=0.0)

    bright = filmed(camera(forward, starts_settled=True), np.exp(level) - DARK, step_us)
    dark = filmed(camera(mirrored, starts_settled=True), np.exp(-level) - DARK, step_us)

    assert abs(len(bright) - len(dark)) <= 0.01 * len(bright)
    if len(bright) == len(dark):  # rounding of float32 light may move one event over a threshold
        order, other = (np.lexsort((e['t'], e['x'], e['y'])) for e in (bright, dark))
        assert np.array_equal(bright['x'][order], dark['x'][other])
        assert np.array_equal(bright['p'][order], -dark['p'][other])
        assert np.abs(bright['t'][order] - dark['t'][other]).max(initial=0) <= 1 + step_us // 500


@given(model=noisy_models, film=films, step_us=step_sizes, seed=st.integers(0, 99))
def test_events_are_ordered_inside_the_sensor_and_apart_by_the_refractory_time(
    model, film, step_us, seed
):
    events = filmed(camera(model, seed=seed), film, step_us)

    assert (np.diff(events['t']) >= 0).all()
    assert (events['t'] >= 0).all()
    assert (events['t'] < (len(film) - 1) * step_us).all()
    assert (events['x'] < WIDTH).all()
    assert (events['y'] < HEIGHT).all()
    assert np.isin(events['p'], (-1, 1)).all()
    pixel = events['y'].astype(int) * WIDTH + events['x']
    order = np.lexsort((events['t'], pixel))
    same = np.diff(pixel[order]) == 0
    assert (np.diff(events['t'][order])[same] >= model.refractory_us).all()


@given(model=noisy_models, film=films, step_us=step_sizes, seed=st.integers(0, 99))
def test_equal_seeds_give_equal_events_and_other_seeds_others(model, film, step_us, seed):
    first, again = (filmed(camera(model, seed=seed), film, step_us) for _ in range(2))
    other = filmed(camera(model, seed=seed + 1), film, step_us)

    assert np.array_equal(first, again)
    if len(first) > 50:
        assert not np.array_equal(first, other)


@given(model=noisy_models, film=films, step_us=step_sizes, data=st.data())
def test_a_sequence_cut_in_two_gives_the_same_events(model, film, step_us, data):
    cut = data.draw(st.integers(1, len(film)))
    whole = filmed(camera(model), film, step_us)

    carried = camera(model)
    first = filmed(carried, film[:cut], step_us)
    rest = film[cut:]
    second = [carried.advance(light, (cut + k) * step_us) for k, light in enumerate(rest)]

    assert np.array_equal(np.concatenate([first, *second]), whole)


@settings(max_examples=40)
@given(
    level=st.floats(-2.0, 0.0),
    change=st.floats(-1.0, 1.0),
    cutoff_hz=st.sampled_from([5.0, 50.0, 5000.0]),
    num_parts=st.integers(2, 7),
)
def test_the_photoreceptor_does_not_depend_on_the_number_of_sub_frames(
    level, change, cutoff_hz, num_parts
):
    model = SensorModel(
        0.5, 0.5, mismatch=0.0, dark=1.0, noise_hz=0.0, cutoff_hz=cutoff_hz, response='linear'
    )
    ends = np.array([0.5 + 0.1 * level, 0.5 + 0.1 * level])
    ends[1] += 1e-3 * change  # the cut-off follows the light, so a small change keeps it

    def settled(num_steps):
        seen_by = camera(model, starts_settled=True)
        for k in range(num_steps + 1):
            light = ends[0] + (ends[1] - ends[0]) * k / num_steps
            seen_by.advance(np.full((HEIGHT, WIDTH), light, np.float32), 42_000 * k // num_steps)
        return seen_by.residual

    np.testing.assert_allclose(settled(num_parts), settled(1), atol=3e-6)


@given(
    times=st.lists(st.integers(0, 3000), max_size=60).map(sorted),
    event_ns=st.sampled_from([0, 90, 2500]),
    clock_us=st.sampled_from([0, 1, 130]),
    cuts=st.lists(st.integers(0, 4000), max_size=4).map(sorted),
)
def test_a_readout_keeps_every_event_in_order_however_time_is_cut(times, event_ns, clock_us, cuts):
    events = np.zeros(len(times), EVENT_DTYPE)
    events['t'], events['x'] = times, np.arange(len(times))
    model = ReadoutModel(event_ns=event_ns, clock_us=clock_us)

    whole = Readout(model)
    at_once = np.concatenate([whole.read(events, 5000), whole.flush()])
    readout, pieces = Readout(model), []
    for start_us, end_us in zip([0, *cuts], [*cuts, 5000], strict=True):
        inside = events[(events['t'] >= start_us) & (events['t'] < end_us)]
        pieces.append(readout.read(inside, end_us))
        assert (pieces[-1]['t'] < end_us).all()
    in_pieces = np.concatenate([*pieces, readout.flush()])

    assert np.array_equal(at_once, in_pieces)
    assert np.array_equal(at_once['x'], events['x'])
    assert (at_once['t'] >= events['t']).all()
    assert (np.diff(at_once['t']) >= 0).all()
    if clock_us > 0:
        assert (at_once['t'] % clock_us == 0).all()
    if event_ns > 0 and clock_us == 0:
        assert ((np.diff(at_once['t']) + 1) * 1000 > event_ns).all()
