"""
What a recording is known by: the sizes of its files and the bytes at both ends of each.

Laws: neither its name nor its place enters, so a copy has the fingerprint of its original;
reading costs at most 128 kB a file.

"""

import hashlib
from pathlib import Path

END_BYTES = 65_536


def fingerprint(path: Path) -> str:
    """Return 64 hexadecimal digits for the file or folder at `path`."""
    files = (
        [path] if path.is_file() else sorted(each for each in path.rglob('*') if each.is_file())
    )
    digests = sorted(_file_digest(file) for file in files)
    return hashlib.sha256(b''.join(digests)).hexdigest()


def _file_digest(file: Path) -> bytes:
    size = file.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with file.open('rb') as stream:
        digest.update(stream.read(END_BYTES))
        if size > END_BYTES:
            stream.seek(max(END_BYTES, size - END_BYTES))
            digest.update(stream.read(END_BYTES))
    return digest.digest()
