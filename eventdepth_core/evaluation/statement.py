"""
What a number has to be printed with: the rules of its profile in words, and what was judged.

Published figures cannot be compared because half of this is missing beside them.

"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import math

from eventdepth_core.evaluation.calibration import AUSE_ERROR, NUM_STEPS
from eventdepth_core.evaluation.profile import Profile
from eventdepth_core.evaluation.running import Tally

_ALIGNMENTS = {
    'none': 'none',
    'median': 'median scale of each image, over its used pixels',
    'least_squares': 'least-squares scale and shift of each image',
    'least_squares_inverse': 'least-squares scale and shift of 1/depth of each image',
}
_AVERAGING = {'pixels': 'one heap of all pixels', 'images': 'mean over images'}


@dataclass(frozen=True, slots=True)
class Provenance:
    """
    Where predictions came from, as far as it is known; empty or NaN = not told.

    `subset` names the modalities that entered, `steps` the sampler steps; latency is the wall time
    of one estimate with the engine synchronised, ms; `num_dropped` messages never entered.

    """

    model: str = ''
    engine: str = ''
    subset: str = ''
    steps: int | None = None
    precision: str = ''
    device: str = ''
    latency_p50_ms: float = math.nan
    latency_p95_ms: float = math.nan
    num_dropped: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that is printed beside metrics."""

    profile: str
    summary: str
    switches: Mapping[str, str]
    alignment: str
    cut_offs: str
    averaging: str
    ause: str
    num_frames_used: int
    num_frames_reused: int
    dropped_frames: Mapping[str, int]
    valid_fraction: float
    coverage: float
    provenance: Provenance = field(default_factory=Provenance)


def statement_of(
    rules: Profile,
    tally: Tally,
    dropped_frames: Mapping[str, int],
    provenance: Provenance | None = None,
) -> Statement:
    """Return what is to be printed beside the metrics of an evaluation."""
    return Statement(
        profile=rules.name,
        summary=rules.summary,
        switches={name: str(value) for name, value in rules.switches().items()},
        alignment=_ALIGNMENTS[rules.alignment],
        cut_offs=_cut_offs(rules),
        averaging=_AVERAGING[rules.averaging],
        ause=f'of {AUSE_ERROR}, {NUM_STEPS} steps, ranked by std / depth, mean over images',
        num_frames_used=tally.num_images_used,
        num_frames_reused=tally.num_images_reused,
        dropped_frames=dict(dropped_frames),
        valid_fraction=tally.valid_fraction,
        coverage=tally.coverage,
        provenance=Provenance() if provenance is None else provenance,
    )


def _cut_offs(rules: Profile) -> str:
    if not rules.cut_offs_m:
        return 'none'
    sign = '<=' if rules.cut_off_bound == 'inclusive' else '<'
    return f'y {sign} ' + ', '.join(f'{each:g}' for each in rules.cut_offs_m) + ' m'
