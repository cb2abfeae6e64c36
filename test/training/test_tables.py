"""The card's probes destroy one thing each, and its tables say what they hold."""

from types import SimpleNamespace

import numpy as np
import pytest
from training.card_text import markdown_table
from training.data.batches import example_at
from training.tables import EVENT_PROBES, IMAGE_PROBES, priors_of


@pytest.mark.parametrize('name', ['bins summed', 'bins shuffled', 'pixels shuffled'])
def test_event_probe_keeps_the_polarity_mass(tiny_samples: SimpleNamespace, name: str) -> None:
    example = example_at(tiny_samples, 0)

    probed = EVENT_PROBES[name](example, 3)

    assert probed.voxel.sum() == pytest.approx(example.voxel.sum(), abs=1e-3)
    assert not np.array_equal(probed.voxel, example.voxel)
    np.testing.assert_array_equal(probed.image, example.image)


def test_probes_without_input_are_empty(tiny_samples: SimpleNamespace) -> None:
    example = example_at(tiny_samples, 0)

    assert not EVENT_PROBES['empty'](example, 0).voxel.any()
    assert not IMAGE_PROBES['black'](example, 0).image.any()
    assert EVENT_PROBES['real input'](example, 0) is example


def test_priors_see_no_sky_and_tell_families_apart(tiny_samples: SimpleNamespace) -> None:
    priors = priors_of(tiny_samples, 6)

    assert np.isfinite(priors.constant)
    assert np.isfinite(priors.global_map).all()
    assert set(priors.family_maps) == {0, 1}
    assert not np.array_equal(priors.family_maps[0], priors.family_maps[1])


def test_markdown_table_leaves_missing_figures_empty() -> None:
    rows = [{'name': 'model', 'abs_rel': 0.04871, 'frames': 400}, {'name': 'fill'}]

    text = markdown_table(rows, {'name': 'prediction', 'abs_rel': 'AbsRel', 'frames': 'n'})

    assert text.splitlines() == [
        '| prediction | AbsRel | n |',
        '|---|---|---|',
        '| model | 0.049 | 400 |',
        '| fill |  |  |',
    ]
