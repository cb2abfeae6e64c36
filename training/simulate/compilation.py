"""
Compile the simulator's kernels: fast floats, no interpreter lock, machine code kept on disk.

The code lies in the cache folder of the core under the name of the sources' digest, because an
inlined callee that changed must never meet a stale caller.

"""

from collections.abc import Callable
from functools import cache
import hashlib
from pathlib import Path
from typing import Any, TypeVar

from eventdepth_core.compilation import cache_folder
import numba

# Any: the names in numba.config are made at run time.
config: Any = numba.config

Kernel = TypeVar('Kernel', bound=Callable[..., object])


# Kernels allocate nothing, so the counting of array references is off: a fifth of the time.
# Any: numba's stubs leave the option `_nrt` out.
_OPTIONS: dict[str, Any] = {
    'fastmath': True,
    'error_model': 'numpy',
    'nogil': True,
    '_nrt': False,
}


def kernel(function: Kernel) -> Kernel:
    """Compile a loop over pixels on its first call; it must not allocate arrays."""
    previous = config.CACHE_DIR
    config.CACHE_DIR = str(_cache_folder())
    try:
        compiled: Kernel = numba.njit(cache=True, **_OPTIONS)(function)
    finally:
        config.CACHE_DIR = previous
    return compiled


def inlined(function: Kernel) -> Kernel:
    """Make a function part of the kernels that call it: arrays are not passed again and again."""
    compiled: Kernel = numba.njit(inline='always', **_OPTIONS)(function)
    return compiled


@cache
def _cache_folder() -> Path:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob('*.py')):
        digest.update(source.read_bytes())
    folder = cache_folder() / 'numba' / f'simulate-{digest.hexdigest()[:12]}'
    folder.mkdir(parents=True, exist_ok=True)
    return folder
