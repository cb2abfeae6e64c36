"""
What an interrupted conversion needs to go on: one small JSON file in the partial folder.

It is replaced whole, so it always tells a state that was reached, and it names source and options:
another source, or the same one changed, cannot be taken up by mistake.

"""

from collections.abc import Mapping
import hashlib
import json
from pathlib import Path

from eventdepth_core.conversion.options import ConversionOptions
from eventdepth_core.errors import RecordingError

JOURNAL_NAME = 'progress.json'
JOURNAL_VERSION = 1


class Journal:
    """The journal of the conversion of `source` into the partial folder `folder`."""

    def __init__(self, folder: Path, source: Path, options: ConversionOptions) -> None:
        self._path = folder / JOURNAL_NAME
        self._fingerprint = _fingerprint(source, options)

    def read(self) -> dict[str, object] | None:
        """
        Return the last state that was written, None without one.

        Raises
        ------
        RecordingError
            If it is of another source or other options, or unreadable.

        """
        if not self._path.is_file():
            return None
        try:
            content = json.loads(self._path.read_text(encoding='utf-8'))
            fingerprint, state = content['fingerprint'], dict(content['state'])
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(
                f'Expected the journal of a conversion in {self._path}, got: {error!r}. '
                'Without resume the conversion starts anew.'
            ) from error
        if fingerprint != self._fingerprint:
            raise RecordingError(
                f'Expected the same source and options as in {self._path} to resume, got others. '
                'Without resume the conversion starts anew.'
            )
        return state

    def write(self, state: Mapping[str, object]) -> None:
        """Replace the state as a whole."""
        content = {'fingerprint': self._fingerprint, 'state': dict(state)}
        beside = self._path.with_suffix('.new')
        with beside.open('w', encoding='utf-8') as file:
            json.dump(content, file)
        beside.replace(self._path)

    def remove(self) -> None:
        """Remove the file, which a complete conversion does not need."""
        if self._path.is_file():  # in the place of the folder may stand a file
            self._path.unlink()


def _fingerprint(source: Path, options: ConversionOptions) -> str:
    """Return a digest of the source's files and of all that decides what is written."""
    files = sorted(source.rglob('*')) if source.is_dir() else [source]
    stats = [(str(file), file.stat()) for file in files if file.is_file()]
    described = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    decisive = [
        options.form,
        options.is_events_only,
        str(options.names),
        str(options.dataset),
        sorted(options.source_topics.items()),
        str(options.camera_path),
        options.fov_deg,
        options.encoding,
        options.packet_us,
        options.split_bytes,
        options.shift_us,
        options.allows_loss,
    ]
    text = json.dumps([JOURNAL_VERSION, str(source.resolve()), described, decisive])
    return hashlib.sha256(text.encode()).hexdigest()
