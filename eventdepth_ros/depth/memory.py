"""Giving memory back to the system after a model was freed."""

import ctypes
import gc


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
