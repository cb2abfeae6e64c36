"""
Held-out table of the card with points swept from events and known motion, beside their fills.

M alone, with events and image, and joined with sparse points of a LiDAR. Law: the rows of one
kind of points hold for the same frames and points.

"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eventdepth_core.bundle import CalibrationFactors
from eventdepth_core.types import Float32
import numpy as np
from training.calibrate import MOTION_DENSITIES, motion_trials
from training.data.batches import Samples
from training.judge import judged_frames, JudgedFrame, Networks, Trial
from training.tables import baseline_row, fill_rows, mean_row, MIN_JUDGED, Row

SUBSETS = ('M', 'EM', 'IM', 'EIM', 'PM', 'EPM', 'EIPM')
WITH_FILLS = ('M', 'PM')


@dataclass(frozen=True, slots=True, eq=False)
class MotionExam:
    """What is examined: networks with their calibration on samples with swept points."""

    networks: Networks
    samples: Samples
    factors: Mapping[str, CalibrationFactors]
    count: int


def motion_table(exam: MotionExam) -> list[Row]:
    """
    Rows of the subsets with motion, beside them once fills, median and the head for a LiDAR.

    That head is the model of a bundle without one for motion, with the factors of points.

    """
    rows: list[Row] = []
    for subset in SUBSETS:
        trials = motion_trials(subset, exam.factors[subset])
        densities = MOTION_DENSITIES if 'P' in subset else (None,)
        for trial, density in zip(trials, densities, strict=True):
            label = subset if density is None else f'{subset} {density:.1%}'
            frames = [
                frame
                for frame in judged_frames(exam.networks, exam.samples, trial, exam.count)
                if frame.judged.sum() >= MIN_JUDGED
            ]
            rows.append(mean_row(label, 'model', frames))
            if subset in WITH_FILLS:
                rows += fill_rows(label, frames)
                rows.append(baseline_row(label, 'median of the truth', frames, _median))
                rows.append(
                    _lidar_head_row(label, exam, replace(trial, factors=exam.factors['P']))
                )
    return rows


def _lidar_head_row(label: str, exam: MotionExam, trial: Trial) -> Row:
    plain = replace(exam.networks, motion=None)
    frames = judged_frames(plain, exam.samples, trial, exam.count)
    usable = (frame for frame in frames if frame.judged.sum() >= MIN_JUDGED)
    return mean_row(label, 'head for LiDAR points', usable)


def _median(frame: JudgedFrame) -> Float32:
    return np.full_like(frame.target_m, np.median(frame.target_m[frame.judged]))
