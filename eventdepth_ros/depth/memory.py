"""
How the process of a depth node holds memory: kept while it works, given back after a model.

glibc maps a large array anew each time and returns it at once; the first touch of its pages then
costs more than what is written into them (a window of events at 640x480 is 6 MB: 1 ms). It also
gives threads arenas of their own, up to eight a core: each that a model was loaded in keeps 17 MB.

"""

import ctypes
import gc
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
MAX_ARENAS: Final = 2
LARGEST_KEPT_BYTES: Final = 32 << 20  # the largest threshold that glibc takes


def keep_freed_memory() -> bool:
    """
    Let the allocator keep large blocks for the next array of their size, in few arenas.

    Returns
    -------
    bool
        Whether it will; only glibc can.

    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is None:
        return False
    is_kept = mallopt(M_ARENA_MAX, MAX_ARENAS) and mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
    return bool(is_kept and mallopt(M_TRIM_THRESHOLD, 8 * LARGEST_KEPT_BYTES))


def release_memory() -> None:
    """
    Free what is unreachable, and let the allocator return what it holds free.

    The parts of a configuration hold each other, and models are loaded in threads of their own,
    each of which may leave pages in another arena of glibc; elsewhere only the first half counts.

    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)
