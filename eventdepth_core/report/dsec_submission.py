"""
Files for the disparity benchmark of DSEC: one folder of PNG a sequence, and the zip to upload.

A stamp file has lines `timestamp_us, file_index`, comma and space between; a disparity picture is
uint16, 480x640, 256 disparity + 0.5 rounded down, 0 for none, and is named after the index in six
digits.

Laws: nothing is written unless every stamp has a map of the right size; disparities that do not
fit are clipped and counted; the zip holds the pictures of all sequences written so far and
nothing else.

"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
import zipfile

from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.report.comparison.depth_maps import DepthMap
from eventdepth_core.report.stereo_rig import StereoRig
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray

SIZE: Final = (480, 640)
SCALE: Final = 256.0
MAX_VALUE: Final = 65535
DELIMITER: Final = ', '
HEADER: Final = f'# timestamp_us{DELIMITER}file_index'
ZIP_NAME: Final = 'submission.zip'
TEST_SEQUENCES: Final = (
    'interlaken_00_a', 'interlaken_00_b', 'interlaken_01_a', 'thun_01_a', 'thun_01_b',
    'zurich_city_12_a', 'zurich_city_13_a', 'zurich_city_13_b', 'zurich_city_14_a',
    'zurich_city_14_b', 'zurich_city_14_c', 'zurich_city_15_a',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a disparity is asked for, and the index that its file is named after."""

    stamp_us: int
    index: int


@dataclass(frozen=True, slots=True)
class WrittenSequence:
    """What was written, and how many pixels had no disparity or one that does not fit."""

    name: str
    num_pictures: int
    num_missing: int
    num_clipped: int
    absent: tuple[str, ...]


def read_stamps(path: Path) -> tuple[Stamp, ...]:
    """
    Read a stamp file, stamps ascending.

    Raises
    ------
    RecordingError
        If it cannot be read, or a line is not two integers.

    """
    try:
        lines = path.read_text(encoding='utf-8').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f'Expected a stamp file at {path}, got: {error}') from error
    stamps = []
    for line in filter(None, (each.partition('#')[0].strip() for each in lines)):
        first, _, second = line.partition(',')
        if not (first.strip().isdigit() and second.strip().isdigit()):
            raise RecordingError(f'Expected "timestamp_us, index" in {path}, got {line!r}.')
        stamps.append(Stamp(int(first), int(second)))
    if not stamps:
        raise RecordingError(f'Expected stamps in {path}, got none.')
    return tuple(sorted(stamps, key=lambda stamp: stamp.stamp_us))


def write_sequence(
    folder: Path,
    name: str,
    maps: Iterator[DepthMap],
    stamps: Sequence[Stamp],
    rig: StereoRig | None,
    *,
    tolerance_us: int,
) -> WrittenSequence:
    """
    Write the pictures of one sequence, its stamp file and the zip of all sequences.

    Parameters
    ----------
    folder : Path
        Of the submission; gets a folder and a .csv file called `name`.
    name : str
        The sequence.
    maps : iterator of (key, float32 (480, 640))
        Depth in metres by stamp in µs, ascending; disparity in pixels where `rig` is None.
    stamps : sequence of Stamp
        What is asked for, ascending.
    rig : StereoRig, optional
        Turns depth into disparity.
    tolerance_us : int
        How far a map's stamp may be from the one asked for.

    Raises
    ------
    InputError
        If a stamp has no map, or a map has another size.

    """
    found = _at_stamps(maps, stamps, tolerance_us)
    pictures, num_missing, num_clipped = {}, 0, 0
    for stamp, map_m in zip(stamps, found, strict=True):
        disparity_px = map_m if rig is None else rig.disparity(map_m)
        pictures[f'{stamp.index:06d}.png'] = disparity_picture(disparity_px)
        num_missing += int((~np.isfinite(disparity_px)).sum())
        num_clipped += int((disparity_px * SCALE > MAX_VALUE).sum())
    _write_pictures(folder / name, pictures)
    rows = [f'{stamp.stamp_us}{DELIMITER}{stamp.index}' for stamp in stamps]
    (folder / f'{name}.csv').write_text('\n'.join([HEADER, *rows, '']), encoding='utf-8')
    absent = _write_zip(folder)
    return WrittenSequence(name, len(pictures), num_missing, num_clipped, absent)


def disparity_picture(disparity_px: Float32) -> NDArray[np.uint16]:
    """Return a disparity map as uint16 of the same shape; what is not finite and > 0 is 0."""
    known = np.isfinite(disparity_px) & (disparity_px > 0)
    scaled = np.where(known, disparity_px, 0).astype(np.float64) * SCALE
    return np.minimum(np.floor(scaled + 0.5), MAX_VALUE).astype(np.uint16)


def _at_stamps(
    maps: Iterator[DepthMap], stamps: Sequence[Stamp], tolerance_us: int
) -> list[Float32]:
    """Return the nearest map of each stamp, or say which have none."""
    nearest: dict[Stamp, tuple[int, Float32]] = {}
    times = np.array([stamp.stamp_us for stamp in stamps])
    for (stamp_us, _), map_m in maps:
        k = int(np.argmin(np.abs(times - stamp_us)))
        distance = abs(int(times[k]) - stamp_us)
        if distance > min(tolerance_us, nearest.get(stamps[k], (tolerance_us, map_m))[0]):
            continue
        if map_m.shape != SIZE:
            raise InputError(f'Expected maps of {SIZE} at {stamp_us} µs, got {map_m.shape}.')
        nearest[stamps[k]] = (distance, map_m)
    missing = [stamp.stamp_us for stamp in stamps if stamp not in nearest]
    if missing:
        raise InputError(
            f'Expected a map within {tolerance_us} µs of each of {len(stamps)} stamps, got none '
            f'at {missing[:5]}{" ..." if len(missing) > 5 else ""} µs.'
        )
    return [nearest[stamp][1] for stamp in stamps]


def _write_pictures(folder: Path, pictures: dict[str, NDArray[np.uint16]]) -> None:
    import cv2

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob('*.png'):
        old.unlink()
    for name, picture in pictures.items():
        if not cv2.imwrite(str(folder / name), picture):
            raise InputError(f'Expected a folder that can be written at {folder}, got none.')


def _write_zip(folder: Path) -> tuple[str, ...]:
    """Pack every test sequence that is there; return those that are not."""
    there = [name for name in TEST_SEQUENCES if any((folder / name).glob('*.png'))]
    with zipfile.ZipFile(folder / ZIP_NAME, 'w', zipfile.ZIP_STORED) as archive:
        for name in there:
            for file in sorted((folder / name).glob('*.png')):
                archive.write(file, f'{name}/{file.name}')
    return tuple(name for name in TEST_SEQUENCES if name not in there)
