"""The numpy forms that everything else is held against, and the verdicts."""

from eventdepth_core.events import packet_decoder, voxel_grid
import numpy as np
import peers
import plain_forms
import pytest
from windows import Case, START_US, WINDOW_US, Windows

BINS = 5


@pytest.fixture(scope='module')
def windows():
    """Two windows over the wrap of the 24-bit time."""
    return Windows(Case('davis', 0.6), num=2)


@pytest.mark.parametrize('profile', ['edges', 'scatter', 'dense'])
def test_the_plain_decoder_gives_the_events_that_were_encoded(profile):
    windows = Windows(Case('davis', 0.6, profile), num=2)
    decoder = plain_forms.PlainDecoder()

    parts = [decoder.decode(words) for words in windows.words]

    t, x, y, p = (np.concatenate(each) for each in zip(*parts, strict=True))
    assert peers.verdict((t - START_US, x, y, p), windows.all_events, START_US) == 'exact'


def test_packets_and_files_of_a_window_hold_its_events(windows, tmp_path):
    decoder = packet_decoder('evt3', windows.size[1], windows.size[0])
    decoded = [decoder.decode(packet) for window in windows.cut(5_000) for packet in window]

    np.testing.assert_array_equal(np.concatenate(decoded), windows.all_events)
    octets = windows.files(tmp_path)[0].read_bytes()
    decoder.reset()
    body = octets[len(windows.head) :]
    np.testing.assert_array_equal(decoder.decode(body), windows.events[0])


def test_the_exact_grid_is_that_of_the_library(windows, tolerances):
    for i, events in enumerate(windows.events):
        exact = plain_forms.exact_voxel(events, windows.start_us[i], BINS, windows.size)

        ours = voxel_grid(
            events,
            start_us=windows.start_us[i],
            end_us=windows.end_us(i),
            bins=BINS,
            size=windows.size,
        )
        tolerances['float32'].assert_close(ours, exact)


@pytest.mark.parametrize('form', [plain_forms.voxel, plain_forms.voxel_published])
def test_the_numpy_forms_pass_the_check_that_they_set(windows, form):
    events = windows.events[1]
    t = events['t'] - windows.start_us[1]
    exact = plain_forms.exact_voxel(events, windows.start_us[1], BINS, windows.size)

    raw = form(t, events['x'], events['y'], (events['p'] > 0).astype(np.int8), BINS, windows.size)

    assert 'wrong' not in plain_forms.grid_verdict(raw, plain_forms.normalised(raw), exact)


def test_a_grid_that_is_wrong_is_called_wrong(windows):
    exact = plain_forms.exact_voxel(windows.events[0], START_US, BINS, windows.size)
    out = plain_forms.normalised(exact)
    shifted = np.roll(exact, 1, axis=2)

    assert plain_forms.grid_verdict(exact, out, exact) == 'exact'
    assert plain_forms.grid_verdict(shifted, out, exact).startswith('wrong by')
    assert plain_forms.grid_verdict(exact, 2 * out, exact).endswith('when normalised')
    assert plain_forms.grid_verdict(np.full_like(exact, np.nan), out, exact).startswith('wrong')


def test_rounding_residues_are_counted(windows):
    exact = plain_forms.exact_voxel(windows.events[0], START_US, BINS, windows.size)
    raw = exact.copy()
    raw[tuple(np.argwhere(exact == 0)[0])] = 1e-8

    assert plain_forms.grid_verdict(raw, plain_forms.normalised(exact), exact) == '1 residues'


def test_a_window_is_fifty_milliseconds_on_the_grid_of_intervals(windows):
    assert windows.end_us(0) - windows.start_us[0] == WINDOW_US
    assert START_US % (WINDOW_US // (BINS - 1)) == 0


def test_a_case_is_read_from_its_text():
    assert Case.of('hd:50:dense') == Case('hd', 50.0, 'dense')
    assert str(Case.of('vga:10')) == 'VGA 10 Mev/s'
    with pytest.raises(ValueError, match='sensor'):
        Case.of('cinema:10')
