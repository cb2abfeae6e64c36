"""
Errors of the library: one family, each class named by what was wrong.

Every message has the form "Expected ..., got ..." and names the thing, the value and the place.
`reason` is a short constant word under which replay and nodes count a dropped input.

"""

from collections.abc import Iterator
from contextlib import contextmanager


class EventDepthError(Exception):
    """Base of every error that this library raises on purpose."""

    reason = 'error'


class InputError(EventDepthError, ValueError):
    """An argument at a public boundary has the wrong shape, dtype, range or order."""

    reason = 'bad_input'


class LatePoseError(InputError):
    """A pose whose stamp does not lie after that of the pose before."""

    reason = 'late_pose'


class UnsupportedInputError(InputError):
    """An input of a kind that the loaded bundle or rig cannot use."""

    reason = 'unsupported_input'


class DecodeError(EventDepthError):
    """Bytes that cannot be decoded."""

    reason = 'undecodable'


class UnknownEncodingError(DecodeError):
    """
    An event packet in an encoding without a packet decoder.

    `encoding` is what came, `known` the names that would have been accepted; `remark` says what
    an encoding is that is known and not decoded.

    """

    reason = 'unknown_encoding'

    def __init__(self, encoding: str, known: tuple[str, ...], remark: str = '') -> None:
        self.encoding = encoding
        self.known = known
        self.remark = remark
        super().__init__(
            f'Expected an event encoding out of {", ".join(known)}, got {encoding!r}'
            f'{f": {remark}" if remark else ""}.'
        )


class StreamChangedError(DecodeError):
    """The sensor size or the encoding changed in the middle of an event stream."""

    reason = 'stream_changed'


class RecordingError(EventDepthError):
    """A recording that cannot be opened or read on."""

    reason = 'bad_recording'


class CameraFileError(EventDepthError):
    """A calibration file that is unreadable, of an unknown schema or incomplete."""

    reason = 'bad_camera_file'


class MissingCameraError(EventDepthError):
    """A recording or input without the camera that its use needs."""

    reason = 'missing_camera'


class BundleError(EventDepthError):
    """A model bundle that is missing, incomplete or contradicts its manifest."""

    reason = 'bad_bundle'


class ChecksumError(BundleError):
    """
    A file of a bundle whose sha256 differs from the manifest's.

    `path`, `expected` and `actual` hold the facts.

    """

    reason = 'bad_checksum'

    def __init__(self, path: str, expected: str, actual: str) -> None:
        self.path = path
        self.expected = expected
        self.actual = actual
        super().__init__(f'Expected sha256 {expected} for {path}, got {actual}.')


class EngineError(EventDepthError):
    """An inference engine that cannot be built or failed to run."""

    reason = 'engine_failed'


class MissingDependencyError(EventDepthError, ImportError):
    """
    A package that is needed now and not installed.

    `package` is what is missing, `extra` the extra of eventdepth_ros that brings it; None for one
    that pip always brings and that an installation by other means may lack. `command` installs
    what pip cannot.

    """

    reason = 'missing_dependency'

    def __init__(
        self, package: str, extra: str | None = None, *, command: str | None = None
    ) -> None:
        self.package = package
        self.extra = extra
        by_pip = package if extra is None else f"'eventdepth_ros[{extra}]'"
        super().__init__(
            f'Expected the package {package} to be installed, got none: '
            f'{command or f"pip install {by_pip}"}'
        )


@contextmanager
def needed_package(package: str, extra: str | None = None) -> Iterator[None]:
    """
    Guard the imports of a `with` block: a missing module becomes MissingDependencyError.

    Raises
    ------
    MissingDependencyError
        If a module that the block imports is not there.

    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingDependencyError(package, extra) from error


class ProfileError(InputError):
    """An evaluation profile that does not exist or does not fit its inputs."""

    reason = 'bad_profile'


class InstallationError(EventDepthError):
    """A file of this package that is not where an installation puts it."""

    reason = 'bad_installation'
