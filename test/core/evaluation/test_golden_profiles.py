"""The numbers of every profile on two scenes, as they were when the profile was written."""

from importlib.util import module_from_spec, spec_from_file_location
import json
import math

from eventdepth_core.evaluation import list_profiles
import pytest


@pytest.fixture(scope='module')
def figures(repository):
    place = repository / 'test' / 'golden' / 'make_evaluation_profiles.py'
    spec = spec_from_file_location('make_evaluation_profiles', place)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.figures(), json.loads(module.GOLDEN.read_text())


@pytest.mark.parametrize('name', list_profiles())
def test_a_profile_gives_its_golden_numbers(name, figures):
    actual, golden = (each[name] for each in figures)

    assert actual.keys() == golden.keys()
    for key, value in golden.items():
        expected = math.nan if value is None else value
        found = math.nan if actual[key] is None else actual[key]
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), key


def test_no_two_profiles_agree_in_all_their_numbers(figures):
    _, golden = figures
    seen = {}
    for name, values in golden.items():
        key = tuple(values[k] for k in ('abs_rel', 'sq_rel', 'silog', 'delta1', 'n', 'rmse_log'))
        seen.setdefault(key, []).append(name)

    # the same arithmetic for other figures, or for pixels of disparity
    alike = [set(names) for names in seen.values() if len(names) > 1]
    assert alike == [{'plain', 'dsec_disparity'}, {'nyu_fastdepth', 'completion'}]
