"""The table of problems: complete, readable, and the page that is written from it."""

import ast
import re
import string

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_ros.diagnostics.__main__ import main
from eventdepth_ros.diagnostics.hysteresis import Level
from eventdepth_ros.diagnostics.messages import (
    action_for,
    ACTIONS,
    finding,
    PROBLEMS,
    UNKNOWN_ACTION,
)
from eventdepth_ros.diagnostics.troubleshooting import PAGE, page, TITLES
import pytest


def keys_used(repository):
    """Return the keys that the package asks for, read from its source."""
    found = set()
    for path in (repository / 'eventdepth_ros').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, 'id', getattr(node.func, 'attr', ''))
                if name == 'finding':
                    found.add(node.args[0].value)
                if name == '_finding' and path.name == 'inputs.py':
                    found.add(f'inputs.{node.args[0].value}')
    return found


def test_every_row_is_used_and_every_use_has_a_row(repository):
    assert keys_used(repository) == {problem.key for problem in PROBLEMS}


@pytest.mark.parametrize('problem', PROBLEMS, ids=lambda problem: problem.key)
def test_a_row_says_what_is_wrong_and_what_to_do(problem):
    assert problem.level in (Level.WARN, Level.ERROR)
    assert len(problem.what.split()) >= 3
    assert problem.action == '{action}' or len(problem.action.split()) >= 4
    for text in (problem.what, problem.action):
        assert text.strip('. ') == text
        assert '\n' not in text


def test_braces_are_filled_with_facts():
    found = finding('latency.deadline', Level.ERROR, late_percent=60, deadline_ms=100)

    assert found.level == Level.ERROR
    assert found.text.startswith('60 % of the depth images are later than 100 ms: lower rate_hz')
    assert found.text.endswith('.')


def test_a_fact_that_is_missing_is_an_error_that_names_it():
    with pytest.raises(InputError, match=r"Expected the fact 'deadline_ms' for latency\.deadline"):
        finding('latency.deadline', late_percent=60)


def test_an_unknown_problem_is_an_error():
    with pytest.raises(InputError, match=r"Expected a problem out of inputs\..*, got 'other'"):
        finding('other')


def reasons_of_errors(repository):
    """Return every `reason = '...'` of a class, read from the sources."""
    for package in ('eventdepth_core', 'eventdepth_ros'):
        for path in (repository / package).rglob('*.py'):
            for kind in ast.walk(ast.parse(path.read_text())):
                for line in getattr(kind, 'body', []) if isinstance(kind, ast.ClassDef) else []:
                    if isinstance(line, ast.Assign) and line.targets[0].id == 'reason':
                        yield line.value.value


def test_every_reason_of_an_error_has_an_action(repository):
    reasons = set(reasons_of_errors(repository))

    assert EventDepthError.reason in reasons
    assert reasons - ACTIONS.keys() == set()


def named_reasons(repository):
    """Return every reason that is named where the live path counts a refusal or a drop."""
    counted = re.compile(r"(?:refused|drop)\((?:\w+, )?'([a-z_]+)'|_refused\['([a-z_]+)'")
    for folder in ('eventdepth_core/realtime', 'eventdepth_core/pipeline', 'eventdepth_ros/depth'):
        for path in (repository / folder).rglob('*.py'):
            yield from (one or other for one, other in counted.findall(path.read_text()))


def test_every_reason_that_the_live_path_names_has_an_action(repository):
    reasons = set(named_reasons(repository))

    assert {'time_leap', 'overload', 'no_rig_yet'} <= reasons
    assert reasons - ACTIONS.keys() == set()


def test_a_reason_without_an_action_sends_to_the_log():
    assert action_for('never heard of') == UNKNOWN_ACTION


def test_the_page_is_up_to_date(repository):
    assert (repository / PAGE).read_text() == page()


def test_the_page_holds_every_row():
    text = page()

    assert {problem.key.split('.')[0] for problem in PROBLEMS} == set(TITLES)
    for problem in PROBLEMS:
        words = [part[0] for part in string.Formatter().parse(problem.what) if part[0].strip()]
        assert all(word.strip() in text for word in words)


def test_writing_and_checking(tmp_path, capsys):
    assert main(['check', '--root', str(tmp_path)]) == 1
    assert 'out of date' in capsys.readouterr().err
    assert main(['write', '--root', str(tmp_path)]) == 0
    assert main(['check', '--root', str(tmp_path)]) == 0
    assert (tmp_path / PAGE).read_text() == page()
