"""
Object arrays of NumPy files, unpickled through an allow-list: arrays and nothing else.

A pickle is a program. Here the only names it may call are those that rebuild NumPy arrays, dtypes
and scalars; any other name ends the reading before it is imported. The result is then checked to
be made of arrays of numbers.

"""

from pathlib import Path
import pickle
from typing import Any, IO
from zipfile import BadZipFile, ZipFile

from eventdepth_core.errors import RecordingError
import numpy as np
from numpy.typing import NDArray

_CORES = ('numpy.core.multiarray', 'numpy._core.multiarray')
ALLOWED = frozenset(
    [(core, name) for core in _CORES for name in ('_reconstruct', 'scalar')]
    + [('numpy', 'ndarray'), ('numpy', 'dtype')]
)


class ArrayUnpickler(pickle.Unpickler):
    """Builds NumPy arrays, dtypes and scalars; refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 (as in pickle)
        """
        Return what an allowed name means.

        Raises
        ------
        RecordingError
            For any other name.

        """
        if (module, name) not in ALLOWED:
            raise RecordingError(
                f'Expected a pickle of NumPy arrays alone, got one that asks for {module}.{name}: '
                'the file is refused.'
            )
        # one name of the two exists in each NumPy; both mean the same function
        home = _multiarray() if module in _CORES else module
        return super().find_class(home, name)

    def persistent_load(self, pid: object) -> Any:  # noqa: ANN401 (as in pickle)
        """Refuse references to what lies outside of the pickle."""
        raise RecordingError(f'Expected a pickle of NumPy arrays alone, got a reference {pid!r}.')


def stamped_arrays(path: Path, member: str) -> list[tuple[NDArray[Any], float]] | None:
    """
    Return the pairs (array, time in seconds) of an object array (n, 2) of a .npz file.

    None where the file has no such member. Raises RecordingError for anything but such pairs.

    """
    try:
        with ZipFile(path) as archive:
            if f'{member}.npy' not in archive.namelist():
                return None
            with archive.open(f'{member}.npy') as file:
                pairs = _object_array(file)
    except (BadZipFile, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise RecordingError(f'Expected readable arrays in {path}, got: {error}.') from error
    except (AttributeError, IndexError, KeyError, TypeError) as error:  # of a broken pickle
        raise RecordingError(
            f'Expected a whole pickle of arrays in {path}, got: {error!r}.'
        ) from error
    return [_checked_pair(pair, f'{member} of {path}') for pair in pairs]


def _object_array(file: IO[bytes]) -> NDArray[Any]:
    """Return the array of a .npy file of objects."""
    version = np.lib.format.read_magic(file)
    read_header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = read_header(file)
    if not dtype.hasobject or len(shape) != 2 or shape[1] != 2:
        raise ValueError(f'an array of {dtype} {shape} instead of objects (n, 2)')
    array = ArrayUnpickler(file).load()
    if not isinstance(array, np.ndarray) or array.size != 2 * shape[0]:
        raise ValueError(f'{type(array).__name__} instead of an array {shape}')
    return array.reshape(shape)


def _checked_pair(pair: NDArray[Any], place: str) -> tuple[NDArray[Any], float]:
    values, stamp_s = pair
    is_array = isinstance(values, np.ndarray) and not values.dtype.hasobject
    if not is_array or not isinstance(stamp_s, (int, float, np.number)):
        raise RecordingError(
            f'Expected pairs of an array and a time in {place}, got {type(values).__name__} and '
            f'{type(stamp_s).__name__}.'
        )
    return values, float(stamp_s)


def _multiarray() -> str:
    """Return where this NumPy keeps the functions that rebuild arrays."""
    return _CORES[1] if np.lib.NumpyVersion(np.__version__) >= '2.0.0' else _CORES[0]
