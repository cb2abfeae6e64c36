"""
`model.yaml` -> `Bundle`: read, check against `bundle_schema.json`, convert.

Laws: an unknown or missing key is an error that names the file and the dotted key; YAML is read
by the safe loader only; a graph file lies directly in the bundle's folder.

"""

from collections.abc import Mapping
import json
from pathlib import Path
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
    content = _yaml_mapping(path)
    _check_version(path, content)
    _check_schema(path, content)
    bundle = _bundle(path.parent, content)
    _check_consistency(path, bundle)
    return bundle


def _yaml_mapping(path: Path) -> Manifest:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except FileNotFoundError as error:
        raise BundleError(f'Expected a manifest {path}, got no such file.') from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BundleError(f'Expected YAML in {path}, got {error}.') from error
    if not isinstance(content, dict):
        raise BundleError(f'Expected a mapping in {path}, got {type(content).__name__}.')
    return content


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
