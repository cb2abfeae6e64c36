"""
The settings of a run: composed by Hydra, frozen here once, checked before any work.

Law: a key that is not a field below is refused by name.

"""

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from training.errors import ConfigError
from training.tasks.subsets import presence, SUBSETS

STAGE_NAMES = ('layout', 'completion')
PRECISIONS = ('32-true', 'bf16-mixed', '16-mixed')
LOGGERS = ('csv', 'wandb')


@dataclass(frozen=True, slots=True)
class SequenceEntry:
    """What is special about one sequence: another camera, field of view, or topics."""

    camera: str | None = None
    fov_deg: float | None = None
    topics: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Sequences and splits; see `training.sequences.splits` and the comments of the YAML."""

    root: str = ''
    pattern: str = '{name}'
    train: list[str] = field(default_factory=list)
    val: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    val_share: float = 0.2
    test_share: float = 0.2
    may_miss: bool = False
    camera: str | None = None
    fov_deg: float | None = None
    topics: dict[str, str] | None = None
    special: dict[str, Any] | None = None  # checked by `special_entry`
    every: int = 1
    max_depth_m: float = 200.0
    cache: str = 'out/samples'
    licence: str = 'not stated'


@dataclass(frozen=True, slots=True)
class StageSettings:
    """Length, batch and optimiser of one stage; `crop` (height, width) cuts completion batches."""

    steps: int = 1000
    batch: int = 8
    learning_rate: float = 3e-4
    weight_decay: float = 1e-2
    precision: str = '32-true'
    is_norm_frozen: bool = False
    subsets: dict[str, float] = field(default_factory=dict)
    crop: list[int] | None = None


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """A validation every `every` steps on `samples` fixed ones; `pictures` of them are drawn."""

    every: int = 200
    samples: int = 64
    pictures: int = 4


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """Held-out frames, evenly chosen, and the shares of pixels drawn as points (`density`)."""

    frames: int = 100
    density: list[float] = field(default_factory=lambda: [0.01])
    compare_start: bool = True


@dataclass(frozen=True, slots=True)
class WandbSettings:
    """Where a run is logged, with `logger=wandb`."""

    project: str = 'eventdepth'
    entity: str | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that a run depends on."""

    run: str = ''
    resume: bool = False
    seed: int = 0
    start: str = 'eventdepth-s'
    name: str = 'my-depth'
    stages: list[str] = field(default_factory=lambda: list(STAGE_NAMES))
    stop_after: int | None = None
    fast: bool = False
    threads: int = 1
    workers: int = 0
    accelerator: str = 'auto'
    devices: int = 1
    progress: bool = True
    logger: str = 'csv'
    data: DataSettings = field(default_factory=DataSettings)
    layout: StageSettings = field(default_factory=StageSettings)
    completion: StageSettings = field(default_factory=StageSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    wandb: WandbSettings = field(default_factory=WandbSettings)

    def stage(self, name: str) -> StageSettings:
        """Return the settings of stage `name`."""
        return self.layout if name == 'layout' else self.completion

    @property
    def validation_every(self) -> int:
        """Steps between validations: all of a fast run."""
        return 2 if self.fast else self.validation.every

    def steps(self, name: str) -> int:
        """Return the steps of a stage, two in a fast run."""
        return 2 if self.fast else self.stage(name).steps


def settings_from(config: DictConfig) -> TrainSettings:
    """
    Freeze and check a composed configuration.

    Raises
    ------
    ConfigError
        For an unknown key, a value of another type, or one out of range.

    """
    schema = OmegaConf.structured(TrainSettings)
    _open(schema)
    try:
        settings = OmegaConf.to_object(OmegaConf.merge(schema, config))
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f'Expected a setting of TrainSettings, got {error.full_key}: {reason}'
        ) from error
    if not isinstance(settings, TrainSettings):
        raise ConfigError(f'Expected a configuration of training, got {type(settings).__name__}.')
    _check(settings)
    return settings


def plain(settings: TrainSettings) -> dict[str, Any]:  # YAML is free-form by nature
    """Return the settings as nested dictionaries, as they are written to `config.yaml`."""
    container = OmegaConf.to_container(OmegaConf.structured(settings), resolve=True)
    return {str(key): value for key, value in dict(container).items()}  # type: ignore[arg-type]


def data_root(settings: DataSettings) -> Path:
    """Return the folder of the sequences."""
    if not settings.root:
        raise ConfigError("Expected the folder of the sequences as data.root=DIR, got ''.")
    return Path(settings.root).expanduser()


def special_entry(settings: DataSettings, name: str) -> SequenceEntry:
    """
    Return what is special about the sequence `name`.

    Raises
    ------
    ConfigError
        For a key that is none of a `SequenceEntry`.

    """
    entry = (settings.special or {}).get(name) or {}
    known = [each.name for each in fields(SequenceEntry)]
    if not isinstance(entry, dict) or not set(entry) <= set(known):
        raise ConfigError(f'Expected {", ".join(known)} in data.special.{name}, got {entry!r}.')
    return SequenceEntry(**entry)


def _open(schema: DictConfig) -> None:
    """Let a schema of frozen classes take values; what comes out of it is frozen again."""
    OmegaConf.set_readonly(schema, value=False)
    for each in fields(TrainSettings):
        if isinstance(schema[each.name], DictConfig) and is_dataclass(
            OmegaConf.get_type(schema[each.name])
        ):
            OmegaConf.set_readonly(schema[each.name], value=False)


def _check(settings: TrainSettings) -> None:
    unknown = [name for name in settings.stages if name not in STAGE_NAMES]
    _expect(not unknown and bool(settings.stages), 'stages', STAGE_NAMES, settings.stages)
    _expect(settings.logger in LOGGERS, 'logger', LOGGERS, settings.logger)
    _expect(settings.devices >= 1, 'devices', '1 or more', settings.devices)
    _expect(settings.threads >= 1, 'threads', '1 or more', settings.threads)
    _expect(settings.data.every >= 1, 'data.every', '1 or more', settings.data.every)
    every = settings.validation_every
    _expect(every >= 1, 'validation.every', '1 or more', every)
    for name in settings.stages:
        _check_stage(name, settings.stage(name))
        steps = settings.steps(name)
        multiple = f'a multiple of validation.every ({every})'
        _expect(steps > 0 and steps % every == 0, f'{name}.steps', multiple, steps)
    stop = settings.stop_after
    _expect(stop is None or stop % every == 0, 'stop_after', 'such a multiple', stop)


def _check_stage(name: str, stage: StageSettings) -> None:
    _expect(stage.batch >= 1, f'{name}.batch', '1 or more', stage.batch)
    _expect(stage.learning_rate > 0, f'{name}.learning_rate', 'above 0', stage.learning_rate)
    _expect(stage.precision in PRECISIONS, f'{name}.precision', PRECISIONS, stage.precision)
    usable = [key for key in SUBSETS if name == 'layout' or presence(key)[2]]
    _expect(set(stage.subsets) <= set(usable), f'{name}.subsets', usable, dict(stage.subsets))
    _expect(sum(stage.subsets.values()) > 0, f'{name}.subsets', 'a weight', dict(stage.subsets))
    if stage.crop is not None:
        fits = len(stage.crop) == 2 and all(side > 0 and side % 16 == 0 for side in stage.crop)
        _expect(fits, f'{name}.crop', 'two multiples of 16', list(stage.crop))


def _expect(is_right: bool, name: str, expected: object, actual: object) -> None:
    if not is_right:
        listed = ', '.join(expected) if isinstance(expected, tuple | list) else expected
        raise ConfigError(f'Expected {name} to be {listed}, got {actual!r}.')
