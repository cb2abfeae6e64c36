"""Manifests that are wrong in one place, and manifests of later bundles."""

from eventdepth_core.bundle import load_bundle
from eventdepth_core.errors import BundleError
import pytest


def wrong(*keys, value):
    def edit(manifest):
        for key in keys[:-1]:
            manifest = manifest[key]
        manifest[keys[-1]] = value

    return edit


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (wrong('schema_version', value=2), r'Expected schema_version 1 in .*model\.yaml, got 2'),
        (wrong('task', value='guess'), r'model\.yaml: task to fit'),
        (wrong('inputs', 'events', 'bins', value='5'), r'inputs\.events\.bins to fit'),
        (wrong('inputs', 'events', 'bin', value=5), r"inputs\.events to fit.*'bin'"),
        (wrong('inputs', value={}), r'inputs to fit'),
        (wrong('grid', 'multiple', value=0), r'grid\.multiple to fit'),
        (wrong('latents', 0, 'stride', value=-4), r'latents\.0\.stride to fit'),
        (wrong('graphs', 'complete', 'sha256', value='abc'), r'graphs\.complete\.sha256 to fit'),
        (wrong('graphs', 'complete', 'file', value='../x.onnx'), r'graphs\.complete\.file to fit'),
        (wrong('calibration', 'PE', value={'pixel': 1, 'scale': 1}), r'calibration to fit'),
        (wrong('colour', value='blue'), r"the manifest to fit.*'colour'"),
        (wrong('latents', 1, 'name', value='fine'), r'different names, got'),
        (wrong('latents', 0, 'stride', value=3), r'multiple of the stride of latent fine, got 16'),
        (wrong('inputs', 'points', 'min_depth_m', value=300.0), r'min_depth_m below max_depth_m'),
    ],
)
def test_a_wrong_key_is_named_with_its_path(edit_manifest, edit, message):
    folder = edit_manifest(edit)

    with pytest.raises(BundleError, match=message):
        load_bundle(folder)


def test_a_missing_key_is_named(edit_manifest):
    folder = edit_manifest(lambda manifest: manifest.pop('canonical_focal_px'))

    with pytest.raises(BundleError, match='canonical_focal_px'):
        load_bundle(folder)


@pytest.mark.parametrize('text', ['a: [', '- a list', '', 'a: !!python/object:os.system {}', '\0'])
def test_what_is_no_plain_mapping_is_refused(tiny_folder, text):
    (tiny_folder / 'model.yaml').write_text(text)

    with pytest.raises(BundleError, match=r'Expected .*model\.yaml'):
        load_bundle(tiny_folder)


def test_an_image_only_bundle_with_relative_depth_is_allowed(edit_manifest):
    def edit(manifest):
        manifest.update(task='relative_depth', reference='image', latents=[])
        manifest['inputs'] = {
            'image': {'channels': 3, 'normalisation': 'imagenet', 'height': 192, 'width': 640},
        }
        manifest['graphs'] = {'decode': manifest['graphs']['complete']}
        for key in ('sensor', 'scheduler', 'calibration'):
            del manifest[key]

    bundle = load_bundle(edit_manifest(edit))

    assert bundle.inputs.modalities == ('image',)
    assert bundle.inputs.image.width == 640
    assert bundle.scheduler.default_steps == 0
    assert (bundle.outputs.min_depth_m, bundle.outputs.max_depth_m) == (0.1, 200.0)


def test_a_bundle_with_semantics_and_scheduler_steps_is_allowed(edit_manifest):
    def edit(manifest):
        manifest['inputs']['semantics'] = {'classes': ['road', 'sky']}
        manifest['graphs']['denoise_step'] = manifest['graphs']['complete']
        manifest['scheduler'] = {'default_steps': 1, 'steps': [[0.5, 0.1], [0.1, 0.0]]}
        manifest['provenance'] = {'seed': 1, 'commit': 'abc'}
        manifest['metrics'] = [{'profile': 'plain', 'abs_rel': 0.1}]

    bundle = load_bundle(edit_manifest(edit))

    assert bundle.inputs.semantics.classes == ('road', 'sky')
    assert bundle.scheduler.steps == ([0.5, 0.1], [0.1, 0.0])
    assert bundle.metrics[0]['profile'] == 'plain'


@pytest.mark.parametrize('number', [float('nan'), float('inf'), 10**400])
@pytest.mark.parametrize(
    'keys',
    [
        ('inputs', 'points', 'range_sigma_log'),
        ('calibration', 'E', 'pixel'),
        ('graphs', 'complete', 'gflop'),
        ('canonical_focal_px',),
    ],
)
def test_a_number_that_is_not_finite_is_named_with_its_path(edit_manifest, keys, number):
    folder = edit_manifest(wrong(*keys, value=number))

    with pytest.raises(BundleError, match=rf'{r"[.]".join(keys)} to be a finite number, got'):
        load_bundle(folder)


def test_a_record_of_metrics_may_hold_nan(edit_manifest):
    folder = edit_manifest(wrong('metrics', value=[{'abs_rel': float('nan')}]))

    assert load_bundle(folder).metrics[0]['abs_rel'] != 0.0


@pytest.mark.parametrize('line', ['task: metric_depth', 'grid: {pixels: 64, pixels: 80}'])
def test_a_key_that_stands_twice_is_named(tiny_folder, line):
    path = tiny_folder / 'model.yaml'
    path.write_text(f'{path.read_text()}{line}\n')

    with pytest.raises(BundleError, match=r"the key '(task|grid|pixels)' a second time"):
        load_bundle(tiny_folder)


@pytest.mark.parametrize('text', ['[' * 5000, 'provenance: ' + '{a: ' * 5000 + '}' * 5000])
def test_a_deep_nesting_is_refused(tiny_folder, text):
    (tiny_folder / 'model.yaml').write_text(text)

    with pytest.raises(BundleError, match=r'Expected .*model\.yaml: flat YAML'):
        load_bundle(tiny_folder)


@pytest.mark.parametrize('value', ['9' * 5000, '2026-99-99'])
def test_what_yaml_cannot_convert_is_refused(tiny_folder, value):
    (tiny_folder / 'model.yaml').write_text(f'version: {value}')

    with pytest.raises(BundleError, match=r'Expected YAML in .*model\.yaml'):
        load_bundle(tiny_folder)
