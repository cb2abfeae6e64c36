from dataclasses import replace

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events import event_image, packet_encoder
from eventdepth_core.rendering.event_pictures import EventPictures, PictureOptions
from eventdepth_core.types import EVENT_DTYPE, EventPacket
import numpy as np
import pytest

SIZE = (21, 34)
HOST_US = 1_700_000_000_000_000
OPTIONS = PictureOptions(window_us=20_000, rate_hz=20.0)


def stream(*, num=4000, duration_us=400_000, seed=3, start_us=1_000_000):
    random = np.random.default_rng(seed)
    events = np.empty(num, EVENT_DTYPE)
    events['t'] = start_us + np.sort(random.integers(0, duration_us, num))
    events['x'] = random.integers(0, SIZE[1], num)
    events['y'] = random.integers(0, SIZE[0], num)
    events['p'] = random.choice([-1, 1], num)
    return events


def packets(events, packet_us, encoding='evt3'):
    encoder = packet_encoder(encoding, SIZE[1], SIZE[0])
    first_us = int(events['t'][0])
    edges = np.arange(first_us, int(events['t'][-1]) + packet_us, packet_us)
    made = []
    for seq, start_us in enumerate(edges.tolist()):
        part = events[(events['t'] >= start_us) & (events['t'] < start_us + packet_us)]
        made.append(
            EventPacket(
                encoding=encoding,
                width=SIZE[1],
                height=SIZE[0],
                time_base_ns=0,
                payload=encoder.encode(part),
                seq=seq,
                arrival_us=HOST_US + int(part['t'][0] if part.size else start_us),
            )
        )
    return made


def drawn(made, options=OPTIONS, **wanted):
    pictures = EventPictures(options)
    return [picture for packet in made for picture in pictures.push(packet, **wanted)]


def test_a_picture_shows_the_events_of_its_window():
    events = stream()

    pictures = drawn(packets(events, 7_000))

    assert len(pictures) == 7
    for k, picture in enumerate(pictures):
        end_us = 1_050_000 + 50_000 * k
        inside = (events['t'] >= end_us - 20_000) & (events['t'] < end_us)
        np.testing.assert_array_equal(picture.picture, event_image(events[inside], SIZE))


def test_stamps_are_host_time_on_the_grid_of_sensor_time():
    stamps = [picture.stamp_us - HOST_US for picture in drawn(packets(stream(), 7_000))]

    assert stamps == [1_050_000 + 50_000 * k for k in range(7)]


@pytest.mark.parametrize('style', ['polarity', 'time_surface'])
def test_pictures_do_not_depend_on_how_bytes_are_cut(style):
    options = replace(OPTIONS, style=style)

    coarse, fine = (drawn(packets(stream(), us), options) for us in (40_000, 1_000))

    for one, other in zip(coarse, fine, strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)


def test_what_nobody_wants_is_decoded_and_not_drawn():
    made = packets(stream(), 7_000)
    pictures = EventPictures(OPTIONS)
    unseen = [each for packet in made[:30] for each in pictures.push(packet, is_wanted=False)]

    seen = [each for packet in made[30:] for each in pictures.push(packet)]

    assert unseen == []
    for one, other in zip(seen, drawn(made)[-len(seen) :], strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)
        assert one.stamp_us == other.stamp_us


def test_time_that_goes_back_starts_anew():
    made = packets(stream(), 7_000)
    pictures = EventPictures(OPTIONS)
    first = [each for packet in made for each in pictures.push(packet)]

    second = [each for packet in made for each in pictures.push(packet)]

    assert pictures.num_restarts == 1
    assert [each.stamp_us for each in second] == [each.stamp_us for each in first]


def test_a_missing_packet_is_counted_and_drawing_goes_on():
    made = packets(stream(), 7_000)
    pictures = EventPictures(OPTIONS)

    num = sum(len(pictures.push(packet)) for packet in made[:10] + made[12:])

    assert (pictures.num_gaps, num) == (1, 7)


def test_another_size_starts_anew():
    pictures = EventPictures(OPTIONS)
    for packet in packets(stream(), 7_000)[:20]:
        pictures.push(packet)
    larger = [replace(packet, width=50) for packet in packets(stream(), 7_000)]

    seen = [each for packet in larger for each in pictures.push(packet)]

    assert seen[0].picture.shape == (21, 50, 3)


def test_a_long_silence_draws_nothing_for_the_time_between():
    late = packets(stream(start_us=9_000_000), 7_000)
    both = packets(stream(), 7_000) + [replace(each, seq=None) for each in late]

    assert len(drawn(both)) == 14


def test_an_empty_packet_is_fine_and_an_unknown_encoding_is_an_error():
    pictures = EventPictures(OPTIONS)
    packet = packets(stream(), 7_000)[0]

    assert pictures.push(replace(packet, payload=b'')) == []
    with pytest.raises(UnknownEncodingError):
        pictures.push(replace(packet, encoding='other'))


@pytest.mark.parametrize('wrong', [{'style': 'other'}, {'rate_hz': 0.0}, {'window_us': 0}])
def test_senseless_options_are_refused(wrong):
    with pytest.raises(InputError, match='Expected'):
        PictureOptions(**wrong)
