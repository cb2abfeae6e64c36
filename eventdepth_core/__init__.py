"""
Dense metric depth with per-pixel uncertainty from event cameras, images and LiDAR.

Importing this package loads nothing but the standard library; each public name is imported from
its module when it is first used. It never loads torch or ROS.

"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventdepth_core.bundle import Bundle, list_bundles, load_bundle
    from eventdepth_core.errors import EventDepthError
    from eventdepth_core.pipeline import DepthPipeline, PipelineOptions
    from eventdepth_core.types import (
        Camera,
        DepthFrame,
        EVENT_DTYPE,
        Rectification,
        Rig,
        TRIGGER_DTYPE,
    )

_MODULE_OF = {
    'EVENT_DTYPE': 'types',
    'TRIGGER_DTYPE': 'types',
    'Bundle': 'bundle',
    'Camera': 'types',
    'DepthFrame': 'types',
    'DepthPipeline': 'pipeline',
    'EventDepthError': 'errors',
    'PipelineOptions': 'pipeline',
    'Rectification': 'types',
    'Rig': 'types',
    'list_bundles': 'bundle',
    'load_bundle': 'bundle',
}

__all__ = [
    'EVENT_DTYPE',
    'TRIGGER_DTYPE',
    'Bundle',
    'Camera',
    'DepthFrame',
    'DepthPipeline',
    'EventDepthError',
    'PipelineOptions',
    'Rectification',
    'Rig',
    'list_bundles',
    'load_bundle',
]


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    member: object = getattr(import_module(f'{__name__}.{_MODULE_OF[name]}'), name)
    globals()[name] = member
    return member


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return sorted(__all__)
