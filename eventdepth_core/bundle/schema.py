"""
`model.yaml` -> `Bundle`: read, check against `bundle_schema.json`, convert.

Laws: an unknown or missing key is an error that names the file and the dotted key; YAML is read
by the safe loader only, and a key stands once; numbers are finite, but for the records
`provenance` and `metrics`, with which nothing is computed; a graph file lies directly in the
bundle's folder.

"""

from collections.abc import Hashable, Mapping
import json
from pathlib import Path
import sys
from types import MappingProxyType
from typing import Any

from eventdepth_core.bundle.manifest import (
    Bundle,
    CalibrationFactors,
    EventsInput,
    GraphFile,
    GridSize,
    ImageInput,
    Inputs,
    Latent,
    Outputs,
    PointsInput,
    Scheduler,
    SemanticsInput,
    SensorSize,
)
from eventdepth_core.errors import BundleError

MANIFEST_NAME = 'model.yaml'
SCHEMA_VERSION = 1
SCHEMA_PATH = Path(__file__).parents[1] / 'bundle_schema.json'
UNCHECKED_RECORDS = ('provenance', 'metrics')
DEFAULT_SENSOR = SensorSize(multiple=16, max_pixels=500_000)

# The elements of a YAML mapping have the types that the schema promises, which mypy cannot see.
Manifest = Mapping[str, Any]


def read_manifest(path: Path) -> Bundle:
    """
    Read and check the manifest at `path`.

    Raises
    ------
    BundleError
        If it is unreadable, no YAML mapping, or not what the schema says.

    """
    try:
        content = _yaml_mapping(path)
        _check_version(path, content)
        _check_schema(path, content)
        _check_numbers(path, content)
    except RecursionError as error:
        raise BundleError(f'Expected {path}: flat YAML, got too deep a nesting.') from error
    bundle = _bundle(path.parent, content)
    _check_consistency(path, bundle)
    return bundle


def _yaml_mapping(path: Path) -> Manifest:
    import yaml

    try:
        content = _unique_keys(path.read_text(encoding='utf-8'))
    except FileNotFoundError as error:
        raise BundleError(f'Expected a manifest {path}, got no such file.') from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: no UTF-8, no number, no date
        raise BundleError(f'Expected YAML in {path}, got {error}.') from error
    if not isinstance(content, dict):
        raise BundleError(f'Expected a mapping in {path}, got {type(content).__name__}.')
    return content


def _unique_keys(text: str) -> object:
    """Load YAML by the safe loader; a key that stands twice in a mapping is an error."""
    import yaml

    class UniqueKeyLoader(yaml.SafeLoader):
        def construct_mapping(
            self, node: yaml.MappingNode, deep: bool = False
        ) -> dict[Hashable, object]:
            seen = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f'the key {key.value!r} a second time',
                        problem_mark=key.start_mark,
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    return yaml.load(text, UniqueKeyLoader)  # a safe loader


def _check_version(path: Path, content: Manifest) -> None:
    version = content.get('schema_version')
    if version != SCHEMA_VERSION:
        raise BundleError(f'Expected schema_version {SCHEMA_VERSION} in {path}, got {version!r}.')


def _check_schema(path: Path, content: Manifest) -> None:
    import jsonschema

    schema = json.loads(SCHEMA_PATH.read_text(encoding='utf-8'))
    validator = jsonschema.Draft202012Validator(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(content))
    if error is None:
        return
    key = '.'.join(str(part) for part in error.absolute_path) or 'the manifest'
    raise BundleError(f'Expected {path}: {key} to fit its schema, got: {error.message}.')


def _check_numbers(path: Path, content: Manifest) -> None:
    for key, value in content.items():
        if key not in UNCHECKED_RECORDS:
            _check_finite(path, str(key), value)


def _check_finite(path: Path, key: str, value: object) -> None:
    """Check all numbers in `value`, which stands at the dotted `key`."""
    if isinstance(value, dict):
        for name, child in value.items():
            _check_finite(path, f'{key}.{name}', child)
    elif isinstance(value, list):
        for i, child in enumerate(value):
            _check_finite(path, f'{key}.{i}', child)
    # Larger integers than any float are not finite either: they cannot be computed with.
    elif isinstance(value, int | float) and not abs(value) <= sys.float_info.max:
        shown = value if isinstance(value, float) else 'an integer beyond every float'
        raise BundleError(f'Expected {path}: {key} to be a finite number, got {shown}.')


def _check_consistency(path: Path, bundle: Bundle) -> None:
    names = [latent.name for latent in bundle.latents]
    if len(set(names)) != len(names):
        raise BundleError(f'Expected {path}: latents to have different names, got {names}.')
    for latent in bundle.latents:
        if bundle.grid.multiple % latent.stride:
            raise BundleError(
                f'Expected {path}: grid.multiple to be a multiple of the stride of latent '
                f'{latent.name}, got {bundle.grid.multiple} and {latent.stride}.'
            )
    if bundle.outputs.min_depth_m >= bundle.outputs.max_depth_m:
        raise BundleError(
            f'Expected {path}: min_depth_m below max_depth_m, '
            f'got {bundle.outputs.min_depth_m} and {bundle.outputs.max_depth_m}.'
        )


def _bundle(folder: Path, content: Manifest) -> Bundle:
    sensor = content.get('sensor')
    calibration = content.get('calibration', {})
    return Bundle(
        folder=folder,
        name=content['name'],
        version=content['version'],
        task=content['task'],
        reference=content['reference'],
        licence=content['licence'],
        inputs=_inputs(content['inputs']),
        grid=GridSize(**content['grid']),
        sensor=SensorSize(**sensor) if sensor else DEFAULT_SENSOR,
        canonical_focal_px=float(content['canonical_focal_px']),
        latents=tuple(Latent(**latent) for latent in content.get('latents', ())),
        graphs=_graphs(folder, content['graphs']),
        scheduler=_scheduler(content.get('scheduler')),
        outputs=_outputs(content),
        calibration=MappingProxyType(
            {key: CalibrationFactors(**factors) for key, factors in calibration.items()}
        ),
        provenance=MappingProxyType(content.get('provenance', {})),
        data_licences=tuple(content.get('data_licences', ())),
        metrics=tuple(MappingProxyType(row) for row in content.get('metrics', ())),
        description=content.get('description', ''),
        precision=content.get('precision', 'float32'),
        gflop=content.get('gflop'),
    )


def _inputs(content: Manifest) -> Inputs:
    semantics = content.get('semantics')
    return Inputs(
        events=EventsInput(**content['events']) if 'events' in content else None,
        image=ImageInput(**content['image']) if 'image' in content else None,
        points=PointsInput(**content['points']) if 'points' in content else None,
        semantics=SemanticsInput(tuple(semantics['classes'])) if semantics else None,
    )


def _graphs(folder: Path, content: Manifest) -> Mapping[str, GraphFile]:
    return MappingProxyType(
        {
            name: GraphFile(
                name=name,
                path=folder / graph['file'],
                sha256=graph['sha256'],
                gflop=graph.get('gflop'),
            )
            for name, graph in content.items()
        }
    )


def _scheduler(content: Manifest | None) -> Scheduler:
    if content is None:
        return Scheduler()
    return Scheduler(content['default_steps'], tuple(content['steps']))


def _outputs(content: Manifest) -> Outputs:
    points = content['inputs'].get('points', {})
    limits = {key: points[key] for key in ('min_depth_m', 'max_depth_m') if key in points}
    return Outputs(**{**limits, **content['outputs']})
