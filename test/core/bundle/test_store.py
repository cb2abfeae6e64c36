"""Finding, loading and verifying bundles."""

import os
from pathlib import Path

from eventdepth_core.bundle import list_bundles, load_bundle, store
from eventdepth_core.errors import BundleError, ChecksumError
import pytest


def test_load_bundle_reads_the_whole_manifest(tiny_folder):
    bundle = load_bundle(tiny_folder)

    assert (bundle.name, bundle.task, bundle.reference) == ('tiny', 'metric_depth', 'events')
    assert bundle.inputs.modalities == ('events', 'image', 'points')
    assert bundle.inputs.events.window_us == 50_000
    assert bundle.inputs.points.range_sigma_log == 0.01
    assert [latent.stride for latent in bundle.latents] == [4, 16]
    assert bundle.graph('complete').path == tiny_folder / 'complete.onnx'
    assert bundle.calibration_of(('events',)).scale == 2.0
    assert bundle.calibration_of(('events', 'points')).scale == 1.0


def test_load_bundle_takes_the_manifest_file_too(tiny_folder):
    assert load_bundle(tiny_folder / 'model.yaml').folder == tiny_folder


def test_load_bundle_finds_names_below_the_folders_of_the_variable(tiny_folder, monkeypatch):
    monkeypatch.setenv(
        'EVENTDEPTH_BUNDLES', os.pathsep.join(['/nowhere', str(tiny_folder.parent)])
    )

    assert load_bundle('tiny').folder == tiny_folder
    assert 'tiny' in [entry.name for entry in list_bundles()]


def test_a_shipped_bundle_comes_before_one_of_the_same_name(tiny_folder, tmp_path, monkeypatch):
    shipped = tmp_path / 'shipped'
    shipped.mkdir()
    (shipped / 'tiny').symlink_to(tiny_folder)
    monkeypatch.setattr(store, 'SHIPPED_FOLDER', shipped)
    monkeypatch.setenv('EVENTDEPTH_BUNDLES', str(tiny_folder.parent))

    assert load_bundle('tiny').folder == shipped / 'tiny'
    assert [entry.name for entry in list_bundles()] == ['tiny']


def test_every_shipped_bundle_loads_and_verifies():
    for entry in list_bundles():
        if entry.folder.parent == store.SHIPPED_FOLDER:
            assert load_bundle(entry.name).name == entry.name


def test_an_unknown_name_lists_what_there_is(tiny_folder, monkeypatch):
    monkeypatch.setenv('EVENTDEPTH_BUNDLES', str(tiny_folder.parent))

    with pytest.raises(BundleError, match=r"Expected the name of a bundle \(.*tiny.*got 'teeny'"):
        load_bundle('teeny')


def test_a_folder_without_manifest_is_an_error(tmp_path):
    with pytest.raises(BundleError, match=r'Expected a model\.yaml in .*, got none'):
        load_bundle(tmp_path)


def test_a_missing_graph_is_named(tiny_folder):
    (tiny_folder / 'fuse_decode.onnx').unlink()

    with pytest.raises(BundleError, match=r'graph fuse_decode .*fuse_decode\.onnx, got no such'):
        load_bundle(tiny_folder)


def test_a_changed_graph_is_a_checksum_error(tiny_folder):
    path = tiny_folder / 'complete.onnx'
    path.write_bytes(path.read_bytes() + b'\0')

    with pytest.raises(
        ChecksumError, match=r'Expected sha256 \w{64} for .*complete\.onnx'
    ) as error:
        load_bundle(tiny_folder)

    assert error.value.path == str(path)
    assert error.value.actual != error.value.expected


def test_verification_can_be_switched_off(tiny_folder):
    path = tiny_folder / 'complete.onnx'
    path.write_bytes(b'')

    assert load_bundle(tiny_folder, verify=False).graph('complete').path == path


def test_an_unknown_graph_is_an_error(tiny_bundle):
    with pytest.raises(BundleError, match=r"out of encode_events.* in bundle tiny, got 'denoise'"):
        tiny_bundle.graph('denoise')


def test_the_schema_is_installed_beside_the_code():
    from eventdepth_core.bundle import schema

    assert schema.SCHEMA_PATH.is_file()
    assert schema.SCHEMA_PATH.parent == Path(schema.__file__).parents[1]


@pytest.mark.parametrize('wrong', [None, 5, b'tiny', ['tiny']])
def test_what_is_no_name_and_no_path_is_refused(wrong):
    with pytest.raises(BundleError, match=r'Expected the name of a bundle or a path, got'):
        load_bundle(wrong)


def test_an_empty_name_is_not_the_current_folder(tiny_folder, monkeypatch):
    monkeypatch.chdir(tiny_folder)

    with pytest.raises(BundleError, match="Expected the name of a bundle or a folder, got ''"):
        load_bundle('')

    assert load_bundle('.').name == 'tiny'


@pytest.mark.parametrize('name', ['a' * 5000, '~no-such-user/tiny', 'a\0b'])
def test_a_name_that_no_file_system_takes_is_refused(name):
    with pytest.raises(BundleError, match='Expected the name of a bundle'):
        load_bundle(name)
