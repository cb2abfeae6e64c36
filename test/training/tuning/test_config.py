"""Settings are composed by Hydra, checked by name and frozen."""

from hydra import compose, initialize_config_dir
import pytest
from training.errors import ConfigError, RunError
from training.train import CONFIG_FOLDER
from training.tuning.config import plain, SequenceEntry, settings_from, special_entry
from training.tuning.run import resumed
import yaml


def composed(*overrides: str):
    with initialize_config_dir(str(CONFIG_FOLDER), version_base='1.3'):
        return compose('train', overrides=list(overrides))


@pytest.mark.parametrize('name', ['folder', 'dsec', 'mvsec', 'eventscape'])
def test_every_data_configuration_composes(name, monkeypatch):
    monkeypatch.delenv(name.upper(), raising=False)

    settings = settings_from(composed(f'data={name}', 'run=out/x'))

    lists = [*settings.data.train, *settings.data.val, *settings.data.test]
    assert len(lists) == len(set(lists))
    assert settings.stage('layout').subsets['EI'] == pytest.approx(0.2)


def test_topics_and_single_cameras_are_given_as_mappings():
    overrides = ['data.topics={depth: /d/image_raw}', 'data.special={a: {camera: a.yaml}}']

    data = settings_from(composed('run=out/x', *overrides)).data

    assert data.topics == {'depth': '/d/image_raw'}
    assert special_entry(data, 'a').camera == 'a.yaml'
    assert special_entry(data, 'b') == SequenceEntry()


def test_a_wrong_key_of_a_single_sequence_is_refused():
    data = settings_from(composed('run=out/x', 'data.special={a: {lens: 3}}')).data

    with pytest.raises(ConfigError, match=r'data\.special\.a'):
        special_entry(data, 'a')


def test_dsec_has_the_common_training_sequences_and_holds_some_out(monkeypatch):
    monkeypatch.setenv('DSEC', '/media/dsec')

    data = settings_from(composed('data=dsec', 'run=out/x')).data

    assert data.root == '/media/dsec'
    assert len(data.train) + len(data.val) + len(data.test) == 41
    assert data.test


@pytest.mark.parametrize(
    ('override', 'message'),
    [
        ('layout.steps=130', r'layout\.steps to be a multiple of validation\.every \(200\)'),
        ('stages=[depth]', 'stages to be layout, completion'),
        ('completion.crop=[100,160]', 'two multiples of 16'),
        ('+completion.subsets.E=1', r'completion\.subsets to be P'),
        ('layout.learning_rate=0', 'layout.learning_rate to be above 0'),
        ('logger=tensorboard', 'logger to be csv, wandb'),
        ('+layout.stepps=3', 'stepps'),
        ('devices=two', 'devices'),
    ],
)
def test_a_wrong_setting_is_refused_by_name(override, message):
    config = composed('run=out/x', override)

    with pytest.raises(ConfigError, match=message):
        settings_from(config)


def test_a_resumed_run_takes_the_recorded_settings(tmp_path):
    first = settings_from(composed('run=out/x', 'layout.steps=400', 'stop_after=200'))
    (tmp_path / 'config.yaml').write_text(yaml.safe_dump(plain(first)))
    overrides = [f'run={tmp_path}', 'resume=true', 'threads=2']

    settings = resumed(composed(*overrides), overrides, tmp_path)

    assert settings.layout.steps == 400
    assert (settings.resume, settings.threads, settings.stop_after) == (True, 2, None)


def test_a_resumed_run_cannot_become_another(tmp_path):
    first = settings_from(composed('run=out/x'))
    (tmp_path / 'config.yaml').write_text(yaml.safe_dump(plain(first)))
    overrides = ['resume=true', 'layout.learning_rate=1.0']

    with pytest.raises(ConfigError, match=r'got layout\.learning_rate'):
        resumed(composed('run=out/x', *overrides), overrides, tmp_path)
    with pytest.raises(RunError, match='Expected the run to resume'):
        resumed(composed('run=out/x'), [], tmp_path / 'elsewhere')
