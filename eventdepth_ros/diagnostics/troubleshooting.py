"""
docs/troubleshooting.md, written from the table of problems.

Law: the page holds every row of `messages` and nothing else that could go out of date.

"""

from collections.abc import Iterator
import re
from typing import Final

from eventdepth_ros.diagnostics.hysteresis import Level
from eventdepth_ros.diagnostics.messages import ACTIONS, Problem, PROBLEMS

PAGE: Final = 'docs/troubleshooting.md'
TITLES: Final = {
    'inputs': 'Inputs',
    'clock': 'Time',
    'latency': 'Latency',
    'mode': 'Mode',
    'engine': 'Engine',
    'outputs': 'Outputs',
    'drops': 'Drops',
    'qos': 'Quality of service',
    'resources': 'Resources',
    'evaluation': 'Evaluator',
}
INTRODUCTION: Final = """\
# Troubleshooting

The nodes report on `/diagnostics` (`ros2 topic echo /diagnostics`, `rqt_robot_monitor`). Each
WARN and ERROR says what is wrong and what to do. This page lists them all; `<...>` stands for
what the message names. It is written by `python -m eventdepth_ros.diagnostics write` from the
table in `eventdepth_ros/diagnostics/messages.py`.
"""
REASONS: Final = """\
## Reasons of drops and refusals

| reason | what to do |
|---|---|
"""


def page() -> str:
    """Return the text of the page."""
    return '\n'.join([INTRODUCTION, *_sections(), REASONS + _reasons()])


def _sections() -> Iterator[str]:
    for part, title in TITLES.items():
        rows = [problem for problem in PROBLEMS if problem.key.split('.')[0] == part]
        if rows:
            lines = '\n'.join(map(_line, rows))
            yield f'## {title}\n\n| what | level | what to do |\n|---|---|---|\n{lines}\n'


def _line(problem: Problem) -> str:
    cells = (_readable(problem.what), Level(problem.level).name, _readable(problem.action))
    return '| ' + ' | '.join(cells) + ' |'


def _reasons() -> str:
    return ''.join(f'| `{reason}` | {action} |\n' for reason, action in sorted(ACTIONS.items()))


def _readable(text: str) -> str:
    if text == '{action}':
        return 'see the reasons below'
    return re.sub(r'{(\w+)}', lambda found: f'`<{found[1].replace("_", " ")}>`', text)
