"""
The files of an evaluation: metrics.json, report.html, preview.png.

Laws: metrics.json is written first, because it is what a program waits for; each file is replaced
as a whole, so nobody reads half of one.

"""

import os
from pathlib import Path
from typing import Final

from eventdepth_core.errors import InputError
from eventdepth_core.report import contact_sheet
from eventdepth_core.report.evaluation_page import evaluation_page, evaluation_text
from eventdepth_core.report.evaluation_summary import EvaluationSummary

METRICS_NAME: Final = 'metrics.json'
REPORT_NAME: Final = 'report.html'
PREVIEW_NAME: Final = 'preview.png'


def prepare(folder: Path) -> None:
    """
    Make the folder, remove results of an earlier run, and load what drawing needs.

    Loading takes a second, which is not there at the end.

    Raises
    ------
    InputError
        If the folder cannot be made or written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (METRICS_NAME, REPORT_NAME, PREVIEW_NAME):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f'Expected a folder that can be written at {folder}, got {error.strerror}.'
        ) from error
    contact_sheet(())


def write_results(folder: Path, summary: EvaluationSummary) -> None:
    """
    Write all three files.

    Raises
    ------
    OSError
        If one cannot be written.

    """
    _replace(folder / METRICS_NAME, evaluation_text(summary).encode())
    sheet = contact_sheet(summary.pictures)
    _replace(folder / PREVIEW_NAME, sheet)
    _replace(folder / REPORT_NAME, evaluation_page(summary, sheet).encode())


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
