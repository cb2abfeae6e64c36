"""
`eventdepth evaluate`: predicted depth against reference depth under a named profile.

Both sides are a folder of .npy files, an .npz file or a recording with a depth stream (for a
depth.mcap of `eventdepth replay` the topic of the depth images). Maps are paired by file name,
by array name or by stamp in µs. Law: an unpaired map is counted and said, never guessed at.

"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import math
from pathlib import Path
from tokenize import TokenError
from typing import TypeAlias
from zipfile import BadZipFile
import zlib

from eventdepth_core.errors import InputError
from eventdepth_core.types import Float32

SUMMARY = 'Compare predicted depth with reference depth under a named profile.'
DEPTH_TOPIC = '/eventdepth/depth/image'
STD_TOPIC = '/eventdepth/depth/std'

# what numpy lets through for a damaged file; RuntimeError is for encrypted or unknown packing
_READ_ERRORS = (
    ValueError, EOFError, SyntaxError, TokenError, BadZipFile, zlib.error, RuntimeError,
    MemoryError,
)  # fmt: skip

Key: TypeAlias = tuple[int, str]  # numbers in order, then names in order


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean metrics over the pairs, and how many maps had no partner."""

    metrics: Mapping[str, float]
    num_pairs: int
    num_unpaired: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('predicted', type=Path, help='folder of .npy, .npz file or recording')
    parser.add_argument('target', type=Path, help='reference depth, in the same forms')
    parser.add_argument('--profile', default='plain', help='evaluation profile (%(default)s)')
    parser.add_argument('--std', type=Path, help='standard deviations, in the same forms')
    parser.add_argument(
        '--topic', default=DEPTH_TOPIC, help='depth topic of a predicted bag (%(default)s)'
    )
    parser.add_argument('--target-topic', help='depth topic of a target bag')
    parser.add_argument(
        '--std-topic', default=STD_TOPIC, help='topic of a bag named by --std (%(default)s)'
    )
    parser.add_argument('--json', type=Path, help='file to write the metrics to')


def run(arguments: argparse.Namespace) -> int:
    """Print the mean metrics of all pairs; an error if there is no pair."""
    from rich.console import Console
    from rich.table import Table

    std = None if arguments.std is None else depth_maps(arguments.std, arguments.std_topic)
    comparison = compare(
        depth_maps(arguments.predicted, arguments.topic),
        depth_maps(arguments.target, arguments.target_topic),
        profile=arguments.profile,
        std=std,
    )
    if comparison.num_pairs == 0:
        raise InputError(
            f'Expected depth maps of equal name or stamp in {arguments.predicted} and '
            f'{arguments.target}, got none.'
        )
    table = Table('metric', 'value', title=f'profile {arguments.profile}')
    for name, value in comparison.metrics.items():
        table.add_row(name, f'{value:.6g}')
    console = Console()
    console.print(table)
    console.print(f'{comparison.num_pairs} pairs, {comparison.num_unpaired} maps without partner')
    if arguments.json is not None:
        _write_json(arguments.json, arguments.profile, comparison)
    return 0


def compare(
    predicted: Iterator[tuple[Key, Float32]],
    target: Iterator[tuple[Key, Float32]],
    *,
    profile: str,
    std: Iterator[tuple[Key, Float32]] | None = None,
) -> Comparison:
    """
    Join streams of (key, map in metres), each in ascending order of its keys, and average.

    Metrics are means over the pairs where they are numbers, `n` and `num_images` sums.

    """
    from eventdepth_core.evaluation import evaluate
    from eventdepth_core.evaluation.metric_means import mean_metrics

    rows, num_unpaired = [], 0
    pending_std = _Lookahead(iter(())) if std is None else _Lookahead(std)
    for key, predicted_m, target_m in _joined(predicted, target):
        if predicted_m is None or target_m is None:
            num_unpaired += 1
            continue
        std_m = pending_std.find(key) if std is not None else None
        rows.append(evaluate(predicted_m, target_m, profile=profile, std_m=std_m))
    return Comparison(mean_metrics(rows), len(rows), num_unpaired)


def depth_maps(path: Path, topic: str | None = None) -> Iterator[tuple[Key, Float32]]:
    """
    Yield (key, float32 (H, W) metres) of a folder, an .npz file or a recording, keys ascending.

    Raises
    ------
    InputError
        If the path does not exist or an array is not a map of numbers.
    RecordingError
        If a recording cannot be read or has no depth stream.

    """
    if not path.exists():
        raise InputError(f'Expected depth maps at {path}, got no such file or folder.')
    if path.suffix == '.npz':
        return _from_npz(path)
    if path.is_dir() and any(path.glob('*.npy')):
        return _from_folder(path)
    return _from_recording(path, topic)


def _from_npz(path: Path) -> Iterator[tuple[Key, Float32]]:
    import numpy as np

    with _readable(str(path)):
        arrays = np.load(path, allow_pickle=False)
    if not isinstance(arrays, np.lib.npyio.NpzFile):
        raise InputError(f'Expected an .npz file at {path}, got a single array.')
    with arrays:
        for name in sorted(arrays.files, key=_key):
            place = f'{path}:{name}'
            with _readable(place):
                array = arrays[name]
            yield _key(name), _checked(array, place)


def _from_folder(path: Path) -> Iterator[tuple[Key, Float32]]:
    import numpy as np

    for file in sorted(path.glob('*.npy'), key=lambda file: _key(file.stem)):
        with _readable(str(file)):
            array = np.load(file, allow_pickle=False)
        yield _key(file.stem), _checked(array, str(file))


@contextmanager
def _readable(place: str) -> Iterator[None]:
    """Turn what a damaged file raises into InputError."""
    try:
        yield
    except _READ_ERRORS as error:
        text = str(error) or type(error).__name__
        raise InputError(f'Expected arrays of numbers in {place}, got: {text}') from error


def _from_recording(path: Path, topic: str | None) -> Iterator[tuple[Key, Float32]]:
    from eventdepth_core.recordings import open_recording
    from eventdepth_core.types import DepthSample

    with open_recording(path, topics=None if topic is None else {'depth': topic}) as recording:
        for sample in recording.samples():
            if isinstance(sample, DepthSample):
                yield _key(str(sample.stamp_us)), sample.depth_m


def _key(name: str) -> Key:
    return (int(name), '') if name.isdigit() else (-1, name)


def _checked(array: object, place: str) -> Float32:
    import numpy as np

    depth_m = np.asarray(array)
    if depth_m.ndim not in (2, 3) or not np.issubdtype(depth_m.dtype, np.number):
        raise InputError(
            f'Expected numbers of shape (H, W) or (B, H, W) in {place}, '
            f'got {depth_m.dtype} {depth_m.shape}.'
        )
    return depth_m.astype(np.float32)


def _joined(
    predicted: Iterator[tuple[Key, Float32]], target: Iterator[tuple[Key, Float32]]
) -> Iterator[tuple[Key, Float32 | None, Float32 | None]]:
    """Yield each key once, ascending, with its map on either side or None."""
    left, right = next(predicted, None), next(target, None)
    while left is not None or right is not None:
        key = min(side[0] for side in (left, right) if side is not None)
        is_left = left is not None and left[0] == key
        is_right = right is not None and right[0] == key
        yield (
            key,
            left[1] if left is not None and is_left else None,
            right[1] if right is not None and is_right else None,
        )
        left = next(predicted, None) if is_left else left
        right = next(target, None) if is_right else right


class _Lookahead:
    """Finds keys, asked for in ascending order, in an ascending stream."""

    def __init__(self, stream: Iterator[tuple[Key, Float32]]) -> None:
        self._stream = stream
        self._next = next(stream, None)

    def find(self, key: Key) -> Float32 | None:
        """Return the map of a key, None where the stream has none."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._stream, None)
        return self._next[1] if self._next is not None and self._next[0] == key else None


def _write_json(path: Path, profile: str, comparison: Comparison) -> None:
    import json

    metrics = {k: v if math.isfinite(v) else None for k, v in comparison.metrics.items()}
    content = {
        'profile': profile,
        'num_pairs': comparison.num_pairs,
        'num_unpaired': comparison.num_unpaired,
        'metrics': metrics,
    }
    try:
        path.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')
    except OSError as error:
        raise InputError(
            f'Expected a file that can be written at {path}, got {error.strerror}.'
        ) from error
