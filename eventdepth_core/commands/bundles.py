"""`eventdepth bundles`: list the model bundles that can be loaded by name."""

import argparse

from eventdepth_core.errors import EventDepthError

SUMMARY = 'List the model bundles that can be loaded by name, and check their files.'
EXIT_PROBLEM = 1
BYTES_PER_MIB = 2**20
_COLUMNS = ('name', 'version', 'task', 'inputs', 'MiB', 'GFLOP', 'files')
_UNBROKEN = ('name', 'version', 'task', 'MiB', 'GFLOP')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options; the command has none."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Print one row per bundle; the exit code is 1 if a bundle is broken."""
    del arguments
    from eventdepth_core.bundle import list_bundles
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    entries = list_bundles()
    if not entries:
        console.print('No bundles: neither shipped nor below EVENTDEPTH_BUNDLES.')
        return EXIT_PROBLEM
    table = Table()
    for column in _COLUMNS:
        table.add_column(column, overflow='fold', no_wrap=column in _UNBROKEN)
    is_sound = True
    for entry in entries:
        try:
            table.add_row(*_row(str(entry.folder)))
        except EventDepthError as error:
            is_sound = False
            blank = [''] * (len(_COLUMNS) - 2)
            table.add_row(entry.name, *blank, escape(f'broken: {error}'), style='red')
    console.print(table)
    for entry in entries:
        console.print(escape(f'{entry.name}: {entry.folder}'), soft_wrap=True)
    return 0 if is_sound else EXIT_PROBLEM


def _row(folder: str) -> tuple[str, ...]:
    from eventdepth_core.bundle import load_bundle

    bundle = load_bundle(folder)
    size = sum(graph.path.stat().st_size for graph in bundle.graphs.values())
    return (
        bundle.name,
        bundle.version,
        bundle.task,
        ', '.join(bundle.inputs.modalities),
        f'{size / BYTES_PER_MIB:.1f}',
        '' if bundle.gflop is None else f'{bundle.gflop:.2f}',
        'verified',
    )
