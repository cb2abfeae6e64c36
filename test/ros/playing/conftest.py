"""What the tests of playing share."""

from playing.small_bag import write_bag
import pytest


@pytest.fixture(scope='session')
def bag_path(tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp('bags') / 'small')
