"""Which dataset lies at a path: told by the names and the contents, not by what it is called."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from eventdepth_core.recordings.datasets.carla import CarlaRecording, is_carla_folder
from eventdepth_core.recordings.datasets.ddos import DdosRecording, is_ddos_folder
from eventdepth_core.recordings.datasets.dsec import DsecRecording, EVENTS, is_dsec_folder
from eventdepth_core.recordings.datasets.frame_folder import FrameFolderRecording, is_frame_folder
from eventdepth_core.recordings.datasets.hdf5 import open_hdf5
from eventdepth_core.recordings.datasets.m3ed import m3ed_file, M3edRecording
from eventdepth_core.recordings.datasets.mvsec import mvsec_file, MvsecRecording
from eventdepth_core.recordings.datasets.nyu import is_labelled_file, nyu_files, NyuRecording
from eventdepth_core.recordings.datasets.options import DatasetOptions
from eventdepth_core.recordings.datasets.sled import is_sled_file, SledRecording
from eventdepth_core.recordings.recording import Recording

Openers: TypeAlias = tuple[tuple[Callable[[Path], object], Callable[[Path], Recording]], ...]

HDF5_SUFFIXES = ('.h5', '.hdf5', '.mat')
EXPECTED = (
    'a sequence of DSEC, MVSEC, M3ED, SLED, EventScape, DENSE, NYU, DDOS or an export of CARLA'
)


def dataset_at(path: Path, options: DatasetOptions) -> Recording | None:
    """
    Return the opened dataset that lies at a path, None if none of those we know does.

    Raises
    ------
    RecordingError
        If it is one and cannot be read.

    """
    openers = _file_openers(path, options) if path.is_file() else _folder_openers(options)
    return next((opened(path) for is_one, opened in openers if is_one(path)), None)


def _folder_openers(options: DatasetOptions) -> Openers:
    return (
        (is_dsec_folder, DsecRecording),
        (mvsec_file, MvsecRecording),
        (m3ed_file, M3edRecording),
        (is_carla_folder, CarlaRecording),
        (is_frame_folder, FrameFolderRecording),
        (is_ddos_folder, partial(DdosRecording, depth_scale_m=options.depth_scale_m)),
        (nyu_files, NyuRecording),
    )


def _file_openers(path: Path, options: DatasetOptions) -> Openers:
    if path.suffix.lower() not in HDF5_SUFFIXES:
        allowed = options.allow_pickled_arrays
        return ((is_sled_file, partial(SledRecording, allow_pickled_arrays=allowed)),)
    return (
        (_is_dsec_events, _opened_dsec_events),
        (mvsec_file, MvsecRecording),
        (m3ed_file, M3edRecording),
        (is_labelled_file, NyuRecording),
        (nyu_files, NyuRecording),
    )


def _is_dsec_events(path: Path) -> bool:
    with open_hdf5(path) as file:
        return {'events', 'ms_to_idx'} <= set(file)


def _opened_dsec_events(path: Path) -> Recording:
    """Return the sequence whose events these are, or the events alone."""
    return DsecRecording(path.parents[2] if path.match(str(EVENTS)) else path)
