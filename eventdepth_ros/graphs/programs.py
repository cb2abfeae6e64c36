"""
Programs of a graph: where they are, and what to say of one that is missing.

Our own nodes run as modules of this interpreter; others (RViz) are looked for in the ament
prefixes and on the PATH.

"""

import os
from pathlib import Path
import shutil

from eventdepth_core.errors import InstallationError
from eventdepth_ros import dds
from eventdepth_ros.graphs.spec import Given, NodeSpec, PACKAGE

ADVICE = {
    'rviz2': (
        'apt install ros-$ROS_DISTRO-rviz2 and source the ROS setup file, or leave rviz out; '
        'Foxglove Studio shows the same topics and the recorded depth.mcap.'
    )
}


def program_of(spec: NodeSpec) -> Path:
    """
    Return the program of a node of another package.

    Raises
    ------
    InstallationError
        If it is not there, with what to do.

    """
    for prefix in filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)):
        path = Path(prefix, 'lib', spec.package, spec.executable)
        if path.is_file():
            return path
    found = shutil.which(spec.executable)
    if found is None:
        advice = ADVICE.get(spec.executable, f'Install the package {spec.package}.')
        raise InstallationError(f'Expected the program {spec.executable}, got none: {advice}')
    return Path(found)


def child_environment(given: Given) -> dict[str, str]:
    """Return the variables that every process of a graph gets for the arguments given."""
    if given['dds'] == 'off':
        return {dds.MODE_VARIABLE: 'off'}
    return dds.environment()


def check_programs(specs: tuple[NodeSpec, ...]) -> None:
    """
    Look for the programs of other packages before anything is started.

    Raises
    ------
    InstallationError
        For the first that is missing.

    """
    for spec in specs:
        if spec.package != PACKAGE:
            program_of(spec)
