"""What is made from the tables: equal to what is in the repository, and true to the tables."""

from dataclasses import dataclass
import json
from pathlib import Path
import subprocess
import sys

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters import parameter, parameters_from, rows
from eventdepth_ros.parameters.__main__ import CHECKOUT, generated, main, out_of_date
from eventdepth_ros.parameters.readme import markdown_table, with_section
from eventdepth_ros.parameters.schema import json_schema
from eventdepth_ros.parameters.tables import NODES_WITH_TABLES, table_of
from eventdepth_ros.parameters.yaml_defaults import yaml_text
from jsonschema import Draft7Validator
import pytest
import yaml

CONFIG = CHECKOUT / 'config'


@dataclass(frozen=True, slots=True)
class Table:
    name: str = parameter('name', "it's", 'A name.', read_only=True)
    tiny: float = parameter('group.tiny', 1e-05, 'A tiny number.', minimum=0.0, maximum=1.0)
    deep: bool = parameter('group.deeper.flag', False, 'A flag | with a bar.')
    count: int = parameter('count', -3, 'A count. ' + 'Many words say more. ' * 8)
    none: tuple[str, ...] = parameter('none', (), 'None.')
    some: tuple[str, ...] = parameter('some', ('a', 'b'), 'Some.', choices=('a', 'b', 'c'))
    kind: str = parameter('kind', 'x', 'A kind.', choices=('x', 'y'))


def flat(tree, prefix=''):
    found = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            found.update(flat(value, f'{prefix}{key}.'))
        else:
            found[f'{prefix}{key}'] = value
    return found


def parameters_in(path):
    """Return the flat parameters of each node of a parameter file."""
    content = yaml.safe_load(path.read_text())
    return [flat(node['ros__parameters']) for node in content.values()]


def table_for(path):
    """Return the table that a parameter file in config/ is for, by its name."""
    node = next((node for node in NODES_WITH_TABLES if path.stem == node), 'depth')
    return node, table_of(node)


def test_yaml_defaults_load_back_into_the_table():
    text = yaml_text('probe', Table)

    parameters = flat(yaml.safe_load(text)['/**']['ros__parameters'])

    assert parameters_from(Table, parameters) == Table()
    assert list(parameters) == [
        'name', 'group.tiny', 'group.deeper.flag', 'count', 'none', 'some', 'kind',
    ]  # fmt: skip
    assert max(len(line) for line in text.splitlines()) <= 99


def test_yaml_defaults_are_what_ros_reads(process_of_probe):
    table = process_of_probe(yaml_text('probe', Table))

    assert table == repr(Table())


@pytest.fixture
def process_of_probe(tmp_path, ros):
    """Declare the table in a node of another process, with a parameter file as ROS reads it."""
    script = tmp_path / 'probe.py'
    script.write_text(
        'import sys\n'
        f'sys.path[:0] = [{str(Path(__file__).parent)!r}]\n'
        'import rclpy\n'
        'from test_generated import Table\n'
        'from eventdepth_ros.parameters import declare\n'
        'rclpy.init(args=sys.argv)\n'
        "node = rclpy.create_node('probe')\n"
        'sys.stdout.write(repr(declare(node, Table)))\n'
        'node.destroy_node()\n'
        'rclpy.try_shutdown()\n'
    )

    def run(text):
        file = tmp_path / 'probe.yaml'
        file.write_text(text)
        done = subprocess.run(
            [sys.executable, script, '--ros-args', '--params-file', file],
            capture_output=True, text=True, check=False, env=ros.environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_schema_takes_the_defaults_and_parts_of_them():
    validator = Draft7Validator(json_schema('probe', Table))
    Draft7Validator.check_schema(validator.schema)

    assert validator.is_valid(yaml.safe_load(yaml_text('probe', Table)))
    assert validator.is_valid({'depth': {'ros__parameters': {'group': {'tiny': 0.5}}}})


@pytest.mark.parametrize(
    'parameters',
    [
        {'nmae': 'x'},
        {'name': 3},
        {'group': {'tiny': 2.0}},
        {'group': {'tiny': -0.1}},
        {'group': {'other': 1}},
        {'group': 3},
        {'count': 1.5},
        {'kind': 'z'},
        {'some': ['z']},
        {'some': 'a'},
    ],
)
def test_the_schema_refuses_what_the_table_refuses(parameters):
    validator = Draft7Validator(json_schema('probe', Table))

    assert not validator.is_valid({'/**': {'ros__parameters': parameters}})


def test_the_schema_carries_range_default_and_description():
    properties = json_schema('probe', Table)['additionalProperties']['properties']
    tiny = properties['ros__parameters']['properties']['group']['properties']['tiny']

    assert tiny == {
        'type': 'number',
        'description': 'A tiny number.',
        'default': 1e-05,
        'readOnly': False,
        'minimum': 0.0,
        'maximum': 1.0,
    }


@pytest.mark.parametrize('order', [('depth', 'depth.low'), ('depth.low', 'depth')])
def test_a_parameter_cannot_be_a_group_as_well(order):
    @dataclass(frozen=True)
    class Clashing:
        first: int = parameter(order[0], 1, 'One.')
        second: int = parameter(order[1], 2, 'Two.')

    with pytest.raises(InputError, match='Expected'):
        json_schema('probe', Clashing)


def test_a_readme_section_is_written_between_its_markers_only():
    text = 'before\n<!-- parameters:probe -->\nold\n<!-- /parameters:probe -->\nafter\n'

    written = with_section(text, 'probe', Table)

    assert written.startswith('before\n<!-- parameters:probe -->\n\n| parameter |')
    assert written.endswith('|\n\n<!-- /parameters:probe -->\nafter\n')
    assert with_section(written, 'probe', Table) == written


@pytest.mark.parametrize(
    'text',
    [
        '',
        '<!-- parameters:probe -->',
        '<!-- /parameters:probe --> <!-- parameters:probe -->',
        '<!-- parameters:probe --> <!-- parameters:probe --> <!-- /parameters:probe -->',
    ],
)
def test_a_readme_without_markers_is_refused(text):
    with pytest.raises(InputError, match='once each and in order'):
        with_section(text, 'probe', Table)


def test_a_markdown_row_keeps_its_six_columns():
    lines = markdown_table(Table).splitlines()

    assert all(line.replace('\\|', '').count('|') == 7 for line in lines)
    assert '| `group.tiny` | double | `1e-05` | 0 to 1 | live | A tiny number. |' in lines


def test_files_of_the_repository_are_those_the_tables_make():
    stale = out_of_date(generated(CHECKOUT))

    assert not stale, 'run: python -m eventdepth_ros.parameters write'


def test_check_names_what_is_out_of_date_and_write_mends_it(tmp_path, capsys):
    markers = '\n'.join(
        f'<!-- parameters:{node} -->\n<!-- /parameters:{node} -->' for node in NODES_WITH_TABLES
    )
    (tmp_path / 'README.md').write_text(markers)

    first = main(['check', '--root', str(tmp_path)])
    named = capsys.readouterr().err
    main(['write', '--root', str(tmp_path)])
    second = main(['check', '--root', str(tmp_path)])

    assert (first, second) == (1, 0)
    assert 'depth.schema.json is out of date' in named


@pytest.mark.parametrize('node', NODES_WITH_TABLES)
def test_every_parameter_is_described_in_sentences(node):
    for row in rows(table_of(node)):
        assert row.description.endswith('.'), row.name
        assert row.name == row.name.lower(), row.name


@pytest.mark.parametrize(
    'path',
    sorted([*CONFIG.glob('*.yaml'), *CONFIG.glob('drivers/*.yaml')]),
    ids=lambda path: path.name,
)
def test_every_parameter_file_loads_and_keeps_its_schema(path):
    node, table = table_for(path)
    schema = json.loads((CONFIG / 'schema' / f'{node}.schema.json').read_text())

    Draft7Validator(schema).validate(yaml.safe_load(path.read_text()))
    for parameters in parameters_in(path):
        parameters_from(table, parameters)
