"""The recipe of a training run: YAML -> frozen dataclasses, once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from training.tasks.subsets import SUBSETS
import yaml

POINT_KINDS = ('lidar', 'swept', 'made')
DEFAULT_RECIPE = Path(__file__).parent.parent / 'config' / 'training' / 'eventdepth_s.yaml'


@dataclass(frozen=True, slots=True)
class SplitRecipe:
    """Number of samples and seed of one split."""

    num: int
    seed: int


@dataclass(frozen=True, slots=True)
class StageRecipe:
    """
    Length, batch and subsets of one stage; `subsets` maps names to sampling weights.

    `points` maps what measured the points of a batch to its share of the batches: `lidar`, `swept`
    from motion, `made` like those; `swept_subsets` are the subsets of the latter two.

    """

    steps: int
    batch: int
    learning_rate: float
    subsets: dict[str, float]
    points: dict[str, float] = field(default_factory=lambda: {'lidar': 1.0})
    swept_subsets: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights besides the code."""

    seed: int
    threads: int
    splits: dict[str, SplitRecipe]
    stages: dict[str, StageRecipe]


def load_recipe(path: Path = DEFAULT_RECIPE, *, shrink: float = 1.0) -> Recipe:
    """
    Read a recipe; `shrink` multiplies steps and samples (tests use a small one).

    Raises
    ------
    ValueError
        For a subset or kind of points that does not exist.

    """
    content = yaml.safe_load(path.read_text(encoding='utf-8'))
    stages = {name: _stage(name, entry, shrink) for name, entry in content['stages'].items()}
    splits = {
        name: SplitRecipe(num=max(8, round(entry['num'] * shrink)), seed=entry['seed'])
        for name, entry in content['data'].items()
    }
    return Recipe(
        seed=content['seed'],
        threads=content['threads'],
        splits=splits,
        stages=stages,
    )


def _stage(name: str, entry: dict[str, object], shrink: float) -> StageRecipe:
    points = {'points': _shares(name, entry, 'points', POINT_KINDS)} if 'points' in entry else {}
    swept = {}
    if set(points.get('points', ())) - {'lidar'}:
        swept['swept_subsets'] = _shares(name, entry, 'swept_subsets', SUBSETS)
    return StageRecipe(
        steps=max(2, round(int(str(entry['steps'])) * shrink)),
        batch=int(str(entry['batch'])),
        learning_rate=float(str(entry['learning_rate'])),
        subsets=_shares(name, entry, 'subsets', SUBSETS),
        **points,
        **swept,
    )


def _shares(
    name: str, entry: dict[str, object], key: str, known: Collection[str]
) -> dict[str, float]:
    shares = entry.get(key)
    if not isinstance(shares, dict) or not set(shares) <= set(known):
        message = f'Expected {key} out of {list(known)} in stages.{name}, got {shares!r}.'
        raise ValueError(message)
    return {kind: float(value) for kind, value in shares.items()}
