"""W&B is optional and goes on in the run that it began in."""

import sys

from eventdepth_core.errors import MissingDependencyError
import pytest
from training.tuning import loggers


def test_wandb_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(loggers, 'find_spec', lambda _: None)

    with pytest.raises(MissingDependencyError, match='pip install wandb'):
        loggers.require_wandb()


def test_the_identifier_stays_with_the_folder(tmp_path):
    first = loggers.wandb_id(tmp_path)

    assert loggers.wandb_id(tmp_path) == first
    (tmp_path / 'other').mkdir()
    assert loggers.wandb_id(tmp_path / 'other') != first


def test_a_csv_log_of_an_earlier_call_is_kept(tmp_path, settings):
    (tmp_path / 'layout' / 'metrics' / 'call_00').mkdir(parents=True)

    logger = loggers.run_logger(settings, tmp_path, 'layout')

    assert logger.version == 'call_01'
    assert 'wandb' not in sys.modules
