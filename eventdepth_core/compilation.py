"""
Compile kernels with numba and keep the machine code in a cache of our own.

The cache lies under `EVENTDEPTH_CACHE` (default: the user's cache folder), in a folder named after
the kernel's module and the `*kernel*.py` beside it, so that a changed callee or constant there
never meets a stale caller. A cache that cannot be written costs compile time, never the kernel:
one warning, then compile without it.

"""

from collections.abc import Callable
from functools import cache
import hashlib
import logging
import os
from pathlib import Path
import tempfile
from typing import cast, TypeAlias, TypeVar

import numba
from numba.core import config
import numpy as np

_logger = logging.getLogger(__name__)

# whole numbers as kernels take and return them: Python's outside, int64 inside
Integer: TypeAlias = int | np.int64

Kernel = TypeVar('Kernel', bound=Callable[..., object])


def kernel(function: Kernel) -> Kernel:
    """
    Compile `function` on its first call: no bounds checks, the interpreter lock released.

    The folder is chosen when the decorator runs, that is at import of the kernel's module.

    """
    return _compiled(function, set())


def summing_kernel(function: Kernel) -> Kernel:
    """Do as `kernel` does and let sums be made in any order, which turns them into vector code."""
    return _compiled(function, {'reassoc', 'nsz'})


def _compiled(function: Kernel, freedoms: set[str]) -> Kernel:
    folder = _writable(_folder_for(Path(function.__code__.co_filename)))
    previous = config.CACHE_DIR  # type: ignore[attr-defined]  # numba sets it when imported
    config.CACHE_DIR = '' if folder is None else str(folder)  # type: ignore[attr-defined]  # same
    try:
        compile_on_call = numba.njit(
            nogil=True, boundscheck=False, cache=folder is not None, fastmath=freedoms
        )
        return cast('Kernel', compile_on_call(function))
    finally:
        config.CACHE_DIR = previous  # type: ignore[attr-defined]  # same


def cache_folder() -> Path:
    """Return the folder for what can be made again: `EVENTDEPTH_CACHE` or the user's."""
    chosen = os.environ.get('EVENTDEPTH_CACHE')
    if chosen:
        return Path(chosen)
    return Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'eventdepth'


@cache
def _folder_for(module: Path) -> Path:
    digest = hashlib.sha256()
    for source in sorted({module, *module.parent.glob('*kernel*.py')}):
        digest.update(source.read_bytes())
    return cache_folder() / 'numba' / f'{module.parent.name}-{digest.hexdigest()[:12]}'


@cache
def _writable(folder: Path) -> Path | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        _warn_once(str(folder.parent), str(error))
        return None


@cache
def _warn_once(folder: str, reason: str) -> None:
    _logger.warning(
        'Expected a writable cache folder, got %s (%s): kernels compile at every start.',
        folder,
        reason,
    )
