"""
Sequences of a configuration -> opened sample sets by split, prepared once and kept.

A store is named after everything that its samples depend on: the recording's content, camera,
topics, the bundle's event input and depth range, and the extraction rules. Law: a store is used
again exactly when all of these are the same.

"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
import hashlib
import json
import logging
from pathlib import Path

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import EventDepthError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from training.errors import SplitError
from training.sequences.extract import ExtractionRules, sequence_samples, SequenceSample
from training.sequences.fingerprint import fingerprint
from training.sequences.sample_set import SampleSet
from training.sequences.splits import refuse_leaks, SequenceSource, SplitName
from training.sequences.store import SampleStore, write_store

LOG = logging.getLogger(__name__)
STORE_FORMAT = 1

Sources = Mapping[SplitName, Sequence[SequenceSource]]


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """How sequences become samples and where these are kept."""

    bundle: Bundle
    rules: ExtractionRules
    folder: Path


def prepared_sets(sources: Sources, preparation: Preparation) -> dict[SplitName, SampleSet]:
    """
    Prepare what is not prepared yet, with a progress bar, and open all of it.

    Raises
    ------
    LeakError
        For a recording in two splits.
    SplitError
        For a sequence that gives no sample, with the reason.

    """
    refuse_leaks(sources)
    total = sum(len(group) for group in sources.values())
    with _progress() as progress:
        bar = progress.add_task('sequences', total=total)
        sets: dict[SplitName, SampleSet] = {}
        for split, group in sources.items():
            stores = []
            for source in group:
                progress.update(bar, description=f'{split} {source.name}')
                stores.append((source.name, prepared_store(source, preparation)))
                progress.advance(bar)
            sets[split] = SampleSet(stores)
    return sets


def prepared_store(source: SequenceSource, preparation: Preparation) -> SampleStore:
    """Return the store of a sequence, made if it is not there."""
    path = (
        preparation.folder / f'{source.name.replace("/", "_")}-{store_key(source, preparation)}.h5'
    )
    if not path.exists():
        try:
            samples = sequence_samples(source, preparation.bundle, preparation.rules)
            count = write_store(_with_target(samples), path)
        except EventDepthError as error:
            raise SplitError(
                f'Expected samples from the sequence {source.name}, got: {error}'
            ) from error
        LOG.info('%s: %d samples in %s', source.name, count, path)
    return SampleStore(path)


def store_key(source: SequenceSource, preparation: Preparation) -> str:
    """Return 16 hexadecimal digits over everything that the samples depend on."""
    bundle = preparation.bundle
    parts = {
        'format': STORE_FORMAT,
        'recording': fingerprint(source.path),
        'camera': None if source.camera is None else fingerprint(source.camera),
        'fov_deg': source.fov_deg,
        'topics': dict(source.topics),
        'reference': bundle.reference,
        'inputs': asdict(bundle.inputs),
        'range_m': [bundle.outputs.min_depth_m, bundle.outputs.max_depth_m],
        'rules': asdict(preparation.rules),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _with_target(samples: Iterable[SequenceSample]) -> Iterator[SequenceSample]:
    """Leave out samples of which nothing is known."""
    return (sample for sample in samples if (sample.depth_m > 0).any())


def _progress() -> Progress:
    return Progress(
        TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )
