"""
`eventdepth submit`: predicted depth as files for the disparity benchmark of DSEC.

One call adds one test sequence to the folder and packs all that are there; `replay --trigger
image` estimates at the stamps that the benchmark asks for.

"""

import argparse
from pathlib import Path

from eventdepth_core.errors import InputError

SUMMARY = 'Write predicted depth as a submission to the disparity benchmark of DSEC.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        'predicted', type=Path, help='folder of a replay, of .npy files, .npz file or recording'
    )
    parser.add_argument(
        '--stamps',
        type=Path,
        required=True,
        metavar='CSV',
        help='stamp file of the sequence: lines "timestamp_us, file_index"',
    )
    parser.add_argument('--out', type=Path, required=True, help='folder of the submission')
    parser.add_argument(
        '--calibration',
        type=Path,
        metavar='FILE',
        help='cam_to_cam.yaml of the sequence, which turns depth into disparity',
    )
    parser.add_argument(
        '--disparity', action='store_true', help='the maps are disparities in pixels already'
    )
    parser.add_argument(
        '--sequence', metavar='NAME', help='name of the sequence (default: that of the stamp file)'
    )
    parser.add_argument('--topic', help="topic of a predicted bag (default: the depth node's)")
    parser.add_argument(
        '--tolerance-ms',
        type=float,
        default=1.0,
        metavar='MS',
        help='how far a map may be from its stamp (%(default)g)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Write one sequence; say which are still missing."""
    from eventdepth_core.report.comparison import depth_maps, MapSource, run_of
    from eventdepth_core.report.comparison.comparing import DEPTH_TOPIC
    from eventdepth_core.report.dsec_submission import (
        read_stamps,
        write_sequence,
        ZIP_NAME,
    )
    from eventdepth_core.report.stereo_rig import read_stereo_rig
    from rich.console import Console

    if arguments.disparity == (arguments.calibration is not None):
        raise InputError('Expected either --calibration or --disparity, got both or neither.')
    rig = None if arguments.disparity else read_stereo_rig(arguments.calibration)
    source = MapSource(arguments.predicted, arguments.topic or DEPTH_TOPIC)
    written = write_sequence(
        arguments.out,
        arguments.sequence or arguments.stamps.stem,
        depth_maps(run_of(source).predicted),
        read_stamps(arguments.stamps),
        rig,
        tolerance_us=round(1000 * arguments.tolerance_ms),
    )
    told = [
        f'{written.name}: {written.num_pictures} pictures, {written.num_missing:,} pixels without '
        f'disparity, {written.num_clipped:,} clipped',
        f'{arguments.out / ZIP_NAME}: '
        + (f'missing {", ".join(written.absent)}' if written.absent else 'complete'),
    ]
    for line in told:
        Console().print(line, markup=False, soft_wrap=True)
    return 0
