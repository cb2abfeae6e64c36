"""`python -m eventdepth_ros.diagnostics write|check`: docs/troubleshooting.md of a checkout."""

from argparse import ArgumentParser
from pathlib import Path
import sys

from eventdepth_ros.diagnostics.troubleshooting import PAGE, page

CHECKOUT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Write or check; return the exit status."""
    parser = ArgumentParser(prog='python -m eventdepth_ros.diagnostics', description=__doc__)
    parser.add_argument('action', choices=('write', 'check'))
    parser.add_argument('--root', type=Path, default=CHECKOUT, help='the checkout')
    given = parser.parse_args(arguments)
    path: Path = given.root / PAGE
    if path.is_file() and path.read_text(encoding='utf-8') == page():
        return 0
    if given.action == 'check':
        sys.stderr.write(f'{path} is out of date: python -m eventdepth_ros.diagnostics write\n')
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding='utf-8')
    sys.stdout.write(f'{path}\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
