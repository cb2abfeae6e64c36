"""
`python -m eventdepth_ros.msgs build`: build the message packages before they are needed.

Without `--target` the builds go into the cache that the nodes look in. With it they go into a
folder of your choice, to be put on PYTHONPATH (an image, a machine without a compiler).

"""

import argparse
from collections.abc import Sequence
from pathlib import Path
import sys

from eventdepth_core.errors import EventDepthError
from eventdepth_ros.msgs.building import build_package
from eventdepth_ros.msgs.packages import MessagePackage, PACKAGES
from eventdepth_ros.msgs.requiring import build_into_cache, installed, interfaces_of

EXIT_FAILURE = 1


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    arguments = _parser().parse_args(words)
    chosen = [PACKAGES[name] for name in arguments.packages or PACKAGES]
    try:
        for package in chosen:
            sys.stdout.write(f'{package.name}: {_build(package, arguments.target)}\n')
    except EventDepthError as error:
        sys.stderr.write(f'{error}\n')
        return EXIT_FAILURE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m eventdepth_ros.msgs', description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)
    build = commands.add_parser('build', help='build the message packages that are missing')
    build.add_argument(
        'packages', nargs='*', metavar='PACKAGE', help=f'all of {", ".join(PACKAGES)} if not given'
    )
    build.add_argument('--target', type=Path, metavar='DIR', help='build into this folder anew')
    return parser


def _build(package: MessagePackage, target: Path | None) -> str:
    if target is not None:
        build_package(interfaces_of(package), target.resolve())
        return f'built into {target}; put it on PYTHONPATH'
    found = installed(package.name)
    if found is not None:
        return f'installed in {found}; nothing to build'
    return f'built in {build_into_cache(package)}'


if __name__ == '__main__':
    sys.exit(main())
