"""Peers: absent ones are skipped, wrong ones are told."""

import os
import sys

from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import peers
import pytest


@pytest.fixture
def events():
    found = np.zeros(4, EVENT_DTYPE)
    found['t'] = [100, 101, 101, 105]
    found['x'], found['y'], found['p'] = [1, 2, 3, 4], [0, 0, 1, 1], [1, -1, 1, -1]
    return found


def columns(events):
    return events['t'] - 100, events['x'], events['y'], (events['p'] > 0).astype(np.int8)


def test_the_same_events_are_exact(events):
    assert peers.verdict(columns(events), events, 100) == 'exact'


@pytest.mark.parametrize('place', range(4))
def test_a_column_that_differs_is_named(events, place):
    found = [column.copy() for column in columns(events)]
    found[place][2] = int(found[place][2] == 0)

    assert peers.verdict(found, events, 100) == f'wrong {"txyp"[place]}: 25.0 % of events'


def test_missing_events_are_counted(events):
    found = [column[1:] for column in columns(events)]

    assert peers.verdict(found, events, 100) == 'wrong number: -1 events'


def test_a_peer_that_is_absent_is_none():
    assert peers.module('no_such_package_here') is None


def test_folders_of_peers_stand_behind_all_others(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, 'path', ['first'])
    folders = [str(tmp_path / name) for name in 'ab']

    peers.use(os.pathsep.join(folders))
    peers.use(None)

    assert sys.path == ['first', *folders]
