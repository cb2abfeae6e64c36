"""Which dataset lies at a path: told by the names and the contents, not by what it is called."""

from pathlib import Path

from eventdepth_core.recordings.datasets.dsec import DsecRecording, EVENTS, is_dsec_folder
from eventdepth_core.recordings.datasets.hdf5 import open_hdf5
from eventdepth_core.recordings.datasets.mvsec import mvsec_file, MvsecRecording
from eventdepth_core.recordings.datasets.options import DatasetOptions
from eventdepth_core.recordings.recording import Recording

HDF5_SUFFIXES = ('.h5', '.hdf5', '.mat')
EXPECTED = 'a sequence of DSEC or MVSEC'


def dataset_at(path: Path, options: DatasetOptions) -> Recording | None:  # noqa: ARG001 - of datasets to come
    """
    Return the opened dataset that lies at a path, None if none of those we know does.

    Raises
    ------
    RecordingError
        If it is one and cannot be read.

    """
    if path.is_file():
        return _file_dataset(path)
    if is_dsec_folder(path):
        return DsecRecording(path)
    if mvsec_file(path) is not None:
        return MvsecRecording(path)
    return None


def _file_dataset(path: Path) -> Recording | None:
    if path.suffix.lower() not in HDF5_SUFFIXES:
        return None
    with open_hdf5(path) as file:
        names = set(file)
    if {'events', 'ms_to_idx'} <= names and path.match(str(EVENTS)):
        return DsecRecording(path.parents[2])
    if mvsec_file(path) is not None:
        return MvsecRecording(path)
    return None
