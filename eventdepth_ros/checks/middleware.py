"""
Whether the middleware carries a depth image: profile, shared memory, socket buffers.

The measure is one depth image of 640x480 in 32FC1, 1.2 MB; a reliable publisher keeps five.

"""

from collections.abc import Iterator
import os
from pathlib import Path
import shutil
import sys

from eventdepth_core.commands.doctor import Finding
from eventdepth_core.errors import EventDepthError
from eventdepth_ros import dds
from eventdepth_ros.checks.installation import has_ros

FRAME_BYTES = 640 * 480 * 4
KEPT_FRAMES = 5
NUM_NODES = 5
"""Processes of the largest graph that we launch."""

SHARED_MEMORY = Path('/dev/shm')
SEGMENT_PATTERNS = ('fastrtps_*', 'fastdds_*', 'sem.fastrtps_*', 'sem.fastdds_*')
SOCKET_BUFFER = Path('/proc/sys/net/core/rmem_max')
ADVISED_SOCKET_BYTES = 8 * 1024 * 1024
MEGABYTE = 1e6


def check_middleware() -> Iterator[Finding]:
    """Look at the middleware, its profile and what the kernel grants it."""
    if not has_ros():
        return
    yield from _middleware()
    yield from _socket_buffer()
    yield from _shared_memory()


def _middleware() -> Iterator[Finding]:
    import rclpy

    try:
        loaded = rclpy.get_rmw_implementation_identifier()
    except RuntimeError as error:
        text = f'{dds.middleware()} does not load: {error}; unset {dds.MIDDLEWARE_VARIABLE}'
        yield Finding('middleware', 'problem', text)
        return
    yield Finding('middleware', 'ok', loaded)
    if loaded in dds.FAST_DDS:
        yield _profile()
        return
    text = (
        f'does not apply to {loaded}: see to it that it carries messages of '
        f'{FRAME_BYTES / MEGABYTE:.1f} MB'
    )
    yield Finding('dds profile', 'note', text)


def _profile() -> Finding:
    try:
        profile, origin = _profile_in_effect()
    except EventDepthError as error:
        return Finding('dds profile', 'problem', f'{error}; correct or unset it')
    segment, message = profile.segment_bytes, profile.max_message_bytes
    text = (
        f'{origin}: {segment / MEGABYTE:.1f} MB of shared memory for a process, messages up to '
        f'{message / MEGABYTE:.1f} MB'
    )
    if segment >= KEPT_FRAMES * FRAME_BYTES and message >= FRAME_BYTES:
        return Finding('dds profile', 'ok', text)
    needed = KEPT_FRAMES * FRAME_BYTES / MEGABYTE
    text += (
        f'; depth images of 640x480 ({FRAME_BYTES / MEGABYTE:.1f} MB) will be lost: allow '
        f'{needed:.0f} MB, or leave it to the shipped profile'
    )
    return Finding('dds profile', 'problem', text)


def _profile_in_effect() -> tuple[dds.Profile, str]:
    """Return the profile that nodes started from here would have, and where it comes from."""
    named = [os.environ[name] for name in dds.VARIABLES if os.environ.get(name)]
    if named:
        return dds.read_profile(Path(named[0])), f'your {named[0]}'
    shipped = dds.environment()
    if shipped:
        path = Path(next(iter(shipped.values())))
        return dds.read_profile(path), f'the shipped {path}'
    default = dds.DEFAULT_SEGMENT_BYTES
    return dds.Profile(None, default, default), f'none ({dds.MODE_VARIABLE}=off)'


def _socket_buffer() -> Iterator[Finding]:
    if not SOCKET_BUFFER.is_file():
        return
    allowed = int(SOCKET_BUFFER.read_text())
    text = f'{allowed} bytes'
    if allowed >= ADVISED_SOCKET_BYTES:
        yield Finding('net.core.rmem_max', 'ok', text)
        return
    text += (
        '; enough on one machine, small for images from another one: sudo sysctl -w '
        f'net.core.rmem_max={ADVISED_SOCKET_BYTES}'
    )
    yield Finding('net.core.rmem_max', 'note', text)


def _shared_memory() -> Iterator[Finding]:
    if not SHARED_MEMORY.is_dir():
        return
    free = shutil.disk_usage(SHARED_MEMORY).free
    needed = NUM_NODES * _segment_bytes()
    text = f'{free / MEGABYTE:.0f} MB free'
    is_enough = free >= needed
    if not is_enough:
        text += (
            f', {NUM_NODES} nodes take {needed / MEGABYTE:.0f} MB: enlarge it (docker run '
            '--shm-size=512m or --ipc=host), or remove leftovers'
        )
    yield Finding(str(SHARED_MEMORY), 'ok' if is_enough else 'problem', text)
    left = leftovers()
    if left:
        size = sum(path.stat().st_size for path in left) / MEGABYTE
        command = f'{sys.prefix}/bin/fastdds shm clean'
        text = f'{len(left)} files, {size:.0f} MB, left by processes that were killed: {command}'
        yield Finding('leftovers', 'note', text)


def _segment_bytes() -> int:
    try:
        return _profile_in_effect()[0].segment_bytes
    except EventDepthError:
        return dds.DEFAULT_SEGMENT_BYTES


def leftovers() -> list[Path]:
    """
    Return the shared memory of Fast DDS, owned by this user, that no process has mapped any more.

    A lock file `<segment>_el` and a semaphore `sem.<segment>_mutex` belong to their segment.

    """
    mapped = _mapped_names()
    own = os.getuid()
    found = [path for pattern in SEGMENT_PATTERNS for path in SHARED_MEMORY.glob(pattern)]
    return sorted(
        path for path in found
        if _segment_of(path.name) not in mapped and path.exists() and path.stat().st_uid == own
    )  # fmt: skip


def _segment_of(name: str) -> str:
    return '_'.join(name.removeprefix('sem.').split('_')[:2])


def _mapped_names() -> set[str]:
    mapped: set[str] = set()
    for maps in Path('/proc').glob('[0-9]*/maps'):
        try:
            lines = maps.read_text().splitlines()
        except OSError:
            continue  # a process of another user, or one that has just ended
        paths = (Path(line.split()[-1]) for line in lines if f'{SHARED_MEMORY}/' in line)
        mapped.update(path.name for path in paths)
    return mapped
