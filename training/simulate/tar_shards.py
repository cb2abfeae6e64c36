"""
Shards as WebDataset tar files: one sample after the other, read without loading the shard.

A sample of key 00000250 has the members `00000250.npz` (voxel, log_depth, compressed),
`00000250.png` (image) and `00000250.json` (all else); fields are those of `shards`. Beside
`shard_00001.tar` lies `shard_00001.tar.sha256`, as `sha256sum` writes it. Readers of WebDataset
need nothing of ours.

Laws: the same samples give the same bytes; reading gives what was written, bit for bit; a shard is
either absent or complete; one that does not fit its checksum is refused.

"""

from collections.abc import Iterator
import hashlib
from io import BytesIO
import json
from pathlib import Path
import tarfile
from typing import Any, IO, TypeAlias
import zipfile

import cv2
from eventdepth_core.errors import RecordingError
import numpy as np
from numpy.typing import NDArray
from training.simulate.shards import empty_set, SampleSet

NUM_MEMBERS = 3
PLANES = ('voxel', 'log_depth')
_COLUMNS = ('intrinsics', 'family', 'texture_mode', 'num_events', 'sample_id')
_ZIP_LEVEL = 1
_CHUNK_BYTES = 1 << 20
# Any: an array of a dtype that depends on the field
Plane: TypeAlias = NDArray[Any]


def tar_path(folder: Path, number: int) -> Path:
    """Return where the shard of this number lies in the folder of its split."""
    return folder / f'shard_{number:05d}.tar'


def checksum_path(path: Path) -> Path:
    """Return where the checksum of a shard lies."""
    return path.with_name(f'{path.name}.sha256')


def write_tar(samples: SampleSet, path: Path) -> None:
    """Write a shard and its checksum; the shard gets its name last, in one step."""
    unfinished = path.with_suffix('.part')
    with tarfile.open(unfinished, 'w', format=tarfile.USTAR_FORMAT) as tar:
        for i in range(len(samples)):
            key = f'{int(samples.sample_id[i]):08d}'
            for suffix, content in _members(samples, i):
                member = tarfile.TarInfo(f'{key}.{suffix}')
                member.size = len(content)
                tar.addfile(member, BytesIO(content))
    checksum_path(path).write_text(f'{file_sha256(unfinished)}  {path.name}\n')
    unfinished.replace(path)


def read_tar(path: Path) -> Iterator[SampleSet]:
    """
    Yield the samples of a shard one by one, as sets of one sample.

    Raises
    ------
    RecordingError
        If the shard does not fit its checksum or is none.

    """
    check_shard(path)
    try:
        with tarfile.open(path, 'r|') as tar:
            yield from _grouped(tar)
    except (tarfile.TarError, zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise RecordingError(f'Expected a shard of samples in {path}, got {error}.') from error


def num_tar_samples(path: Path) -> int:
    """Return how many samples a shard has, from the headers of its members."""
    try:
        with tarfile.open(path, 'r:') as tar:
            return sum(name.endswith('.json') for name in tar.getnames())
    except tarfile.TarError as error:
        raise RecordingError(f'Expected a shard of samples in {path}, got {error}.') from error


def check_shard(path: Path) -> None:
    """
    Compare a shard with its checksum.

    Raises
    ------
    RecordingError
        If it is another or missing.

    """
    try:
        expected = checksum_path(path).read_text().split()[0]
    except (FileNotFoundError, IndexError, UnicodeDecodeError) as error:
        raise RecordingError(
            f'Expected the checksum of {path} in {checksum_path(path).name}, got none: delete the '
            'shard and repeat the command that made it.'
        ) from error
    found = file_sha256(path)
    if found != expected:
        raise RecordingError(
            f'Expected {path} with sha256 {expected[:12]}..., got {found[:12]}...: delete it and '
            'repeat the command that made it.'
        )


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _members(samples: SampleSet, i: int) -> Iterator[tuple[str, bytes]]:
    """Yield the suffix and content of each member of a sample."""
    columns = {name: getattr(samples, name)[i].tolist() for name in _COLUMNS}
    yield 'json', json.dumps(columns).encode()
    yield 'npz', _zipped({name: getattr(samples, name)[i] for name in PLANES})
    yield 'png', cv2.imencode('.png', samples.image[i][..., ::-1])[1].tobytes()


def _zipped(planes: dict[str, Plane]) -> bytes:
    """Return an .npz without the time of writing, which numpy's own have."""
    file = BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        for name, plane in planes.items():
            content = BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(plane), allow_pickle=False)
            entry = zipfile.ZipInfo(f'{name}.npy')
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue(), compresslevel=_ZIP_LEVEL)
    return file.getvalue()


def _grouped(tar: tarfile.TarFile) -> Iterator[SampleSet]:
    """Yield a sample whenever the three members of a key are there."""
    seen: dict[str, bytes] = {}
    for member in tar:
        file = tar.extractfile(member)
        if file is None:
            raise ValueError(f'a member {member.name!r} that is no file')
        seen[member.name.partition('.')[2]] = _content(file, member)
        if len(seen) == NUM_MEMBERS:
            yield _sample(seen)
            seen = {}
    if seen:
        raise ValueError(f'the end of the file after {sorted(seen)} of a sample')


def _content(file: IO[bytes], member: tarfile.TarInfo) -> bytes:
    content = file.read()
    if len(content) != member.size:
        raise EOFError(f'{len(content)} of {member.size} bytes of {member.name}')
    return content


def _sample(members: dict[str, bytes]) -> SampleSet:
    with np.load(BytesIO(members['npz']), allow_pickle=False) as planes:
        log_depth = planes['log_depth']
        sample = empty_set(1, (log_depth.shape[0], log_depth.shape[1]))
        for name in PLANES:
            getattr(sample, name)[0] = planes[name]
    for name, column in json.loads(members['json']).items():
        getattr(sample, name)[0] = column
    picture = cv2.imdecode(np.frombuffer(members['png'], np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError('an image that cannot be read')
    sample.image[0] = picture[..., ::-1]
    return sample
