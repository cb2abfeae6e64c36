from eventdepth_core import cli
from eventdepth_core.bundle import store
import pytest


@pytest.fixture
def only_tiny(tiny_folder, monkeypatch, tmp_path):
    """Let the tiny bundle be the only one that is found."""
    monkeypatch.setattr(store, 'SHIPPED_FOLDER', tmp_path / 'nowhere')
    monkeypatch.setenv('EVENTDEPTH_BUNDLES', str(tiny_folder.parent))
    monkeypatch.setenv('COLUMNS', '200')
    return tiny_folder


def test_a_sound_bundle_is_listed_as_verified(only_tiny, capsys):
    code = cli.main(['bundles'])

    text = capsys.readouterr().out
    assert code == 0
    for word in ('tiny', '0.1.0', 'metric_depth', 'events, image, points', 'verified'):
        assert word in text


def test_a_broken_bundle_is_listed_with_its_error_and_code_one(only_tiny, capsys):
    (only_tiny / 'fuse_decode.onnx').write_bytes(b'not the graph')

    code = cli.main(['bundles'])

    text = ' '.join(capsys.readouterr().out.split())
    assert code == 1
    assert 'broken: Expected sha256' in text


def test_no_bundle_at_all_is_said(only_tiny, monkeypatch, capsys):
    monkeypatch.delenv('EVENTDEPTH_BUNDLES')

    assert cli.main(['bundles']) == 1
    assert 'No bundles' in capsys.readouterr().out
