"""`eventdepth replay`: a recording through a model bundle, with report, pictures and metrics."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from eventdepth_core.commands.source_options import add_dataset_options, topics_by_stream
from eventdepth_core.types import ENTERED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventdepth_core.replay import Progress as ReplayProgress
    from eventdepth_core.replay import ReplayOptions
    from eventdepth_core.report import ReplaySummary
    from rich.console import Console
    from rich.table import Table

EXIT_NO_FRAME = 1
US_PER_S = 1_000_000
SUMMARY = 'Estimate depth along a recording; writes depth.mcap, report.html and metrics.json.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        'recording',
        type=Path,
        help='ROS 2 bag (folder, .mcap, .db3), .raw, .aedat4, text folder, KITTI folder, dataset',
    )
    parser.add_argument(
        '--bundle', default='eventdepth-s', help='name or folder of a bundle (%(default)s)'
    )
    parser.add_argument('--out', type=Path, required=True, help='folder for the results')
    parser.add_argument(
        '--profile',
        default='plain',
        metavar='NAME',
        help='evaluation profile where the recording has a reference (%(default)s)',
    )
    parser.add_argument(
        '--no-report', action='store_true', help='leave out report.html and preview.png'
    )
    _add_camera(parser.add_argument_group('camera'))
    _add_triggers(parser.add_argument_group('when to estimate'))
    _add_inputs(parser.add_argument_group('what enters'))
    _add_filters(parser.add_argument_group('event filters (default: none)'))
    add_dataset_options(parser.add_argument_group('datasets'))
    engine = parser.add_argument_group('engine')
    engine.add_argument('--engine', default='auto', help='inference engine (%(default)s)')
    engine.add_argument(
        '--threads', type=int, metavar='N', help='threads of the engine (default: cores - 1)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Replay with a progress bar and print what came out; code 1 if no frame did."""
    from eventdepth_core.replay import replay
    from rich.console import Console

    console = Console()
    options = _options(arguments)
    with ReplayBar(console) as bar:
        summary = replay(
            arguments.recording, arguments.bundle, arguments.out, options, on_progress=bar.update
        )
    console.print(_table(summary))
    console.print(f'Results: {arguments.out}', soft_wrap=True, markup=False)
    if summary.counts.num_frames > 0:
        return 0
    Console(stderr=True, soft_wrap=True, highlight=False).print(
        _absence(summary, options.start_s), markup=False, style='red'
    )
    return EXIT_NO_FRAME


class ReplayBar:
    """A progress bar in the terminal; without a known length it only counts; gone on an error."""

    def __init__(self, console: 'Console') -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            TextColumn('{task.fields[frames]} frames'),
            TimeElapsedColumn(),
            console=console,
        )
        self._bar = self._progress.add_task('preparing', total=None, frames=0)

    def __enter__(self) -> 'ReplayBar':
        self._progress.start()
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        self._progress.live.transient = error_type is not None
        self._progress.stop()

    def update(self, progress: 'ReplayProgress') -> None:
        """Show how far the replay is."""
        self._progress.update(
            self._bar,
            description='replay',
            completed=progress.num_samples,
            total=progress.num_expected,
            frames=progress.num_frames,
        )


def _absence(summary: 'ReplaySummary', start_s: float) -> str:
    """Say why there is no frame, as far as the extent of the recording tells."""
    start_us, end_us = summary.recording.start_us, summary.recording.end_us
    if start_us is None or end_us is None:
        return 'Expected at least one frame, got none: no sample of the recording gives a time.'
    end_s = (end_us - start_us) / US_PER_S
    return (
        f'Expected at least one frame from {start_s:g} s on, got none: '
        f'the recording ends at {end_s:.3f} s.'
    )


def _table(summary: 'ReplaySummary') -> 'Table':
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_header=False)
    for name, value in _lines(summary):
        table.add_row(name, escape(value))
    return table


def _lines(summary: 'ReplaySummary') -> list[tuple[str, str]]:
    counts, timing = summary.counts, summary.timing
    guessed = {'prior': 'prior (guessed)', 'relative': 'relative (arbitrary unit)'}
    scales = [f'{guessed.get(name, name)}: {n}' for name, n in summary.scales.items()]
    lines = [
        ('frames', f'{counts.num_frames} from {_listed(summary.modalities)}'),
        ('scale', ', '.join(scales) or 'no frames'),
        ('camera from', summary.camera.source),
        ('events', f'{counts.num_events:,} in {counts.num_packets:,} packets'),
        ('drops', _listed(summary.drops)),
        ('discontinuities', str(len(summary.discontinuities))),
    ]
    for name, factor in (
        ('bytes to tensor', timing.real_time_factor_accumulate),
        ('everything', timing.real_time_factor_all),
    ):
        if math.isfinite(factor):
            lines.append((name, f'{factor:.3g} x real time on one core'))
    for row in summary.metrics:
        delta, abs_rel = row.values.get('delta1'), row.values.get('abs_rel')
        lines.append((f'accuracy {row.subset}', f'AbsRel {abs_rel:.4g}, delta1 {delta:.4g}'))
    return lines


def _listed(tally: 'Mapping[str, int]') -> str:
    return ', '.join(f'{name}: {count}' for name, count in tally.items()) or 'none'


def _add_camera(group: argparse._ArgumentGroup) -> None:
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
        help='horizontal field of view to assume where there is no camera; reported as assumed',
    )


def _add_triggers(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--rate-hz',
        type=float,
        metavar='HZ',
        default=20.0,
        help='rate of the time grid (%(default)g)',
    )
    group.add_argument(
        '--trigger',
        choices=('auto', 'rate', 'image', 'points', 'reference'),
        default='auto',
        help='estimate on the time grid or at stamps; auto (default): the grid where events enter',
    )
    group.add_argument(
        '--start-s', type=float, default=0.0, help='skip this much of the recording'
    )
    group.add_argument(
        '--duration-s', type=float, metavar='S', help='stop after this much (default: all)'
    )
    group.add_argument(
        '--motion-delay-ms', type=float, metavar='MS', default=0.0,
        help='use events and poses up to so long after a stamp for motion (%(default)g)',
    )  # fmt: skip
    group.add_argument(
        '--max-frames', type=int, metavar='N', help='stop after so many frames (default: all)'
    )


def _add_inputs(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--use',
        type=_modalities,
        default=ENTERED,
        metavar='LIST',
        help='what may enter, e.g. events,image; motion: poses (default: all the bundle can use)',
    )
    group.add_argument(
        '--topics',
        type=topics_by_stream,
        default={},
        metavar='LIST',
        help='topics of a bag, e.g. events=/cam/events,image=/cam/image (default: first by name)',
    )
    group.add_argument(
        '--points-fraction',
        type=float,
        metavar='F',
        default=1.0,
        help='share of measured pixels that enters (%(default)g); the rest is the reference',
    )
    group.add_argument(
        '--seed', type=int, metavar='N', default=0, help='chooses which points enter (%(default)d)'
    )


def _add_filters(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--hot-pixels', action='store_true', help='leave out pixels that fire on and on'
    )
    group.add_argument(
        '--refractory-us', type=int, metavar='US', default=0,
        help='leave out events that come sooner after the last one of their pixel',
    )  # fmt: skip
    group.add_argument(
        '--background-us', type=int, metavar='US', default=0,
        help='leave out events without one in the neighbourhood within this time',
    )  # fmt: skip


def _modalities(text: str) -> tuple[str, ...]:
    names = tuple(text.split(','))
    for name in names:
        if name not in ENTERED:
            message = f'expected names out of {", ".join(ENTERED)}, got {name!r}'
            raise argparse.ArgumentTypeError(message)
    return tuple(name for name in ENTERED if name in names)


def _options(arguments: argparse.Namespace) -> 'ReplayOptions':
    from eventdepth_core.events.filters import Filtering
    from eventdepth_core.recordings.datasets.options import DatasetOptions
    from eventdepth_core.replay import ReplayOptions

    return ReplayOptions(
        camera_path=arguments.camera,
        fov_deg=arguments.fov_deg,
        topics=arguments.topics,
        trigger=arguments.trigger,
        rate_hz=arguments.rate_hz,
        use=arguments.use,
        start_s=arguments.start_s,
        duration_s=arguments.duration_s,
        max_frames=arguments.max_frames,
        points_fraction=arguments.points_fraction,
        seed=arguments.seed,
        engine=arguments.engine,
        threads=arguments.threads,
        motion_delay_ms=arguments.motion_delay_ms,
        filtering=Filtering(
            arguments.hot_pixels, arguments.refractory_us, arguments.background_us
        ),
        has_report=not arguments.no_report,
        profile=arguments.profile,
        dataset=DatasetOptions(arguments.allow_pickled_arrays, arguments.depth_scale_m),
    )
