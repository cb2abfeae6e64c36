"""The recipe is read once, completely, and wrong subsets are refused."""

from pathlib import Path

import pytest
from training.recipe import DEFAULT_RECIPE, load_recipe
from training.stages import STAGES
import yaml


def test_shipped_recipe_names_every_stage() -> None:
    recipe = load_recipe()

    assert list(recipe.stages) == list(STAGES)
    assert recipe.splits['train'].num >= 10_000
    assert set(recipe.stages['layout_joint'].subsets) == {'E', 'I', 'EI', 'P', 'EP', 'IP', 'EIP'}


def test_shrink_keeps_at_least_two_steps_and_eight_samples() -> None:
    recipe = load_recipe(shrink=1e-9)

    assert {stage.steps for stage in recipe.stages.values()} == {2}
    assert {split.num for split in recipe.splits.values()} == {8}


def test_the_last_stage_sees_points_from_motion() -> None:
    stage = load_recipe().stages['completion_motion']

    assert set(stage.points) == {'swept', 'made'}
    assert load_recipe().stages['completion_joint'].points == {'lidar': 1.0}
    assert set(stage.swept_subsets) <= {'P', 'EP', 'IP', 'EIP'}


def test_swept_points_without_their_subsets_are_refused(tmp_path: Path) -> None:
    content = yaml.safe_load(DEFAULT_RECIPE.read_text())
    del content['stages']['completion_motion']['swept_subsets']
    path = tmp_path / 'recipe.yaml'
    path.write_text(yaml.safe_dump(content))

    with pytest.raises(ValueError, match=r'swept_subsets .* in stages\.completion_motion'):
        load_recipe(path)


def test_unknown_subset_is_refused_with_its_key(tmp_path: Path) -> None:
    content = yaml.safe_load(DEFAULT_RECIPE.read_text())
    content['stages']['layout_joint']['subsets'] = {'EX': 1.0}
    path = tmp_path / 'recipe.yaml'
    path.write_text(yaml.safe_dump(content))

    with pytest.raises(ValueError, match=r'stages\.layout_joint, got .*EX'):
        load_recipe(path)
