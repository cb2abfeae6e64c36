"""
Streams of depth maps by key: a folder of .npy or .png, an .npz file or a recording.

A key is a number (a stamp in µs, or the digits that a file name ends in) or a name. Laws: keys
ascend; a picture is never read without being told what its numbers mean, and a recording, whose
maps are metres, never with another meaning.

"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import TokenError
from typing import get_args, Literal, TypeAlias
from zipfile import BadZipFile
import zlib

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation import LogCodec
from eventdepth_core.report.stereo_rig import StereoRig
from eventdepth_core.types import Bool, Float32
import numpy as np

Form: TypeAlias = Literal['metres', 'millimetres', 'png256', 'inverse', 'log_code']
FORMS: tuple[Form, ...] = get_args(Form)
Key: TypeAlias = tuple[int, str]  # numbers in order, then names in order
DepthMap: TypeAlias = tuple[Key, Float32]

# what numpy lets through for a damaged file; RuntimeError is for encrypted or unknown packing
_READ_ERRORS = (
    ValueError, EOFError, SyntaxError, TokenError, BadZipFile, zlib.error, RuntimeError,
    MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """
    What the numbers of files mean.

    `png256` is 1/256 m (1/256 px for disparities) with 0 for none, `inverse` 1/m, `log_code` the
    code of `codec`. With a `rig` metres become disparities, except those of `png256`, which are
    disparities then.

    """

    form: Form | None = None
    codec: LogCodec | None = None
    rig: StereoRig | None = None

    def told(self, values: Float32) -> Float32:
        """Return metres, pixels for disparities; NaN where there is none."""
        if self.rig is not None and self.form != 'png256':
            return self.rig.disparity(self._metres(values))
        return self._metres(values)

    def _metres(self, values: Float32) -> Float32:
        if self.form == 'log_code':
            if self.codec is None:
                raise InputError('Expected a profile with a log code for log_code, got none.')
            return self.codec.decode(values).astype(np.float32)
        if self.form == 'inverse':
            known = values > 0
            return np.divide(1.0, values, out=np.full_like(values, np.nan), where=known)
        divisor = {'millimetres': 1000.0, 'png256': 256.0}.get(self.form or 'metres', 1.0)
        scaled = values / np.float32(divisor)
        return np.where(values == 0, np.float32(np.nan), scaled) if divisor > 1.0 else scaled


@dataclass(frozen=True, slots=True)
class MapSource:
    """Where maps lie, the topic of a recording, what the numbers of files mean."""

    path: Path
    topic: str | None = None
    meaning: Meaning = field(default_factory=Meaning)

    @property
    def is_recording(self) -> bool:
        """Whether the keys are stamps in µs."""
        return self.path.suffix != '.npz' and not _map_files(self.path)


def depth_maps(source: MapSource) -> Iterator[DepthMap]:
    """
    Yield (key, float32 (H, W) or (B, H, W) metres) of a source, keys ascending.

    Raises
    ------
    InputError
        If the path does not exist, an array is not a map of numbers, or a picture comes without
        a meaning.
    RecordingError
        If a recording cannot be read or has no depth stream.

    """
    path, meaning = source.path, source.meaning
    if not path.exists():
        raise InputError(f'Expected depth maps at {path}, got no such file or folder.')
    if path.suffix == '.npz':
        return ((key, meaning.told(values)) for key, values in _from_npz(path))
    files = _map_files(path)
    if files:
        if meaning.form is None and any(file.suffix == '.png' for file in files):
            raise InputError(
                f'Expected what the numbers of the pictures in {path} mean ({", ".join(FORMS)}), '
                'got nothing.'
            )
        return ((key, meaning.told(values)) for key, values in _from_files(files))
    if meaning.form not in (None, 'metres'):
        raise InputError(
            f'Expected files for numbers that mean {meaning.form}, got the recording {path}.'
        )
    return ((key, meaning.told(values)) for key, values in _from_recording(path, source.topic))


def masks(source: MapSource) -> Iterator[tuple[Key, Bool]]:
    """Yield (key, bool (H, W)) of files: whether any channel of a pixel is not 0."""
    plain = MapSource(source.path, source.topic, Meaning('metres'))
    if plain.is_recording:
        raise InputError(f'Expected .npy, .png or .npz files of masks at {source.path}, got none.')
    for key, values in depth_maps(plain):
        has_channels = values.ndim == 3 and values.shape[-1] in (3, 4)
        yield key, (values[..., :3] != 0).any(axis=-1) if has_channels else values != 0


def key_of(name: str) -> Key:
    """Return the key of a file name without suffix, or of a stamp: its last digits, or itself."""
    digits = name[len(name.rstrip('0123456789')) :]
    return (int(digits), name[: len(name) - len(digits)]) if digits else (-1, name)


def _map_files(path: Path) -> list[Path]:
    """Return the maps of a folder in the order of their keys; .npy before .png."""
    if not path.is_dir():
        return []
    for suffix in ('.npy', '.png'):
        files = sorted(path.glob(f'*{suffix}'), key=lambda file: key_of(file.stem))
        is_recording = any(path.glob('*.txt')) or any(path.glob('*.bin'))
        if files and not (suffix == '.png' and is_recording):
            return files
    return []


def _from_npz(path: Path) -> Iterator[DepthMap]:
    with _readable(str(path)):
        arrays = np.load(path, allow_pickle=False)
    if not isinstance(arrays, np.lib.npyio.NpzFile):
        raise InputError(f'Expected an .npz file at {path}, got a single array.')
    with arrays:
        for name in sorted(arrays.files, key=key_of):
            place = f'{path}:{name}'
            with _readable(place):
                array = arrays[name]
            yield key_of(name), _checked(array, place)


def _from_files(files: list[Path]) -> Iterator[DepthMap]:
    import cv2

    for file in files:
        with _readable(str(file)):
            is_array = file.suffix == '.npy'
            array = (
                np.load(file, allow_pickle=False)
                if is_array
                else cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            )
        if array is None:
            raise InputError(f'Expected a picture in {file}, got none that can be read.')
        yield key_of(file.stem), _checked(array, str(file))


@contextmanager
def _readable(place: str) -> Iterator[None]:
    """Turn what a damaged file raises into InputError."""
    try:
        yield
    except _READ_ERRORS as error:
        text = str(error) or type(error).__name__
        raise InputError(f'Expected arrays of numbers in {place}, got: {text}') from error


def _from_recording(path: Path, topic: str | None) -> Iterator[DepthMap]:
    from eventdepth_core.recordings import open_recording
    from eventdepth_core.types import DepthSample

    with open_recording(path, topics=None if topic is None else {'depth': topic}) as recording:
        for sample in recording.samples():
            if isinstance(sample, DepthSample):
                yield key_of(str(sample.stamp_us)), sample.depth_m


def _checked(array: object, place: str) -> Float32:
    maps = np.asarray(array)
    if maps.ndim not in (2, 3) or not np.issubdtype(maps.dtype, np.number):
        raise InputError(
            f'Expected numbers of shape (H, W) or (B, H, W) in {place}, '
            f'got {maps.dtype} {maps.shape}.'
        )
    return maps.astype(np.float32)
