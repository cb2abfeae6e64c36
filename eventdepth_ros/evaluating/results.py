"""
The files of an evaluation: metrics.json, report.html, preview.png.

Drawing takes a second of one core, more on a busy machine, so frames are drawn in the background
while the graph runs. Laws: metrics.json is written first, because it is what a program waits for;
each file is replaced as a whole, so nobody reads half of one.

"""

import os
from pathlib import Path
import threading
import time
from typing import Final

from eventdepth_core.errors import InputError
from eventdepth_core.report import contact_sheet, FramePicture
from eventdepth_core.report.evaluation_page import evaluation_page, evaluation_text
from eventdepth_core.report.evaluation_summary import EvaluationSummary

METRICS_NAME: Final = 'metrics.json'
REPORT_NAME: Final = 'report.html'
PREVIEW_NAME: Final = 'preview.png'
NICENESS: Final = 10
WAIT_S: Final = 0.7
SLOW_S: Final = 1.2


class ResultFiles:
    """
    Writes the files of an evaluation into a folder, as often as wanted.

    Parameters
    ----------
    folder : Path
        Made if it is not there; results of an earlier run are removed.

    Raises
    ------
    InputError
        If the folder cannot be made or written.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._drawing = self._drawn = _Drawing(())  # the newest, and the newest that is done
        self._sheet: bytes | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in (METRICS_NAME, REPORT_NAME, PREVIEW_NAME):
                (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f'Expected a folder that can be written at {folder}, got {error.strerror}.'
            ) from error
        self._drawing.run()  # loads what drawing needs; there is no time for that at the end

    @property
    def is_drawing(self) -> bool:
        """Whether frames are being drawn in the background."""
        return self._drawing.is_alive()

    def draw(self, pictures: tuple[FramePicture, ...]) -> None:
        """Draw frames in the background, unless that is going on or they are drawn already."""
        if not self.is_drawing and not self._drawing.shows(pictures):
            self._drawing = _Drawing(pictures)
            self._drawing.start()

    def write(self, summary: EvaluationSummary) -> None:
        """
        Write all three files.

        Frames are drawn anew, unless they are drawn already or drawing is slow on this machine
        now: then the frames are those that were drawn last.

        Raises
        ------
        OSError
            If a file cannot be written.

        """
        _replace(self.folder / METRICS_NAME, evaluation_text(summary).encode())
        sheet = self._sheet_of(summary.pictures)
        if sheet is not self._sheet:
            _replace(self.folder / PREVIEW_NAME, sheet)
            self._sheet = sheet
        _replace(self.folder / REPORT_NAME, evaluation_page(summary, sheet).encode())

    def _sheet_of(self, pictures: tuple[FramePicture, ...]) -> bytes:
        """Return these frames drawn, or at least half as many if that is slow."""
        drawn = self._drawn
        is_enough = 2 * len(drawn.pictures) >= len(pictures) > 0
        if self.is_drawing:
            self._drawing.join(WAIT_S if is_enough else None)
        if not self.is_drawing:
            drawn = self._drawn = self._drawing
            is_enough = 2 * len(drawn.pictures) >= len(pictures) > 0
        is_slow = self.is_drawing or drawn.expected_s(pictures) > SLOW_S
        if drawn.shows(pictures) or (is_slow and is_enough):
            return drawn.sheet
        self._drawing = self._drawn = _Drawing(pictures)
        self._drawn.run()
        return self._drawn.sheet


class _Drawing(threading.Thread):
    """Draws a sheet of frames with low priority; `sheet` is empty until it is done."""

    def __init__(self, pictures: tuple[FramePicture, ...]) -> None:
        super().__init__(name='drawing', daemon=True)
        self.pictures = pictures
        self.sheet = b''
        self.cpu_s = 0.0

    def shows(self, pictures: tuple[FramePicture, ...]) -> bool:
        """Return whether this draws the same frames."""
        return [each.stamp_us for each in pictures] == [each.stamp_us for each in self.pictures]

    def expected_s(self, pictures: tuple[FramePicture, ...]) -> float:
        """Return how long these frames would take now, 0 where none were drawn to tell."""
        if not self.pictures:
            return 0.0
        # by the processor: what was drawn while the graph ran had to wait for it
        return self.cpu_s * _crowding() * len(pictures) / len(self.pictures)

    def run(self) -> None:
        """Draw; in a thread of its own at low priority, else in the caller's."""
        if threading.get_ident() == self.ident and hasattr(os, 'setpriority'):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        started_s = time.thread_time()
        sheet = contact_sheet(self.pictures)
        self.cpu_s = time.thread_time() - started_s
        self.sheet = sheet


def _crowding() -> float:
    """Return how many threads want each core at this moment, at least 1; 1 where nobody tells."""
    try:
        running = int(Path('/proc/loadavg').read_text().split()[3].partition('/')[0])
    except (OSError, ValueError, IndexError):
        return 1.0
    return max(1.0, running / (os.cpu_count() or 1))


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
