"""`eventdepth convert` as users call it."""

import json

from conversion_cases import events_of, made_events
import cv2
from eventdepth_core import cli
from eventdepth_core.recordings import open_recording
from layouts.dsec import write_dsec
from layouts.mvsec import write_mvsec
import numpy as np
import pytest


def short_dsec(folder):
    return write_dsec(folder, num_disparities=1)


def write_text(folder, events, name='events.txt'):
    folder.mkdir(exist_ok=True)
    rows = (f'{e["t"] * 1e-6:.6f} {e["x"]} {e["y"]} {int(e["p"] > 0)}' for e in events)
    (folder / name).write_text('64 48\n' + '\n'.join(rows) + '\n')


@pytest.fixture
def events():
    return made_events(3000)


@pytest.fixture
def source(tmp_path, events):
    folder = tmp_path / 'in'
    write_text(folder, events)
    (folder / 'calib.txt').write_text('50 51 30 20 0 0 0 0 0\n')
    (folder / 'images.txt').write_text('0.006 a.png\n')
    cv2.imwrite(str(folder / 'a.png'), np.full((48, 64), 77, np.uint8))
    return folder


def run(*words):
    return cli.main(['convert', *map(str, words)])


def test_a_folder_becomes_a_bag_and_a_bag_a_dataset(source, events, tmp_path, capsys):
    assert run(source, tmp_path / 'bag') == 0
    assert run(tmp_path / 'bag', tmp_path / 'sequence') == 0

    shown = capsys.readouterr().out
    assert 'events: 3,000' in shown
    assert 'million events a second' in shown
    for path in (tmp_path / 'bag', tmp_path / 'sequence'):
        np.testing.assert_array_equal(events_of(path), events)
    with open_recording(tmp_path / 'sequence') as recording:
        assert recording.rig.event.fx == 50.0
        assert [each.image[0, 0] for each in recording.samples() if each.stream == 'image'] == [77]


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(source, tmp_path, capsys):
    before = sorted(tmp_path.rglob('*'))

    assert run(source, tmp_path / 'bag', '--dry-run', '--topics', 'image=/left/image') == 0
    assert run(source, tmp_path / 'sequence', '--dry-run', '--to', 'dsec') == 0

    shown = capsys.readouterr().out
    for text in ('ROS 2 bag', '/camera/events', '/left/image', '/camera/camera_info', 'evt3',
                 'DSEC layout', 'events.h5', 'cam_to_cam.yaml'):  # fmt: skip
        assert text in shown.replace('\n', ''), text
    assert sorted(tmp_path.rglob('*')) == before


def test_several_event_files_are_refused_with_their_names(source, events, tmp_path, capsys):
    write_text(source, events, 'events_right.txt')

    assert run(source, tmp_path / 'bag') == 2

    shown = capsys.readouterr().err
    assert 'Expected one source of events' in shown
    assert 'events.txt, events_right.txt' in shown
    assert run(source / 'events_right.txt', tmp_path / 'bag') == 0


def test_two_event_topics_are_refused_until_one_is_chosen(source, events, tmp_path, capsys):
    from eventdepth_core.recordings import McapRecorder
    from eventdepth_core.recordings.bag import Bag
    from eventdepth_core.recordings.definitions import EVENT_PACKET

    run(source, tmp_path / 'one', '--events-only')
    with McapRecorder(tmp_path / 'two') as recorder:
        for message in Bag(tmp_path / 'one').messages(['/camera/events']):
            for topic in ('/left/events', '/right/events'):
                recorder.write(topic, EVENT_PACKET, message.raw, message.stamp_ns)

    assert run(tmp_path / 'two', tmp_path / 'out.h5') == 2
    assert '--from-topics events=TOPIC' in capsys.readouterr().err
    assert run(tmp_path / 'two', tmp_path / 'out.h5', '--from-topics', 'events=/right/events') == 0
    np.testing.assert_array_equal(events_of(tmp_path / 'out.h5'), events)


def test_a_target_that_exists_is_an_error_without_overwrite(source, events, tmp_path, capsys):
    assert run(source, tmp_path / 'bag') == 0
    assert run(source, tmp_path / 'bag') == 2
    assert 'Expected nothing at' in capsys.readouterr().err
    assert run(source, tmp_path / 'bag', '--overwrite') == 0


def test_lines_that_were_no_events_are_told_and_change_the_exit_code(source, tmp_path, capsys):
    with (source / 'events.txt').open('a') as file:
        file.write('no event at all\n')

    assert run(source, tmp_path / 'bag') == 1
    assert 'bad_line: 1' in capsys.readouterr().out


def test_resume_without_an_interrupted_run_starts_anew(source, events, tmp_path):
    assert run(source, tmp_path / 'bag', '--resume') == 0
    np.testing.assert_array_equal(events_of(tmp_path / 'bag'), events)


@pytest.mark.parametrize('write', [short_dsec, write_mvsec])
def test_a_dataset_and_its_bag_give_the_same_metrics(write, tiny_folder, tmp_path):
    folder = write(tmp_path / 'sequence').folder
    assert run(folder, tmp_path / 'bag') == 0
    found = []

    for path in (folder, tmp_path / 'bag'):
        words = f'replay {path} --bundle {tiny_folder} --out {tmp_path / "out"} --no-report'
        assert cli.main([*words.split(), '--trigger=reference', '--use=events,points']) == 0
        found.append(json.loads((tmp_path / 'out' / 'metrics.json').read_text()))

    assert found[0]['metrics'] == found[1]['metrics'] != []
