"""Versions of what makes the numbers of a report."""

from importlib import metadata
import platform

from eventdepth_core.report.summary import Versions

PACKAGE = 'eventdepth_ros'


def installed_versions() -> Versions:
    """Return the versions of this installation."""
    return Versions(
        eventdepth=_version(PACKAGE),
        python=platform.python_version(),
        numpy=_version('numpy'),
        numba=_version('numba'),
        onnxruntime=_version('onnxruntime'),
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return 'source tree' if package == PACKAGE else 'not installed'
