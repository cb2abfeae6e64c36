"""
One table of many evaluations: a row for each job, and the mean of the recordings of each bundle.

Laws: each recording counts once in a mean, however long it is; a job that failed, or left nothing,
stands in the table with its reason and counts in no mean.

"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
import json
import logging
from pathlib import Path

from eventdepth_core.evaluation.metric_means import mean_metrics
from eventdepth_core.report.comparison.plain_arrays import plain
from eventdepth_core.report.elements import headline, number, page, section, table
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

JOB_NAME = 'job.json'
RESULT_NAME = 'evaluation.json'
FAILURE_NAME = 'failure.txt'
TABLE_NAME = 'table'
COLUMNS = ('abs_rel', 'rmse', 'rmse_log', 'silog', 'delta1', 'mae', 'ause', 'coverage_1sigma')
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One job: its number, what was evaluated, and the metrics or why there are none."""

    job: str
    recording: str
    bundle: str
    profile: str = ''
    num_frames: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: str = ''


class TableOfAll(Callback):
    """Writes the table when the last job of a sweep has ended."""

    def on_multirun_end(self, config: DictConfig, **_: object) -> None:
        """Gather what the jobs left in the folder of the sweep."""
        write_table(Path(config.hydra.sweep.dir))


def write_table(folder: Path) -> tuple[Row, ...]:
    """Write table.json and table.html about the jobs in a folder; return the rows."""
    rows = gathered(folder)
    content = {'rows': [plain(asdict(row)) for row in rows], 'means': plain(means(rows))}
    text = json.dumps(content, indent=2, allow_nan=False) + '\n'
    (folder / f'{TABLE_NAME}.json').write_text(text, encoding='utf-8')
    (folder / f'{TABLE_NAME}.html').write_text(_page(rows), encoding='utf-8')
    num_failed = sum(bool(row.failure) for row in rows)
    _log.info('%d jobs, %d failed: %s', len(rows), num_failed, folder / f'{TABLE_NAME}.html')
    return rows


def gathered(folder: Path) -> tuple[Row, ...]:
    """Return a row for each job that began, by its number."""
    places = [path.parent for path in folder.glob(f'*/{JOB_NAME}')]
    return tuple(_row(place) for place in sorted(places, key=_order))


def means(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return the mean over recordings of each bundle's metrics."""
    groups: defaultdict[str, list[Mapping[str, float]]] = defaultdict(list)
    for row in rows:
        if not row.failure:
            groups[row.bundle].append(row.metrics)
    return {bundle: mean_metrics(group) for bundle, group in groups.items()}


def _row(place: Path) -> Row:
    job = json.loads((place / JOB_NAME).read_text(encoding='utf-8'))
    named = {'job': place.name, 'recording': job['recording'], 'bundle': job['bundle']}
    if (place / FAILURE_NAME).exists():
        return Row(**named, failure=(place / FAILURE_NAME).read_text(encoding='utf-8'))
    if not (place / RESULT_NAME).exists():
        return Row(**named, failure='ended without a result; see its log')
    content = json.loads((place / RESULT_NAME).read_text(encoding='utf-8'))
    run = content['runs'][0]
    known = {key: value for key, value in run['metrics'].items() if value is not None}
    num_frames = run['statement']['num_frames_used']
    return Row(**named, profile=content['profile'], num_frames=num_frames, metrics=known)


def _order(place: Path) -> tuple[int, str]:
    return (int(place.name) if place.name.isdigit() else -1, place.name)


def _page(rows: Sequence[Row]) -> str:
    head = ['job', 'recording', 'bundle', 'profile', 'frames', *COLUMNS, '']
    cells = [
        [row.job, row.recording, row.bundle, row.profile, f'{row.num_frames:,}',
         *(number(row.metrics.get(key)) for key in COLUMNS), row.failure]
        for row in rows
    ]  # fmt: skip
    averages = [
        [bundle, *(number(values.get(key)) for key in COLUMNS)]
        for bundle, values in means(rows).items()
    ]
    title = f'{len(rows)} evaluations'
    return page(
        title,
        [
            headline(title, 'one job a recording'),
            section('Mean over recordings, each counting once', table(['', *COLUMNS], averages)),
            section('Recordings', table(head, cells)),
        ],
    )
