"""The recipe of a training run: YAML -> frozen dataclasses, once."""

from dataclasses import dataclass
from pathlib import Path

from training.tasks.subsets import SUBSETS
import yaml

DEFAULT_RECIPE = Path(__file__).parent.parent / 'config' / 'training' / 'eventdepth_s.yaml'


@dataclass(frozen=True, slots=True)
class SplitRecipe:
    """Number of samples and seed of one split."""

    num: int
    seed: int


@dataclass(frozen=True, slots=True)
class StageRecipe:
    """Length, batch and subsets of one stage; `subsets` maps names to sampling weights."""

    steps: int
    batch: int
    learning_rate: float
    subsets: dict[str, float]


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
        For a subset that does not exist.

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
    subsets = entry['subsets']
    if not isinstance(subsets, dict) or not set(subsets) <= set(SUBSETS):
        message = f'Expected subsets out of {list(SUBSETS)} in stages.{name}, got {subsets!r}.'
        raise ValueError(message)
    return StageRecipe(
        steps=max(2, round(int(str(entry['steps'])) * shrink)),
        batch=int(str(entry['batch'])),
        learning_rate=float(str(entry['learning_rate'])),
        subsets={key: float(value) for key, value in subsets.items()},
    )
