"""Versions of what makes the numbers of a report."""

from importlib import metadata
from pathlib import Path
import platform

from eventdepth_core.report.summary import Versions

PACKAGE = 'eventdepth_ros'
CPU_FACTS = Path('/proc/cpuinfo')


def installed_versions() -> Versions:
    """Return the versions of this installation."""
    return Versions(
        eventdepth=_version(PACKAGE),
        python=platform.python_version(),
        numpy=_version('numpy'),
        numba=_version('numba'),
        onnxruntime=_version('onnxruntime'),
    )


def processor_name() -> str:
    """Return the model of the processor, its architecture where the system does not say."""
    try:
        lines = CPU_FACTS.read_text(encoding='utf-8').splitlines()
    except OSError:
        lines = []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return 'source tree' if package == PACKAGE else 'not installed'
