import json

from eventdepth_core.errors import InputError
from eventdepth_core.report.comparison.replay_folder import replay_folder, SubsetSpans
import numpy as np
import pytest


def folder_with(path, content):
    path.mkdir()
    (path / 'depth.mcap').write_bytes(b'')
    (path / 'metrics.json').write_text(content)
    return path


def test_what_the_file_does_not_say_is_not_told(tmp_path):
    folder = replay_folder(folder_with(tmp_path / 'r', '{}'))

    assert folder.provenance.model == ''
    assert folder.provenance.steps is None
    assert np.isnan(folder.provenance.latency_p50_ms)
    assert folder.spans.at(5) == 'not told'


def test_other_folders_are_none(tmp_path):
    assert replay_folder(tmp_path) is None
    assert replay_folder(tmp_path / 'absent') is None


@pytest.mark.parametrize('text', ['{', '[]', json.dumps({'subset_spans': [{'subset': 'a'}]})])
def test_a_damaged_file_is_refused(tmp_path, text):
    with pytest.raises(InputError, match=r'Expected the metrics\.json of a replay'):
        replay_folder(folder_with(tmp_path / 'r', text))


def test_a_span_holds_until_the_next():
    spans = SubsetSpans((100, 300), ('events', 'events+points'))

    assert [spans.at(stamp_us) for stamp_us in (99, 100, 299, 300, 999)] == [
        'not told', 'events', 'events', 'events+points', 'events+points',
    ]  # fmt: skip
