"""A bundle and prepared samples of the simulated walks."""

from pathlib import Path

from eventdepth_core.bundle import Bundle, load_bundle
import pytest
from training.sequences.extract import ExtractionRules
from training.sequences.prepare import Preparation, prepared_store
from training.sequences.splits import SequenceSource
from training.sequences.store import SampleStore


@pytest.fixture(scope='session')
def bundle() -> Bundle:
    return load_bundle('eventdepth-s')


@pytest.fixture(scope='session')
def preparation(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Preparation:
    return Preparation(bundle, ExtractionRules(), tmp_path_factory.mktemp('samples'))


@pytest.fixture(scope='session')
def store(walks: Path, preparation: Preparation) -> SampleStore:
    return prepared_store(SequenceSource('walk_a', walks / 'walk_a'), preparation)
