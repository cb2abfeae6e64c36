"""
`eventdepth evaluate`: predicted depth against reference depth under a named profile.

Either side is a folder of .npy or .png files, an .npz file or a recording with a depth stream;
predictions may be the folder of a replay. Maps are paired by name, by stamp, or by order. Law: an
unpaired map is counted and said, never guessed at.

"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from eventdepth_core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventdepth_core.evaluation import Profile
    from eventdepth_core.report.comparison import ComparisonSummary, PairingRules, Run
    from eventdepth_core.report.stereo_rig import StereoRig
    from rich.console import Console

SUMMARY = 'Compare predicted depth with reference depth under a named profile.'
FORMS = ('metres', 'millimetres', 'png256', 'inverse', 'log_code')
REPORT_NAME, JSON_NAME = 'report.html', 'evaluation.json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        'paths',
        type=Path,
        nargs='+',
        metavar='PATH',
        help='predictions (folder of a replay, of .npy or .png, .npz file or recording) and, '
        'without --target, the reference last',
    )
    parser.add_argument('--target', type=Path, help='reference depth, in the same forms')
    parser.add_argument('--profile', default='plain', help='evaluation profile (%(default)s)')
    parser.add_argument(
        '--set',
        action='append',
        default=[],
        metavar='SWITCH=VALUE',
        help='change a switch of the profile, e.g. max_depth_m=50',
    )
    parser.add_argument('--std', type=Path, help='standard deviations, in the same forms')
    parser.add_argument(
        '--valid',
        type=Path,
        help='masks of the pixels that count (not 0), e.g. those with events: files as above',
    )
    parser.add_argument(
        '--calibration',
        type=Path,
        metavar='FILE',
        help='cam_to_cam.yaml of DSEC: judge the disparities of depths in metres',
    )
    parser.add_argument('--json', type=Path, help='file to write the metrics to')
    parser.add_argument(
        '--report', type=Path, metavar='DIR', help=f'folder for {REPORT_NAME} and {JSON_NAME}'
    )
    _add_meanings(parser.add_argument_group('what the numbers of files mean'))
    _add_pairing(parser.add_argument_group('which map belongs to which'))


def run(arguments: argparse.Namespace) -> int:
    """Print the metrics of each run; an error if a run has no pair."""
    from eventdepth_core.report.comparison import compared, MapSource, Meaning
    from rich.console import Console

    rules = _rules(arguments)
    predicted, target = _sides(arguments)
    meaning = Meaning(arguments.target_form, rules.codec, _rig(arguments, rules))
    source = MapSource(target, arguments.target_topic, meaning)
    console = Console()
    with _Bar(console) as on_pair:
        summary = compared(
            _runs(arguments, predicted, rules), source, rules, _pairing(arguments), on_pair=on_pair
        )
    _print(console, summary)
    if arguments.json is not None:
        _write(arguments.json, _json(summary))
    if arguments.report is not None:
        _write_report(arguments.report, summary)
        console.print(f'Report: {arguments.report / REPORT_NAME}', soft_wrap=True, markup=False)
    return 0


def _add_meanings(group: argparse._ArgumentGroup) -> None:
    for option, side in (('--form', 'predictions'), ('--target-form', 'the reference')):
        group.add_argument(
            option,
            choices=FORMS,
            help=f'numbers of {side}: metres (default; pictures must be told), png256 = 1/256 m, '
            "inverse = 1/m, log_code = the profile's code",
        )
    group.add_argument(
        '--topic', help="depth topic of a predicted bag (default: the depth node's)"
    )
    group.add_argument('--target-topic', help='depth topic of a target bag')
    group.add_argument('--std-topic', help="topic of a bag named by --std (default: the node's)")


def _add_pairing(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--pair',
        choices=('key', 'order'),
        default='key',
        help='by name or stamp (default), or the k-th with the k-th',
    )
    group.add_argument(
        '--tolerance-ms',
        type=float,
        metavar='MS',
        help='how far stamps may differ (default: 1 where one side is a recording, else 0)',
    )
    for side in ('predicted', 'target'):
        group.add_argument(
            f'--{side}-offset',
            type=int,
            default=0,
            metavar='N',
            help=f'with --pair order: leave out the first N maps of the {side} side',
        )


def _sides(arguments: argparse.Namespace) -> tuple[list[Path], Path]:
    """Return the paths of the predictions and that of the target."""
    paths: list[Path] = arguments.paths
    if arguments.target is not None:
        target: Path = arguments.target
        return paths, target
    if len(paths) != 2:
        raise InputError(
            f'Expected a prediction and a reference, or --target beside several predictions, got '
            f'{len(paths)} paths.'
        )
    return paths[:1], paths[1]


def _rules(arguments: argparse.Namespace) -> 'Profile':
    from eventdepth_core.evaluation import profile_named, with_switches

    switches = {}
    for text in arguments.set:
        name, sign, value = text.partition('=')
        if not sign:
            raise InputError(f'Expected SWITCH=VALUE after --set, got {text!r}.')
        switches[name] = value
    return with_switches(profile_named(arguments.profile), switches)


def _rig(arguments: argparse.Namespace, rules: 'Profile') -> 'StereoRig | None':
    from eventdepth_core.report.stereo_rig import read_stereo_rig

    if arguments.calibration is None:
        return None
    if rules.quantity != 'disparity':
        raise InputError(
            f'Expected a profile of disparities beside --calibration, got {rules.name}.'
        )
    return read_stereo_rig(arguments.calibration)


def _runs(arguments: argparse.Namespace, paths: list[Path], rules: 'Profile') -> list['Run']:
    from eventdepth_core.report.comparison import MapSource, Meaning, run_of
    from eventdepth_core.report.comparison.comparing import DEPTH_TOPIC, STD_TOPIC

    if arguments.std is not None and len(paths) > 1:
        raise InputError(f'Expected one prediction beside --std, got {len(paths)}.')
    rig = _rig(arguments, rules)
    if arguments.std is not None and rig is not None:
        raise InputError(
            'Expected no --std beside --calibration: disparities have none, got both.'
        )
    meaning = Meaning(arguments.form, rules.codec, rig)
    std_topic = arguments.std_topic or STD_TOPIC
    std = None if arguments.std is None else MapSource(arguments.std, std_topic)
    valid = None if arguments.valid is None else MapSource(arguments.valid)
    topic = arguments.topic or DEPTH_TOPIC
    return [run_of(MapSource(path, topic, meaning), std, valid) for path in paths]


def _pairing(arguments: argparse.Namespace) -> 'PairingRules | None':
    from eventdepth_core.report.comparison import PairingRules

    offsets = (arguments.predicted_offset, arguments.target_offset)
    if arguments.pair == 'order':
        if min(offsets) < 0:
            raise InputError(f'Expected offsets of 0 or more, got {offsets}.')
        return PairingRules('order', 0, *offsets)
    if any(offsets):
        raise InputError('Expected --pair order beside an offset, got --pair key.')
    if arguments.tolerance_ms is None:
        return None
    return PairingRules(tolerance_us=round(1000 * arguments.tolerance_ms))


class _Bar:
    """A line in the terminal that counts pairs; gone at the end."""

    def __init__(self, console: 'Console') -> None:
        self._status = console.status('preparing')

    def __enter__(self) -> 'Callable[[str, int], None]':
        self._status.start()
        return lambda name, num: self._status.update(f'{name}: {num} maps')

    def __exit__(self, *_: object) -> None:
        self._status.stop()


def _print(console: 'Console', summary: 'ComparisonSummary') -> None:
    from rich.markup import escape
    from rich.table import Table

    runs = summary.runs
    names = [escape(run.name) for run in runs] if len(runs) > 1 else ['value']
    console.print(f'profile {summary.profile}', markup=False, soft_wrap=True)
    table = Table('metric', *names)
    for name in dict.fromkeys(name for run in runs for name in run.metrics):
        table.add_row(
            name, *(_number(run.metrics[name]) if name in run.metrics else '' for run in runs)
        )
    console.print(table)
    for run in runs:
        said = run.statement
        label = f'{run.name}: ' if len(runs) > 1 else ''
        console.print(
            f'{label}{run.num_pairs} pairs, {run.num_unpaired} maps without partner; '
            f'{said.averaging}, alignment: {said.alignment}, cut-offs: {said.cut_offs}; '
            f'{100 * said.valid_fraction:.1f} % of the pixels used',
            markup=False,
            soft_wrap=True,
        )


def _number(value: float) -> str:
    return f'{value:,}' if isinstance(value, int) else f'{value:.6g}'


def _json(summary: 'ComparisonSummary') -> str:
    import json

    from eventdepth_core.report.comparison import comparison_text

    content = json.loads(comparison_text(summary))
    first = content['runs'][0]
    head = {key: first[key] for key in ('num_pairs', 'num_unpaired', 'metrics')}
    if len(content['runs']) == 1:
        content = {'profile': summary.profile, **head, **content}
    return json.dumps(content, indent=2) + '\n'


def _write_report(folder: Path, summary: 'ComparisonSummary') -> None:
    from eventdepth_core.report.comparison import comparison_page, comparison_text

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f'Expected a folder that can be made at {folder}, got {error.strerror}.'
        ) from error
    _write(folder / REPORT_NAME, comparison_page(summary))
    _write(folder / JSON_NAME, comparison_text(summary))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding='utf-8')
    except OSError as error:
        raise InputError(
            f'Expected a file that can be written at {path}, got {error.strerror}.'
        ) from error
