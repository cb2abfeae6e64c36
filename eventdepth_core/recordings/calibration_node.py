"""
A place in a calibration file that knows its own name.

Every reading error is a CameraFileError that names the file and the dotted key
(`intrinsics.cam0.camera_matrix`).

"""

from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.errors import CameraFileError
from eventdepth_core.types import Float64
import numpy as np
import yaml


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationNode:
    """A value of a YAML file at the dotted `key`; the root has the key ''."""

    path: Path
    key: str
    content: object

    def has(self, name: str) -> bool:
        """Return whether the node is a mapping with this name."""
        return isinstance(self.content, dict) and name in self.content

    def child(self, name: str) -> 'CalibrationNode':
        """Return the node below; CameraFileError where there is none."""
        key = f'{self.key}.{name}' if self.key else name
        if not isinstance(self.content, dict) or name not in self.content:
            raise CameraFileError(f'Expected the key {key} in {self.path}, got none.')
        return CalibrationNode(self.path, key, self.content[name])

    def numbers(self, *counts: int) -> tuple[float, ...]:
        """Return a flat list of numbers whose length is one of `counts`."""
        array = self._array()
        if array.ndim != 1 or len(array) not in counts:
            raise self.error(f'{" or ".join(map(str, counts))} numbers', f'shape {array.shape}')
        return tuple(float(number) for number in array)

    def matrix(self, *shape: int) -> Float64:
        """Return nested rows of numbers, or a flat list, as a matrix of `shape`."""
        array = self._array()
        if array.size != int(np.prod(shape)):
            raise self.error(f'a matrix of shape {shape}', f'shape {array.shape}')
        return array.reshape(shape)

    def size(self) -> tuple[int, int]:
        """Return (width, height) as calibration files write it."""
        width, height = self.numbers(2)
        return int(width), int(height)

    def choice(self, *choices: str) -> str:
        """Return a word out of `choices`."""
        if not isinstance(self.content, str) or self.content.lower() not in choices:
            raise self.error(f'a word out of {", ".join(choices)}', repr(self.content))
        return self.content.lower()

    def error(self, expected: str, got: str) -> CameraFileError:
        """Return the error of this place."""
        return CameraFileError(f'Expected {expected} at {self.key} in {self.path}, got {got}.')

    def _array(self) -> Float64:
        try:
            array = np.array(self.content, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise self.error('numbers', repr(self.content)) from error
        if not np.isfinite(array).all():
            raise self.error('finite numbers', repr(self.content))
        return array


def read_calibration(path: Path) -> CalibrationNode:
    """
    Return the root of a YAML calibration file.

    An OpenCV head line (`%YAML:1.0`) is passed over.

    Raises
    ------
    CameraFileError
        If the file is missing or no YAML mapping.

    """
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CameraFileError(f'Expected a calibration file at {path}, got: {error}.') from error
    return parsed_calibration(text, path)


def parsed_calibration(text: str, path: Path) -> CalibrationNode:
    """
    Return the root of the text of a YAML calibration file, which came from `path`.

    Raises
    ------
    CameraFileError
        If it is no YAML mapping.

    """
    if text.startswith('%YAML:'):
        text = text.partition('\n')[2]
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = ' '.join(str(error).split())
        raise CameraFileError(f'Expected YAML in {path}, got: {place}.') from error
    if not isinstance(content, dict):
        raise CameraFileError(f'Expected a YAML mapping in {path}, got {type(content).__name__}.')
    return CalibrationNode(path, '', content)
