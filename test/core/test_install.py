"""Finding installed files."""

from eventdepth_core import install
from eventdepth_core.errors import InstallationError
import pytest


def test_a_file_of_the_checkout_is_found(repository, monkeypatch):
    monkeypatch.delenv('AMENT_PREFIX_PATH', raising=False)

    assert install.installed_file('package.xml') == repository / 'package.xml'


def test_an_indexed_share_folder_comes_first(tmp_path, monkeypatch):
    share = tmp_path / 'share' / 'eventdepth_ros'
    share.mkdir(parents=True)
    (share / 'package.xml').touch()
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'/nowhere:{tmp_path}')

    assert install.installed_file('package.xml') != share / 'package.xml'

    index = tmp_path / install.INDEX
    index.parent.mkdir(parents=True)
    index.touch()
    assert install.installed_file('package.xml') == share / 'package.xml'


def test_a_missing_file_is_an_error_that_names_the_places(repository):
    with pytest.raises(InstallationError, match=rf'Expected config/no\.yaml .*{repository}'):
        install.installed_file('config', 'no.yaml')
