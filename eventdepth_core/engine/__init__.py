"""
Engines run the graphs of a bundle: one protocol, one module a backend.

`load_engine` picks by name; onnxruntime is the default and needs nothing but the wheel.

"""

from eventdepth_core.engine.loading import ENGINE_NAMES, load_engine
from eventdepth_core.engine.protocol import Engine, Tensors

__all__ = ['ENGINE_NAMES', 'Engine', 'Tensors', 'load_engine']
