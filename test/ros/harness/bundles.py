"""The tiny bundle of the core's tests as a folder that a node can load."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parents[2] / 'core' / 'conftest.py'


def write_tiny_bundle(folder: Path) -> Path:
    """Write the tiny bundle into a new `folder` and return it."""
    spec = spec_from_file_location('core_conftest', SOURCE)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    folder.mkdir(parents=True)
    manifest = module.tiny_manifest(folder)
    (folder / 'model.yaml').write_text(yaml.safe_dump(manifest, sort_keys=False))
    return folder
