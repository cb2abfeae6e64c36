"""Tables of a measurement: Markdown for people, JSON for machines, a page that holds both."""

from dataclasses import asdict
import json
import os
from pathlib import Path
import platform
import re

import numba
import numpy as np
from peers import module


def machine():
    """Return what was measured on: processor, cores and versions."""
    torch = module('torch')
    return {
        'processor': _processor(),
        'cores': os.cpu_count(),
        'python': platform.python_version(),
        'numpy': np.__version__,
        'numba': numba.__version__,
        'torch': 'not installed here' if torch is None else torch.__version__,
        'threads': 1,
    }


def facts(memory, load):
    """Return the machine, its memory and its load in two lines."""
    parts = ', '.join(f'{key} {value}' for key, value in machine().items())
    return (
        f'{parts}; load {load.average:.1f} on {load.cores} cores.\n'
        f'Memory: copy {memory.copy_gb_s:.1f}, read {memory.read_gb_s:.1f}, fill '
        f'{memory.fill_gb_s:.1f}, read in cache {memory.cached_read_gb_s:.1f} GB/s.'
    )


def _processor():
    cpus = Path('/proc/cpuinfo')
    text = cpus.read_text(errors='replace') if cpus.exists() else ''
    names = re.findall(r'^model name\s*:\s*(.*)$', text, re.MULTILINE)
    return names[0] if names else platform.processor() or platform.machine()


def markdown(head, rows):
    """Return a Markdown table; columns of numbers stand to the right."""
    right = [all(_is_number(row[i]) for row in rows) for i in range(len(head))]
    lines = [head, ['---:' if each else '---' for each in right], *rows]
    return '\n'.join('| ' + ' | '.join(map(str, line)) + ' |' for line in lines) + '\n'


def _is_number(text):
    return bool(re.match(r'^([-+±≥≤]?[\d.]|load|—|$)', str(text)))


def write_json(path, document):
    """Write a document of dataclasses, numbers and texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, default=asdict) + '\n')


def put_into_page(path, name, text):
    """
    Put `text` between the marks of `name` in a page.

    Raises
    ------
    ValueError
        Where the page has no such marks.

    """
    start, end = f'<!-- bench:{name} -->', f'<!-- /bench:{name} -->'
    page = path.read_text()
    if page.count(start) != 1 or page.count(end) != 1 or page.index(start) > page.index(end):
        raise ValueError(f'Expected one {start} before one {end} in {path}, got none or more.')
    head, rest = page.split(start)
    path.write_text(f'{head}{start}\n{text.strip()}\n{end}{rest.split(end)[1]}')
