"""`eventdepth convert`: datasets, raw files and bags into each other, event by event."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from eventdepth_core.commands.source_options import add_dataset_options, topics_by_stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventdepth_core.conversion import (
        ConversionOptions,
        ConversionPlan,
        ConversionProgress,
        ConversionSummary,
    )
    from rich.console import Console
    from rich.table import Table

SUMMARY = 'Convert a recording to a ROS 2 bag, or a bag to a DSEC-style dataset.'
EXIT_LOSS = 1
NO_EVENTS = {'trigger'}  # what is told, but was never an event
US_PER_S = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('source', type=Path, metavar='IN', help='anything that replay reads')
    parser.add_argument(
        'target',
        type=Path,
        metavar='OUT',
        help='bag folder, .mcap file, DSEC folder, or .h5 file for events alone',
    )
    parser.add_argument(
        '--to',
        choices=('bag', 'dsec'),
        help='what OUT is, where its name does not say it (default: dsec from a bag, else bag)',
    )
    parser.add_argument('--events-only', action='store_true', help='leave out everything else')
    parser.add_argument(
        '--dry-run', action='store_true', help='say what would be written, and write nothing'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace OUT')
    parser.add_argument(
        '--resume', action='store_true', help='go on with what an interrupted conversion left'
    )
    _add_source(parser.add_argument_group('source'))
    add_dataset_options(parser.add_argument_group('datasets'))
    _add_times(parser.add_argument_group('times and losses'))
    _add_bag(parser.add_argument_group('bags to write'))


def run(arguments: argparse.Namespace) -> int:
    """Convert with a progress bar and print what came out; code 1 if events were lost."""
    from eventdepth_core.conversion import conversion_plan, convert
    from eventdepth_core.conversion.convert import opened_source
    from rich.console import Console

    console = Console()
    options = _options(arguments)
    if arguments.dry_run:
        with opened_source(arguments.source, options) as recording:
            plan = conversion_plan(recording, arguments.target, options)
            console.print(_headline(plan), soft_wrap=True, markup=False)
            console.print(_plan_table(plan))
            for remark in recording.remarks:
                console.print(f'Not read: {remark}', soft_wrap=True, markup=False)
        return 0
    with ConversionBar(console) as bar:
        summary = convert(arguments.source, arguments.target, options, on_progress=bar.update)
    console.print(_summary_table(summary))
    console.print(f'Result: {summary.target}', soft_wrap=True, markup=False)
    return EXIT_LOSS if set(summary.dropped) - NO_EVENTS else 0


class ConversionBar:
    """A progress bar with events and their rate; without a known length it only counts."""

    def __init__(self, console: 'Console') -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            TextColumn('{task.fields[events]:,} events'),
            TimeElapsedColumn(),
            console=console,
        )
        self._bar = self._progress.add_task('opening', total=None, events=0)

    def __enter__(self) -> 'ConversionBar':
        self._progress.start()
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        if error_type is None:
            self._progress.update(self._bar, total=1.0, completed=1.0)
        self._progress.live.transient = error_type is not None
        self._progress.stop()

    def update(self, progress: 'ConversionProgress') -> None:
        """Show how far the conversion is."""
        self._progress.update(
            self._bar,
            description='resume' if progress.is_skipping else 'convert',
            completed=progress.share or 0.0,
            total=None if progress.share is None else 1.0,
            events=progress.num_events,
        )


def _headline(plan: 'ConversionPlan') -> str:
    forms = {'bag': 'a ROS 2 bag', 'dsec': 'the DSEC layout'}
    there = '; an interrupted conversion is there, --resume goes on with it'
    return f'Would write {forms[plan.form]} to {plan.target}{there if plan.has_partial else ""}'


def _plan_table(plan: 'ConversionPlan') -> 'Table':
    from rich.markup import escape
    from rich.table import Table

    table = Table('stream', 'from', 'to', 'remark')
    for each in plan.streams:
        cells = (each.name, each.source, each.target or 'left out', each.remark)
        table.add_row(*map(escape, cells))
    return table


def _summary_table(summary: 'ConversionSummary') -> 'Table':
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_header=False)
    for name, value in _lines(summary):
        table.add_row(name, escape(value))
    return table


def _lines(summary: 'ConversionSummary') -> list[tuple[str, str]]:
    num_events = summary.counts.get('events', 0)
    rate = (num_events - summary.num_resumed) / max(summary.wall_s, 1e-9) / 1e6
    lines = [
        ('written', _listed({str(name): count for name, count in summary.counts.items()})),
        ('not converted', _listed(summary.dropped)),
        ('took', f'{summary.wall_s:.1f} s, {rate:.2f} million events a second'),
    ]
    if summary.start_us is not None and summary.end_us is not None:
        start_s, end_s = summary.start_us / US_PER_S, summary.end_us / US_PER_S
        lines.append(('time', f'{start_s:.6f} s to {end_s:.6f} s'))
    if summary.num_resumed > 0:
        lines.append(('of an earlier run', f'{summary.num_resumed:,} events'))
    if summary.clock_offset_us != 0:
        lines.append(('event clock', f'{summary.clock_offset_us:+,} µs to that of the others'))
    return lines


def _listed(tally: 'Mapping[str, int]') -> str:
    return ', '.join(f'{name}: {count:,}' for name, count in tally.items()) or 'nothing'


def _add_source(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--from-topics',
        type=topics_by_stream,
        default={},
        metavar='LIST',
        help='topics of a bag, or streams of an .aedat4 file, to read, e.g. events=/cam/events',
    )
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        '--camera',
        type=Path,
        metavar='FILE',
        help='calibration: Kalibr camchain, ROS camera_info or DSEC cam_to_cam YAML',
    )
    either.add_argument(
        '--fov-deg',
        type=float,
        metavar='DEG',
        help='horizontal field of view to assume where there is no camera',
    )


def _add_times(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--shift-us', type=int, default=0, metavar='N', help='add N µs to every time (%(default)d)'
    )
    group.add_argument(
        '--allow-loss',
        action='store_true',
        help='leave out events that come too late by more than 20 ms, counted; else an error',
    )


def _add_bag(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--topics',
        type=topics_by_stream,
        default={},
        metavar='LIST',
        help='names of the topics, e.g. events=/front/events,depth=/truth',
    )
    group.add_argument(
        '--encoding',
        choices=('evt3', 'mono', 'keep'),
        default='evt3',
        help='of the event packets; keep = that of the source (%(default)s)',
    )
    group.add_argument(
        '--packet-us',
        type=int,
        default=1000,
        metavar='N',
        help='least length of an event packet, µs (%(default)d)',
    )
    group.add_argument(
        '--split-mib',
        type=int,
        default=512,
        metavar='N',
        help='begin a new file of a bag folder after N MiB of messages; 0 = never (%(default)d)',
    )


def _options(arguments: argparse.Namespace) -> 'ConversionOptions':
    from eventdepth_core.conversion import ConversionOptions
    from eventdepth_core.recordings.datasets.options import DatasetOptions
    from eventdepth_core.recordings.topics import TopicNames

    return ConversionOptions(
        form=arguments.to,
        is_events_only=arguments.events_only,
        names=TopicNames(**arguments.topics),
        source_topics=arguments.from_topics,
        camera_path=arguments.camera,
        fov_deg=arguments.fov_deg,
        dataset=DatasetOptions(arguments.allow_pickled_arrays, arguments.depth_scale_m),
        overwrite=arguments.overwrite,
        resume=arguments.resume,
        encoding=arguments.encoding,
        packet_us=arguments.packet_us,
        split_bytes=arguments.split_mib << 20,
        shift_us=arguments.shift_us,
        allows_loss=arguments.allow_loss,
    )
