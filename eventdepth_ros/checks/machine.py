"""Which engines can run a network here, and whether threads get in each other's way."""

from collections.abc import Iterator
from importlib.util import find_spec
import os

from eventdepth_core.commands.doctor import Finding
from eventdepth_core.engine.loading import ENGINE_NAMES, LATER_ENGINES

THREADS = 'OMP_NUM_THREADS'


def check_machine() -> Iterator[Finding]:
    """Look at the engines and at the number of threads."""
    yield _engines()
    yield _threads()


def _engines() -> Finding:
    if find_spec('onnxruntime') is None:
        return Finding('engines', 'problem', 'none: pip install onnxruntime')
    usable = [name for name in ENGINE_NAMES if name != 'auto']
    present = [name for name in LATER_ENGINES if find_spec(name) is not None]
    text = f'{", ".join(usable)} (auto takes the first)'
    if present:
        text += f'; {", ".join(present)} installed, not used by this version'
    return Finding('engines', 'ok', text)


def _threads() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    chosen = os.environ.get(THREADS, '')
    if not chosen:
        return Finding('threads', 'ok', f'{THREADS} not set, {cores} cores usable')
    if not chosen.isdigit() or int(chosen) < 1:
        return Finding('threads', 'problem', f'{THREADS}={chosen!r} is no number: unset it')
    if int(chosen) > (cores or 1):
        text = f'{THREADS}={chosen} on {cores} cores: threads wait for each other; unset it'
        return Finding('threads', 'note', text)
    return Finding('threads', 'ok', f'{THREADS}={chosen}, {cores} cores usable')
