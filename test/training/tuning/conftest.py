"""Prepared sets of the simulated walks and settings of a tiny run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from eventdepth_core.bundle import load_bundle
import pytest
import torch
from training.sequences.extract import ExtractionRules
from training.sequences.prepare import Preparation, prepared_sets
from training.sequences.sample_set import SampleSet
from training.sequences.splits import SequenceSource
from training.tuning.config import StageSettings, TrainSettings, ValidationSettings


@pytest.fixture(scope='session')
def sets(walks: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SampleSet]:
    folder = tmp_path_factory.mktemp('tuning-samples')
    preparation = Preparation(load_bundle('eventdepth-s'), ExtractionRules(), folder)
    names = {'train': 'walk_a', 'val': 'walk_b', 'test': 'walk_c'}
    sources = {split: [SequenceSource(name, walks / name)] for split, name in names.items()}
    return prepared_sets(sources, preparation)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute in one thread: networks of this size only wait for a second."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def settings() -> TrainSettings:
    """Four steps a stage with a validation every two."""
    stage = StageSettings(steps=4, batch=2, crop=[32, 48])
    return TrainSettings(
        accelerator='cpu',
        progress=False,
        layout=replace(stage, subsets={'E': 1.0, 'EI': 1.0, 'EIP': 1.0}),
        completion=replace(stage, subsets={'P': 1.0, 'EIP': 1.0}),
        validation=ValidationSettings(every=2, samples=3, pictures=1),
    )
