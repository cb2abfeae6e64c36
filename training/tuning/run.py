"""
One run from checked settings to a finished folder.

`RUN/config.yaml` holds the resolved settings, `RUN/samples.json` which sequence is in which split
and `RUN/samples.png` what went in. Laws: a folder with a run in it is never written into, unless
it is resumed; a resumed run takes the settings recorded there.

"""

import json
import logging
import os
from pathlib import Path

from eventdepth_core.bundle import Bundle, load_bundle
from lightning.pytorch import seed_everything
import numpy as np
from omegaconf import DictConfig, OmegaConf
import torch
from training.errors import ConfigError, RunError
from training.sequences.extract import ExtractionRules
from training.sequences.prepare import Preparation, prepared_sets
from training.sequences.sample_set import SampleSet
from training.sequences.splits import (
    sequence_path,
    SequenceSource,
    split_names,
    SplitName,
    SplitRules,
)
from training.tables import Row
from training.tuning.config import (
    data_root,
    DataSettings,
    plain,
    settings_from,
    special_entry,
    TrainSettings,
)
from training.tuning.finish import finish_run, starting_bundle
from training.tuning.loggers import require_wandb
from training.tuning.pictures import draw_samples, sample_panels
from training.tuning.stage import process_rank, run_stage, StageJob
from training.tuning.weights import starting_networks

LOG = logging.getLogger(__name__)
CONFIG_NAME = 'config.yaml'
DEFAULT_BUNDLE = 'eventdepth-s'
MAY_CHANGE = (
    'run',
    'resume',
    'stop_after',
    'threads',
    'workers',
    'progress',
    'logger',
    'data.cache',
)


def run_training(settings: TrainSettings, folder: Path) -> list[Row] | None:
    """
    Train, export and evaluate; return the held-out rows, None where it is not finished.

    Raises
    ------
    EventDepthError
        For settings, sequences or a run folder that do not fit.

    """
    if settings.logger == 'wandb':
        require_wandb()
    is_first = process_rank() == 0
    if is_first:
        _begin(settings, folder)
    seed_everything(settings.seed, workers=True, verbose=False)
    torch.set_num_threads(settings.threads)
    sets = sets_of(settings)
    if is_first and not settings.resume:
        _show_samples(folder, sets)
    networks = starting_networks(settings.start, settings.seed)
    for name in settings.stages:
        job = StageJob(name, settings, folder, sets['train'], sets['val'], networks)
        if not run_stage(job):
            LOG.info('%s ended at step %s; resume=true goes on.', name, settings.stop_after)
            return None
    return finish_run(folder, settings, networks, sets) if is_first else None


def resumed(config: DictConfig, overrides: list[str], folder: Path) -> TrainSettings:
    """
    Return the settings recorded in `folder` with the overrides that a resumed run may have.

    Raises
    ------
    RunError
        If there is no run in the folder.
    ConfigError
        For an override that would make another run of it.

    """
    path = folder / CONFIG_NAME
    if not path.is_file():
        raise RunError(f'Expected the run to resume in run={folder}, got no {path.name} there.')
    recorded = OmegaConf.load(path)
    OmegaConf.update(recorded, 'stop_after', None)
    for override in overrides:
        key = override.split('=')[0].lstrip('+~')
        if key.startswith('hydra.'):
            continue
        if key not in MAY_CHANGE:
            raise ConfigError(
                f'Expected a resumed run to change only {", ".join(MAY_CHANGE)}, got {key}: '
                'everything else is taken from its config.yaml.'
            )
        OmegaConf.update(recorded, key, OmegaConf.select(config, key))
    return settings_from(DictConfig(recorded))


def sets_of(settings: TrainSettings) -> dict[SplitName, SampleSet]:
    """Open the prepared samples of each split, made where they are missing."""
    data = settings.data
    rules = SplitRules(
        root=data_root(data),
        names={'train': data.train, 'val': data.val, 'test': data.test},
        pattern=data.pattern,
        val_share=data.val_share,
        test_share=data.test_share,
        may_miss=data.may_miss,
    )
    sources: dict[SplitName, list[SequenceSource]] = {
        split: [_source(rules, data, name) for name in names]
        for split, names in split_names(rules).items()
    }
    preparation = Preparation(
        bundle=_input_bundle(settings),
        rules=ExtractionRules(every=data.every, max_depth_m=data.max_depth_m),
        folder=Path(data.cache).expanduser(),
    )
    return prepared_sets(sources, preparation)


def _source(rules: SplitRules, data: DataSettings, name: str) -> SequenceSource:
    special = special_entry(data, name)
    camera = special.camera or data.camera
    fov_deg = special.fov_deg or data.fov_deg
    topics = {**(data.topics or {}), **(special.topics or {})}
    return SequenceSource(
        name=name,
        path=sequence_path(rules, name),
        camera=None if camera is None else Path(camera).expanduser(),
        fov_deg=fov_deg,
        topics=topics,  # type: ignore[arg-type]  # open_recording refuses other streams
    )


def _input_bundle(settings: TrainSettings) -> Bundle:
    """Return the bundle whose event input and depth range the samples follow."""
    return starting_bundle(settings.start) or load_bundle(DEFAULT_BUNDLE)


def _begin(settings: TrainSettings, folder: Path) -> None:
    """Write the resolved settings, or check that a resumed run is there."""
    path = folder / CONFIG_NAME
    if settings.resume:
        return
    if path.exists():
        raise RunError(
            f'Expected an empty run folder, got a run in {folder}: resume=true goes on with it, '
            'another run=DIR starts anew.'
        )
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f'.{os.getpid()}.part')
    unfinished.write_text(OmegaConf.to_yaml(OmegaConf.create(plain(settings))))
    unfinished.replace(path)


def _show_samples(folder: Path, sets: dict[SplitName, SampleSet]) -> None:
    listed = {
        split: {name: len(store) for name, store in samples.stores}
        for split, samples in sets.items()
    }
    (folder / 'samples.json').write_text(json.dumps(listed, indent=1))
    rows = []
    for samples in sets.values():
        for index in samples.spread(2) if len(samples) else []:
            example = samples.example(index)
            has = samples.available[index].astype(np.float32)
            rows.append(sample_panels(example, has, None))
    draw_samples(folder / 'samples.png', rows)
    LOG.info('Samples: %s', listed)
