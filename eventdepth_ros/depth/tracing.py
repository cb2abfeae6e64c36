"""Where `~/save_trace` writes: one file per call, named by node and time."""

from datetime import datetime, timezone
import os
from pathlib import Path

from eventdepth_ros.diagnostics import Trace


def saved_trace(trace: Trace, folder: str, node_name: str) -> Path:
    """
    Write the trace into `folder` ('' = that of ROS's logs) and return the file.

    Raises
    ------
    OSError
        If the file cannot be written.

    """
    parent = Path(folder).expanduser() if folder else log_folder()
    moment = datetime.now(timezone.utc).strftime('%Y%m%d-%H%M%S-%f')
    return trace.write(parent / f'{node_name}-trace-{moment}.json')


def log_folder() -> Path:
    """Return the folder in which ROS keeps its logs."""
    named = os.environ.get('ROS_LOG_DIR')
    if named:
        return Path(named).expanduser()
    home = os.environ.get('ROS_HOME')
    return (Path(home).expanduser() if home else Path.home() / '.ros') / 'log'
