"""
One stage of a run: fit with Lightning, keep the last and the best, resume from the last.

`RUN/<stage>/` holds `last.ckpt` (everything that resuming needs), `best.ckpt`, `start.json` (what
the weights scored before the first step), `metrics/*/metrics.csv` and `pictures/`. The weights
that scored best on the validation set become `RUN/<stage>.safetensors`; those are the starting
ones where training made nothing better. Law: checkpoints are read with `weights_only=True`; a
file that holds anything but tensors and plain values is refused.

"""

from dataclasses import dataclass
import json
import logging
from pathlib import Path
import pickle
from typing import Any

from eventdepth_core.preparation import layout_grid
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar
from lightning.pytorch.strategies import DDPStrategy, Strategy
from lightning.pytorch.utilities import rank_zero_only
import numpy as np
from safetensors.torch import load_file, save_file
import torch
from torch import nn
from torch.utils.data import DataLoader
from training.data.batches import completion_batch, GRID, layout_batch, log_shift
from training.errors import RunError
from training.judge import Networks
from training.sequences.sample_set import SampleSet
from training.tuning.config import TrainSettings
from training.tuning.loggers import close_logger, run_logger
from training.tuning.module import DepthModule, on_device
from training.tuning.pictures import draw_samples, sample_panels
from training.tuning.sampling import (
    Batch,
    FixedBatches,
    loader,
    RankOrder,
    StepBatches,
    StepOrder,
    StepSeed,
)
from training.tuning.weights import normalised

LOG = logging.getLogger(__name__)
MONITOR = 'val/loss'
NUM_NORM_BATCHES = 8
FAST_SAMPLES = 4


@dataclass(frozen=True, slots=True, eq=False)
class StageJob:
    """What a stage works on: settings, run folder, samples, networks."""

    name: str
    settings: TrainSettings
    folder: Path
    train: SampleSet
    val: SampleSet
    networks: Networks

    @property
    def weights_path(self) -> Path:
        """Where the finished weights lie."""
        return self.folder / f'{self.name}.safetensors'

    @property
    def last_path(self) -> Path:
        """The checkpoint to resume from."""
        return self.folder / self.name / 'last.ckpt'


def run_stage(job: StageJob) -> bool:
    """
    Train a stage up to its end or `stop_after`; return whether it has come to its end.

    Raises
    ------
    RunError
        For a checkpoint that cannot be read safely.

    """
    network = job.networks.layout if job.name == 'layout' else job.networks.completion
    if job.weights_path.exists():
        network.load_state_dict(load_file(job.weights_path))
        network.eval()
        return True
    trainer, module = _trainer(job), _module(job)
    fixed = _fixed(job)
    resume_from = job.last_path if job.last_path.exists() else None
    if resume_from is not None:
        check_safe(resume_from)
    val = loader(fixed, RankOrder(len(fixed), process_rank(), job.settings.devices), 0)
    if resume_from is None:
        _prepare_start(job, module, trainer, val)
    steps = StepOrder(lambda: trainer.global_step, job.settings.validation_every)
    trainer.fit(
        module,
        loader(_batches(job, process_rank()), steps, job.settings.workers),
        val,
        ckpt_path=None if resume_from is None else str(resume_from),
        weights_only=True,
    )
    close_logger(trainer.logger)
    is_finished = trainer.global_step >= job.settings.steps(job.name)
    if is_finished and trainer.is_global_zero:
        _keep_best(job)
    trainer.strategy.barrier()
    if is_finished:
        network.load_state_dict(load_file(job.weights_path))
        network.to('cpu').eval()
    return is_finished


def check_safe(path: Path) -> dict[str, Any]:
    """
    Read a checkpoint without unpickling objects.

    Raises
    ------
    RunError
        If it holds anything but tensors and plain values, or is no checkpoint.

    """
    try:
        checkpoint: dict[str, Any] = torch.load(path, map_location='cpu', weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise RunError(
            f'Expected a checkpoint of tensors and plain values in {path}, got something that '
            f'would have to be unpickled: {str(error).splitlines()[0]}'
        ) from error
    return checkpoint


def process_rank() -> int:
    """Return which of the run's processes this is, 0 for the first or only one."""
    return int(rank_zero_only.rank or 0)


class PictureBook(Callback):
    """Draws the same validation samples after every validation."""

    def __init__(self, job: StageJob, fixed: FixedBatches) -> None:
        self._job = job
        self._fixed = fixed

    def on_validation_end(self, trainer: Trainer, pl_module: DepthModule) -> None:
        """Draw, in the first process only."""
        count = min(self._job.settings.validation.pictures, len(self._fixed))
        if not trainer.is_global_zero or count == 0:
            return
        chosen = [int(i) for i in np.round(np.linspace(0, len(self._fixed) - 1, count))]
        path = (
            self._job.folder / self._job.name / 'pictures' / f'step_{trainer.global_step:06d}.png'
        )
        draw_samples(path, [self._panels(pl_module, position) for position in chosen])

    def _panels(self, module: DepthModule, position: int) -> list[np.ndarray]:
        row, example = self._fixed.row(position), self._fixed.example(position)
        grid = layout_grid(example.log_depth.shape, GRID)
        stack = layout_batch if self._job.name == 'layout' else completion_batch
        with torch.no_grad():
            batch = on_device(stack([row], torch.device('cpu')), module.device)
            planes = module.predict(batch)[0, 0].float().cpu().numpy()
        if self._job.name == 'layout':
            planes = grid.crop(planes)
        elif row.grids is not None:
            planes = row.grids[1].crop(planes)
        shift = np.float32(log_shift(grid, example.focal_px))
        return sample_panels(example, row.present, planes + shift)


def _trainer(job: StageJob) -> Trainer:
    settings = job.settings
    steps = settings.steps(job.name)
    stop = steps if settings.stop_after is None else min(steps, settings.stop_after)
    return Trainer(
        default_root_dir=job.folder,
        accelerator=settings.accelerator,
        devices=settings.devices,
        strategy=_strategy(settings),
        precision=settings.stage(job.name).precision,  # type: ignore[arg-type]  # checked
        max_steps=stop,
        logger=run_logger(settings, job.folder, job.name),
        callbacks=_callbacks(job),
        log_every_n_steps=1 if settings.fast else min(10, settings.validation_every),
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_progress_bar=settings.progress,
        enable_model_summary=False,
    )


def _strategy(settings: TrainSettings) -> Strategy | str:
    """Return DDP for several processes; a subset leaves the other encoders without gradient."""
    if settings.devices == 1:
        return 'auto'
    is_gpu = settings.accelerator != 'cpu' and torch.cuda.is_available()
    return DDPStrategy(
        process_group_backend='nccl' if is_gpu else 'gloo', find_unused_parameters=True
    )


def _callbacks(job: StageJob) -> list[Callback]:
    shared: dict[str, Any] = {
        'dirpath': job.folder / job.name,
        'enable_version_counter': False,
        'save_on_train_epoch_end': True,
    }
    callbacks: list[Callback] = [
        PictureBook(job, _fixed(job)),
        ModelCheckpoint(filename='best', monitor=MONITOR, mode='min', save_top_k=1, **shared),
        ModelCheckpoint(filename='last', save_top_k=1, **shared),
    ]
    return [*callbacks, RichProgressBar()] if job.settings.progress else callbacks


def _module(job: StageJob) -> DepthModule:
    settings = job.settings
    return DepthModule(
        job.networks,
        settings.stage(job.name),
        StepSeed(settings.seed, job.name, process_rank()),
        steps=settings.steps(job.name),
    )


def _batches(job: StageJob, rank: int) -> StepBatches:
    stage = job.settings.stage(job.name)
    return StepBatches(job.train, stage, StepSeed(job.settings.seed, job.name, rank))


def _fixed(job: StageJob) -> FixedBatches:
    count = FAST_SAMPLES if job.settings.fast else job.settings.validation.samples
    seed = StepSeed(job.settings.seed, job.name)
    return FixedBatches(job.val, job.settings.stage(job.name), seed, count=count)


def _prepare_start(
    job: StageJob, module: DepthModule, trainer: Trainer, val: DataLoader[Batch]
) -> None:
    """Settle the norms on the data, score the starting weights and keep both."""
    batches = _batches(job, 0)
    count = 1 if job.settings.fast else NUM_NORM_BATCHES

    def run() -> None:
        for step in range(count):
            module.predict(batches[step])

    normalised(module.network, run)
    scores = trainer.validate(module, val, verbose=False)[0]
    if trainer.is_global_zero:
        folder = job.folder / job.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'start.json').write_text(json.dumps(scores, indent=1))
        _save(module.network, folder / 'start.safetensors')


def _keep_best(job: StageJob) -> None:
    """Write the weights with the lowest validation loss, the starting ones included."""
    folder = job.folder / job.name
    start = json.loads((folder / 'start.json').read_text())[MONITOR]
    last = check_safe(job.last_path)
    scores = [
        float(state['best_model_score'])
        for state in last['callbacks'].values()
        if state.get('monitor') == MONITOR and state.get('best_model_score') is not None
    ]
    if scores and scores[0] < start:
        state = check_safe(folder / 'best.ckpt')['state_dict']
        prefix = 'network.'
        weights = {key.removeprefix(prefix): value for key, value in state.items()}
        LOG.info('%s: validation loss %.4f -> %.4f', job.name, start, scores[0])
    else:
        weights = load_file(folder / 'start.safetensors')
        LOG.warning('%s: nothing was better than the start (%.4f), which is kept', job.name, start)
    save_file({key: value.contiguous() for key, value in weights.items()}, job.weights_path)


def _save(network: nn.Module, path: Path) -> None:
    weights = {key: value.contiguous().cpu() for key, value in network.state_dict().items()}
    save_file(weights, path)
