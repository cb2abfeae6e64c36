"""
The Fast DDS profile of the graph: set for this process and its children unless the user set one.

Default Fast DDS keeps 0.5 MB of shared memory for a process, so that a message above that size is
lost on most attempts; the shipped `config/fastdds.xml` keeps 32 MB. Fast DDS reads the file when
the first participant is made: the variables have to be set before `rclpy.init()`. `EVENTDEPTH_DDS`
(auto or off) says it for every process of a graph.

Laws: a file that the user named is never replaced; another middleware than Fast DDS is left
alone; the answer depends on the environment only.

"""

from collections.abc import Mapping
from dataclasses import dataclass
import os
from pathlib import Path
from xml.etree import ElementTree

from eventdepth_core.errors import InputError
from eventdepth_core.install import installed_file

MODES = ('auto', 'off')
FILES = {
    'FASTRTPS_DEFAULT_PROFILES_FILE': 'fastdds.xml',
    'FASTDDS_DEFAULT_PROFILES_FILE': 'fastdds_kilted.xml',
}
"""What names the profile: Humble to Jazzy read the first, later releases the second."""

VARIABLES = tuple(FILES)

MODE_VARIABLE = 'EVENTDEPTH_DDS'
MIDDLEWARE_VARIABLE = 'RMW_IMPLEMENTATION'
DEFAULT_MIDDLEWARE = 'rmw_fastrtps_cpp'
FAST_DDS = ('rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp')
DEFAULT_SEGMENT_BYTES = 512 * 1024
"""Shared memory of a process where no profile says otherwise."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile in effect: its file, None for Fast DDS's own settings, and what it allows."""

    path: Path | None
    segment_bytes: int
    max_message_bytes: int


def configure(mode: str | None = None) -> Path | None:
    """
    Set the profile for this process and its children, before `rclpy.init()`.

    Returns the file that was set, None where nothing was set. Without a mode the environment
    decides, see `environment`.

    Raises
    ------
    InputError
        For a mode that does not exist.
    InstallationError
        If the shipped file is not installed.

    """
    settings = environment(mode)
    os.environ.update(settings)
    return Path(settings[VARIABLES[0]]) if settings else None


def environment(mode: str | None = None, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """
    Return the variables that `configure` would set, for the environment of a child.

    `base` is the environment to decide by, this process's if not given; without a mode its
    `EVENTDEPTH_DDS` decides, `auto` where that is not set. Raises as `configure`.

    """
    base = os.environ if base is None else base
    mode = base.get(MODE_VARIABLE) or 'auto' if mode is None else mode
    if mode not in MODES:
        raise InputError(
            f'Expected dds ({MODE_VARIABLE}) out of {", ".join(MODES)}, got {mode!r}.'
        )
    if mode == 'off' or not is_fast_dds(base) or any(base.get(name) for name in VARIABLES):
        return {}
    return {name: str(installed_file('config', file)) for name, file in FILES.items()}


def middleware(base: Mapping[str, str] | None = None) -> str:
    """Return the name of the middleware that rclpy will load."""
    base = os.environ if base is None else base
    return base.get(MIDDLEWARE_VARIABLE) or DEFAULT_MIDDLEWARE


def is_fast_dds(base: Mapping[str, str] | None = None) -> bool:
    """Say whether the middleware reads profiles of Fast DDS."""
    return middleware(base) in FAST_DDS


def read_profile(path: Path) -> Profile:
    """
    Read what a profile file allows; what it does not say is Fast DDS's default.

    Raises
    ------
    InputError
        If the file cannot be read or is no XML.

    """
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise InputError(f'Expected a Fast DDS profile in {path}, got {error}.') from error
    return Profile(
        path,
        segment_bytes=_largest(root, 'segment_size'),
        max_message_bytes=_largest(root, 'maxMessageSize'),
    )


def _largest(root: ElementTree.Element, tag: str) -> int:
    texts = [each.text or '' for each in root.iter() if each.tag.rsplit('}', 1)[-1] == tag]
    numbers = [int(text) for text in texts if text.strip().isdigit()]
    return max(numbers, default=DEFAULT_SEGMENT_BYTES)
