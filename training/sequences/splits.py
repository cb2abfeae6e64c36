"""
Which sequence is in which split.

Laws: a sequence is in one split only, by name, by place and by content (a copy under another name
is a leak); a split without lists is a function of the names alone, so adding a recording never
moves more than the share asks for; what is listed and not on disk is refused, unless the
configuration says that it may be missing.

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import hashlib
import logging
from pathlib import Path
from typing import Literal, TypeAlias

from eventdepth_core.recordings import StreamName
from training.errors import LeakError, SplitError
from training.sequences.fingerprint import fingerprint

LOG = logging.getLogger(__name__)
SplitName: TypeAlias = Literal['train', 'val', 'test']
SPLIT_NAMES: tuple[SplitName, ...] = ('train', 'val', 'test')
RECORDING_SUFFIXES = ('.mcap', '.db3', '.raw', '.aedat4', '.h5', '.hdf5')


@dataclass(frozen=True, slots=True)
class SequenceSource:
    """Where a sequence lies and how it is opened; see `open_recording` for the last three."""

    name: str
    path: Path
    camera: Path | None = None
    fov_deg: float | None = None
    topics: Mapping[StreamName, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SplitRules:
    """
    Lists of names by split, where they lie, and what to do without lists.

    A name stands for `root / pattern.format(name=name)`. Without any list every recording in
    `root` is split by the hash of its name, about `val_share` and `test_share` of them held out.

    """

    root: Path
    names: Mapping[SplitName, Sequence[str]]
    pattern: str = '{name}'
    val_share: float = 0.2
    test_share: float = 0.2
    may_miss: bool = False


def split_names(rules: SplitRules) -> dict[SplitName, tuple[str, ...]]:
    """
    Return the names of each split.

    Raises
    ------
    SplitError
        If the root is not there, a listed sequence is missing, or a split would be empty.
    LeakError
        If a name stands in two splits.

    """
    if not rules.root.is_dir():
        raise SplitError(f'Expected the folder of the sequences as data.root, got {rules.root}.')
    listed: dict[SplitName, tuple[str, ...]] = {
        split: tuple(rules.names.get(split, ())) for split in SPLIT_NAMES
    }
    if not any(listed.values()):
        return _automatic(rules)
    _refuse_shared({split: dict.fromkeys(names, '') for split, names in listed.items()}, 'name')
    present = {split: _present(rules, split, names) for split, names in listed.items()}
    for split in ('train', 'val'):
        if not present[split]:
            raise SplitError(f'Expected sequences in data.{split} under {rules.root}, got none.')
    return present


def refuse_leaks(sources: Mapping[SplitName, Sequence[SequenceSource]]) -> None:
    """
    Refuse a recording that stands in two splits, by place or by content.

    Raises
    ------
    LeakError
        Naming both sequences and both splits.

    """
    places = {
        split: {str(source.path.resolve()): source.name for source in group}
        for split, group in sources.items()
    }
    _refuse_shared(places, 'path')
    contents = {
        split: {fingerprint(source.path): source.name for source in group}
        for split, group in sources.items()
    }
    _refuse_shared(contents, 'content')


def _automatic(rules: SplitRules) -> dict[SplitName, tuple[str, ...]]:
    """Order the names by their hash; the first are the test, the next the validation set."""
    names = sorted(_recordings_in(rules.root), key=_hashed)
    if len(names) < 3:
        raise SplitError(
            f'Expected at least 3 recordings in {rules.root}, one a split, got {sorted(names)}; '
            'or name them in data.train, data.val and data.test.'
        )
    num_test = max(1, round(rules.test_share * len(names))) if rules.test_share > 0 else 0
    num_val = max(1, round(rules.val_share * len(names)))
    num_held = num_test + num_val
    if num_held >= len(names):
        raise SplitError(
            f'Expected shares that leave something of {len(names)} sequences to train on, '
            f'got {num_val} for validation and {num_test} for the test.'
        )
    return {
        'train': tuple(sorted(names[num_held:])),
        'val': tuple(sorted(names[num_test:num_held])),
        'test': tuple(sorted(names[:num_test])),
    }


def _recordings_in(root: Path) -> list[str]:
    return [
        path.name
        for path in root.iterdir()
        if not path.name.startswith('.')
        and (path.is_dir() or path.suffix.lower() in RECORDING_SUFFIXES)
    ]


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _present(rules: SplitRules, split: SplitName, names: Sequence[str]) -> tuple[str, ...]:
    missing = [name for name in names if not sequence_path(rules, name).exists()]
    if missing and not rules.may_miss:
        raise SplitError(
            f'Expected the sequences of data.{split} under {rules.root}, got none at '
            f'{", ".join(str(sequence_path(rules, name)) for name in missing)}; '
            'data.may_miss=true leaves out what is not there.'
        )
    if missing:
        LOG.warning('%s: %d sequences are not there: %s', split, len(missing), ', '.join(missing))
    return tuple(name for name in names if name not in missing)


def sequence_path(rules: SplitRules, name: str) -> Path:
    """Return where the sequence of this name lies."""
    return rules.root / rules.pattern.format(name=name)


def _refuse_shared(keys: Mapping[SplitName, Mapping[str, str]], kind: str) -> None:
    seen: dict[str, tuple[SplitName, str]] = {}
    for split, group in keys.items():
        for key, name in group.items():
            if key in seen and seen[key][0] != split:
                other_split, other_name = seen[key]
                raise LeakError(
                    f'Expected each sequence in one split, got the same {kind} in {other_split} '
                    f'({other_name or key}) and {split} ({name or key}).'
                )
            seen[key] = (split, name)
