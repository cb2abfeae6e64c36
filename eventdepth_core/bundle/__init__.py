"""
Model bundles: a folder with a checked manifest (`model.yaml`), ONNX graphs and a card.

`load_bundle` finds, reads, checks and verifies; `list_bundles` says what there is.

"""

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
    subset_key,
)
from eventdepth_core.bundle.store import BundleEntry, list_bundles, load_bundle

__all__ = [
    'Bundle',
    'BundleEntry',
    'CalibrationFactors',
    'EventsInput',
    'GraphFile',
    'GridSize',
    'ImageInput',
    'Inputs',
    'Latent',
    'Outputs',
    'PointsInput',
    'Scheduler',
    'SemanticsInput',
    'SensorSize',
    'list_bundles',
    'load_bundle',
    'subset_key',
]
