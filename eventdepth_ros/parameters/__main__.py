"""
`python -m eventdepth_ros.parameters write|check`: what is made from the declaration tables.

Made are, in a checkout: `config/<node>.yaml`, `config/schema/<node>.schema.json` and the tables of
README.md. `check` writes nothing and ends with status 1 if something is out of date.

"""

from argparse import ArgumentParser
import json
from pathlib import Path
import sys

from eventdepth_core.errors import EventDepthError
from eventdepth_ros.parameters.readme import with_section
from eventdepth_ros.parameters.schema import json_schema
from eventdepth_ros.parameters.tables import NODES_WITH_TABLES, table_of
from eventdepth_ros.parameters.yaml_defaults import yaml_text

CHECKOUT = Path(__file__).resolve().parents[2]


def generated(root: Path, nodes: tuple[str, ...] = NODES_WITH_TABLES) -> dict[Path, str]:
    """
    Return each file that the tables of `nodes` make, with the content it should have.

    Raises
    ------
    InputError
        If a table breaks its own rules, or README.md lacks the markers of a node.

    """
    readme = root / 'README.md'
    files = {readme: readme.read_text(encoding='utf-8')}
    for node in nodes:
        table = table_of(node)
        schema = json.dumps(json_schema(node, table), indent=2, ensure_ascii=False)
        files[root / 'config' / f'{node}.yaml'] = yaml_text(node, table)
        files[root / 'config' / 'schema' / f'{node}.schema.json'] = schema + '\n'
        files[readme] = with_section(files[readme], node, table)
    return files


def out_of_date(files: dict[Path, str]) -> list[Path]:
    """Return the files whose content on disk differs from what it should be."""
    return [
        path
        for path, content in files.items()
        if not path.is_file() or path.read_text(encoding='utf-8') != content
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write or check; return the exit status."""
    parser = ArgumentParser(prog='python -m eventdepth_ros.parameters', description=__doc__)
    parser.add_argument('action', choices=('write', 'check'))
    parser.add_argument('--root', type=Path, default=CHECKOUT, help='the checkout')
    given = parser.parse_args(arguments)
    try:
        files = generated(given.root)
    except (EventDepthError, OSError) as error:
        sys.stderr.write(f'{error}\n')
        return 1
    stale = out_of_date(files)
    if given.action == 'check':
        for path in stale:
            sys.stderr.write(f'{path} is out of date: python -m eventdepth_ros.parameters write\n')
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding='utf-8')
        sys.stdout.write(f'{path}\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
