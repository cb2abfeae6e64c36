"""
Compare runs of predictions with one target: from paths to a `ComparisonSummary`.

A run is a folder that a replay left (its depth, standard deviations, bundle and timing are taken
from there), any other recording, a folder of maps or an .npz file. Law: with stamps on one side
the tolerance of the replay holds, so that a replay's folder scores what the replay itself said.

"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation import Profile
from eventdepth_core.evaluation.statement import Provenance
from eventdepth_core.report.comparison.depth_maps import depth_maps, Key, MapSource, masks, Meaning
from eventdepth_core.report.comparison.judging import RunJudge
from eventdepth_core.report.comparison.pairing import (
    DEFAULT_TOLERANCE_US,
    Lookahead,
    Pair,
    PairingRules,
    pairs,
)
from eventdepth_core.report.comparison.replay_folder import replay_folder
from eventdepth_core.report.comparison.result import ComparisonSummary, RunResult
from eventdepth_core.report.versions import installed_versions
from eventdepth_core.types import Bool

DEPTH_TOPIC = '/eventdepth/depth/image'
STD_TOPIC = '/eventdepth/depth/std'


@dataclass(frozen=True, slots=True)
class Run:
    """Predictions with their name, deviations, pixels that count, and where they came from."""

    name: str
    predicted: MapSource
    std: MapSource | None = None
    valid: MapSource | None = None
    provenance: Provenance = field(default_factory=Provenance)
    subset_of: Callable[[Key], str] | None = None


def run_of(source: MapSource, std: MapSource | None = None, valid: MapSource | None = None) -> Run:
    """
    Return the run that lies at a path; `std` wins over what a replay's folder holds.

    Depth that becomes disparity has no deviations.

    """
    folder = replay_folder(source.path)
    name = source.path.stem if source.path.is_file() else source.path.resolve().name
    if folder is None:
        return Run(name, source, std, valid)
    if source.meaning.form not in (None, 'metres'):
        raise InputError(f'Expected metres in the replay {source.path}, got another meaning.')
    spans, rig = folder.spans, source.meaning.rig
    own_std = MapSource(folder.bag, STD_TOPIC) if rig is None else None
    return Run(
        name=name,
        predicted=MapSource(folder.bag, source.topic or DEPTH_TOPIC, Meaning(rig=rig)),
        std=std or own_std,
        valid=valid,
        provenance=folder.provenance,
        subset_of=(lambda key: spans.at(key[0])) if spans.subsets else None,
    )


def compared(
    runs: list[Run],
    target: MapSource,
    rules: Profile,
    pairing: PairingRules | None = None,
    *,
    on_pair: Callable[[str, int], None] | None = None,
) -> ComparisonSummary:
    """
    Judge each run against the target.

    Parameters
    ----------
    runs : list of Run
        With different names.
    target : MapSource
        Read again for each run.
    rules : Profile
        The protocol.
    pairing : PairingRules, optional
        By key, within 1 ms where one side is a recording.
    on_pair : callable, optional
        Called with the name of the run and the number of pairs so far.

    Raises
    ------
    InputError
        If a run shares no key with the target, or paths or arrays are wrong.

    """
    results = tuple(_result(run, target, rules, pairing, on_pair) for run in _named(runs))
    return ComparisonSummary(
        target=str(target.path),
        profile=rules.name,
        quantity=rules.quantity,
        runs=results,
        versions=installed_versions(),
    )


def _result(
    run: Run,
    target: MapSource,
    rules: Profile,
    pairing: PairingRules | None,
    on_pair: Callable[[str, int], None] | None,
) -> RunResult:
    judge = RunJudge(rules, run.subset_of)
    std = None if run.std is None else Lookahead(depth_maps(run.std))
    chosen = _pairing(run.predicted, target) if pairing is None else pairing
    joined = pairs(depth_maps(run.predicted), depth_maps(target), chosen)
    valid = None if run.valid is None else _Masks(run.valid, chosen)
    for num, pair in enumerate(joined, start=1):
        has_both = pair.predicted_m is not None and pair.target_m is not None
        allowed = valid.of(pair) if valid is not None else None
        std_m = std.find(pair.key) if std is not None and has_both else None
        if valid is not None and has_both and allowed is None:
            judge.drop('no mask')
        else:
            judge.add(pair, std_m, allowed)
        if on_pair is not None:
            on_pair(run.name, num)
    result = judge.result(run.name, str(run.predicted.path), run.provenance)
    if result.num_pairs == 0:
        raise InputError(
            f'Expected depth maps of equal name or stamp and size in {run.predicted.path} and '
            f'{target.path}, got none: {dict(result.statement.dropped_frames)}.'
        )
    return result


class _Masks:
    """Finds the mask of a pair: by the key of its prediction, or by order as predictions are."""

    def __init__(self, source: MapSource, rules: PairingRules) -> None:
        self._is_ordered = rules.by == 'order'
        stream = masks(source)
        self._stream = islice(stream, rules.predicted_offset if self._is_ordered else 0, None)
        self._ahead = Lookahead(iter(()) if self._is_ordered else self._stream)

    def of(self, pair: Pair) -> Bool | None:
        """Return the mask of a pair, None where it has none."""
        if self._is_ordered:
            found = next(self._stream, None) if pair.predicted_m is not None else None
            return None if found is None else found[1]
        return self._ahead.find(pair.key)


def _pairing(predicted: MapSource, target: MapSource) -> PairingRules:
    has_stamps = predicted.is_recording or target.is_recording
    return PairingRules(tolerance_us=DEFAULT_TOLERANCE_US if has_stamps else 0)


def _named(runs: list[Run]) -> list[Run]:
    """Return the runs with names made different, by the folder above where that helps."""
    names = [run.name for run in runs]
    if len(set(names)) == len(names):
        return runs
    longer = [f'{run.predicted.path.parent.name}/{run.name}' for run in runs]
    if len(set(longer)) < len(longer):
        longer = [f'{name} ({k})' for k, name in enumerate(names, start=1)]
    return [replace(run, name=name) for run, name in zip(runs, longer, strict=True)]
