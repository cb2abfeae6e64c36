"""Tables and the pages they are put into."""

import json

import pytest
from rounds import Load
import tables


def test_columns_of_numbers_stand_to_the_right():
    text = tables.markdown(['path', 'ms'], [['ours', '1.2 ± 0.1'], ['theirs', 'load']])

    assert text.splitlines() == [
        '| path | ms |',
        '| --- | ---: |',
        '| ours | 1.2 ± 0.1 |',
        '| theirs | load |',
    ]


def test_a_table_replaces_what_stood_between_its_marks(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('head\n<!-- bench:a -->\nold\n<!-- /bench:a -->\ntail\n')

    for _ in range(2):
        tables.put_into_page(page, 'a', 'new\n')

    assert page.read_text() == 'head\n<!-- bench:a -->\nnew\n<!-- /bench:a -->\ntail\n'


@pytest.mark.parametrize('text', ['', '<!-- bench:a -->', '<!-- /bench:a --><!-- bench:a -->'])
def test_a_page_without_marks_is_left_alone(tmp_path, text):
    page = tmp_path / 'page.md'
    page.write_text(text)

    with pytest.raises(ValueError, match='bench:a'):
        tables.put_into_page(page, 'a', 'new')

    assert page.read_text() == text


def test_dataclasses_go_into_the_json(tmp_path):
    path = tmp_path / 'new' / 'out.json'

    tables.write_json(path, {'load': Load(1.0, 2)})

    assert json.loads(path.read_text()) == {'load': {'average': 1.0, 'cores': 2}}


def test_the_machine_is_told_with_its_versions():
    assert {'processor', 'cores', 'numba', 'torch'} <= tables.machine().keys()
