"""
Where figures go: a CSV file a call by default, Weights & Biases where asked for.

Law: a resumed run goes on in the W&B run that it began in; its identifier lies in the run folder.

"""

from importlib.util import find_spec
from pathlib import Path
import uuid

from eventdepth_core.errors import MissingDependencyError
from lightning.pytorch.loggers import CSVLogger, Logger, WandbLogger
from training.tuning.config import plain, TrainSettings

WANDB_ID = 'wandb_id.txt'


def run_logger(settings: TrainSettings, folder: Path, stage: str) -> Logger:
    """
    Return the logger of a stage.

    Raises
    ------
    MissingDependencyError
        If W&B is asked for and not installed.

    """
    if settings.logger == 'csv':
        calls = len(list((folder / stage / 'metrics').glob('call_*')))
        return CSVLogger(folder / stage, name='metrics', version=f'call_{calls:02d}')
    require_wandb()
    return WandbLogger(
        name=f'{folder.name}-{stage}',
        id=f'{wandb_id(folder)}-{stage}',
        resume='allow',
        project=settings.wandb.project,
        entity=settings.wandb.entity,
        offline=settings.wandb.offline,
        save_dir=folder,
        config=plain(settings),
    )


def close_logger(logger: Logger | None) -> None:
    """End the W&B run of a stage, so that the next stage begins its own."""
    if isinstance(logger, WandbLogger):
        logger.experiment.finish()


def require_wandb() -> None:
    """Raise if wandb is not installed."""
    if find_spec('wandb') is None:
        raise MissingDependencyError('wandb')


def wandb_id(folder: Path) -> str:
    """Return the identifier of the run in `folder`, made and kept there at the first call."""
    path = folder / WANDB_ID
    if not path.exists():
        path.write_text(uuid.uuid4().hex[:8])
    return path.read_text().strip()
