"""Recordings: everything a user has as one stream of typed samples, and what writes bags."""

from eventdepth_core.recordings.camera_files import assumed_camera, read_camera
from eventdepth_core.recordings.mcap_recorder import McapRecorder
from eventdepth_core.recordings.opening import open_recording
from eventdepth_core.recordings.recording import Recording, StreamName, StreamSummary

__all__ = [
    'McapRecorder',
    'Recording',
    'StreamName',
    'StreamSummary',
    'assumed_camera',
    'open_recording',
    'read_camera',
]
