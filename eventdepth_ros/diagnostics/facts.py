"""
What the node tells its monitor, as frozen values: its inputs, its options, its engine.

Law: everything here is known without looking at a message.

"""

from dataclasses import dataclass
import hashlib
from typing import Final, Literal, TypeAlias

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine
from eventdepth_core.types import Modality

EngineState: TypeAlias = Literal['none', 'loading', 'ready', 'failed']
SHORT_DIGITS: Final = 12
LEAST_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class InputSource:
    """One subscription in use: its modality, its resolved topic, whether it needs a camera."""

    modality: Modality
    topic: str
    needs_camera: bool = True


@dataclass(frozen=True, slots=True)
class MonitorOptions:
    """
    What counts as trouble.

    `rate_hz` is the wanted rate of depth, None where a sensor sets it, and less than `min_rate_hz`
    (None: 80 % of `rate_hz`) is a warning; `deadline_ms` is the latest publishing after the newest
    packet, None for no deadline. Inputs warn after `silent_warn_s`
    and are an error after `silent_error_s` without a message, in the time of the node's clock.

    """

    rate_hz: float | None = None
    min_rate_hz: float | None = None
    deadline_ms: float | None = None
    is_sim_time: bool = False
    silent_warn_s: float = 1.0
    silent_error_s: float = 5.0

    @property
    def least_rate_hz(self) -> float | None:
        """The rate below which depth is slow; None where none is wanted."""
        if self.min_rate_hz is not None or self.rate_hz is None:
            return self.min_rate_hz
        return LEAST_SHARE * self.rate_hz


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What runs the model; `sha256` is short and covers all graphs; `reason` of a failure."""

    state: EngineState = 'none'
    bundle: str = ''
    version: str = ''
    task: str = ''
    engine: str = ''
    precision: str = ''
    sha256: str = ''
    num_threads: int = 0
    modalities: tuple[Modality, ...] = ()
    reason: str = ''


def engine_facts(bundle: Bundle, engine: Engine) -> EngineFacts:
    """Return the facts of a bundle that runs on an engine."""
    return EngineFacts(
        state='ready',
        bundle=bundle.name,
        version=bundle.version,
        task=bundle.task,
        engine=engine.name,
        precision=bundle.precision,
        sha256=short_checksum(bundle),
        num_threads=engine.num_threads,
        modalities=bundle.inputs.modalities,
    )


def short_checksum(bundle: Bundle) -> str:
    """Return the first digits of one sha256 over those of all graphs, by name."""
    lines = (f'{name} {bundle.graphs[name].sha256}\n' for name in sorted(bundle.graphs))
    return hashlib.sha256(''.join(lines).encode()).hexdigest()[:SHORT_DIGITS]
