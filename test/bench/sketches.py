"""
Earlier sketches of the same kernels, where a folder of them is given: yardsticks, no part of this.

The folder holds dec.py, dec2.py and dec3.py (numba) and k.c, which is compiled here where a C
compiler is found.

"""

import ctypes
import importlib
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile

import numba


def load(folder):
    """Return the modules of the sketches by name; empty where there is no such folder."""
    if not folder or not Path(folder, 'dec3.py').exists():
        return {}
    # their compiled code must not lie beside them
    numba.config.CACHE_DIR = os.environ.setdefault(
        'NUMBA_CACHE_DIR', str(Path(tempfile.gettempdir()) / 'eventdepth-sketches')
    )
    sys.path.append(str(folder))
    found = {name: importlib.import_module(name) for name in ('dec', 'dec2', 'dec3')}
    library = _compiled(Path(folder, 'k.c'))
    return found | ({'c': library} if library is not None else {})


def _compiled(source):
    compiler = shutil.which('cc') or shutil.which('gcc')
    if compiler is None or not source.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / 'k.so'
        command = [compiler, '-O3', '-march=native', '-fPIC', '-shared', '-o', library, source]
        if subprocess.run(command, check=False).returncode:
            return None
        return ctypes.CDLL(str(library))
