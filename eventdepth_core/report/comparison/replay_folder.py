"""
The folder that a replay leaves, as predictions with everything known about them.

Law: what metrics.json does not say is not told; nothing is guessed from names.

"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
import math
from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation.statement import Provenance

BAG_NAME = 'depth.mcap'
METRICS_NAME = 'metrics.json'
UNKNOWN_SUBSET = 'not told'


@dataclass(frozen=True, slots=True)
class SubsetSpans:
    """Which inputs entered the frames from each stamp on, stamps ascending."""

    first_us: tuple[int, ...] = ()
    subsets: tuple[str, ...] = ()

    def at(self, stamp_us: int) -> str:
        """Return the subset of the frame at a stamp."""
        place = bisect_right(self.first_us, stamp_us) - 1
        return self.subsets[place] if place >= 0 else UNKNOWN_SUBSET


@dataclass(frozen=True, slots=True)
class ReplayFolder:
    """Predicted depth of a replay: its bag, where it came from, inputs by time."""

    bag: Path
    provenance: Provenance
    spans: SubsetSpans


def replay_folder(path: Path) -> ReplayFolder | None:
    """
    Return what a replay left at `path`, None where it is no folder of a replay.

    Raises
    ------
    InputError
        If its metrics.json cannot be read.

    """
    bag, metrics = path / BAG_NAME, path / METRICS_NAME
    if not (bag.is_file() and metrics.is_file()):
        return None
    try:
        content = json.loads(metrics.read_text(encoding='utf-8'))
        return ReplayFolder(bag, _provenance(content), _spans(content.get('subset_spans', [])))
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f'Expected the metrics.json of a replay in {path}, got: {error}'
        ) from error


def _provenance(content: Mapping[str, object]) -> Provenance:
    bundle, timing = _mapping(content.get('bundle')), _mapping(content.get('timing'))
    stages = timing.get('stages')
    rows = [_mapping(row) for row in stages] if isinstance(stages, list) else []
    total = next((row for row in rows if row.get('stage') == 'total'), {})
    drops = _mapping(content.get('drops'))
    steps = bundle.get('steps')
    return Provenance(
        model=f'{bundle.get("name", "")} {bundle.get("version", "")}'.strip(),
        engine=str(bundle.get('engine', '')),
        subset=', '.join(_mapping(content.get('modalities'))),
        steps=steps if isinstance(steps, int) else None,
        precision=str(bundle.get('precision', '')),
        device=str(timing.get('device', '')),
        latency_p50_ms=_number(total.get('p50_ms')),
        latency_p95_ms=_number(total.get('p95_ms')),
        num_dropped=sum(count for count in drops.values() if isinstance(count, int)),
    )


def _spans(rows: object) -> SubsetSpans:
    listed = [_mapping(row) for row in rows] if isinstance(rows, Sequence) else []
    return SubsetSpans(
        tuple(int(str(row['first_us'])) for row in listed),
        tuple(str(row['subset']) for row in listed),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
