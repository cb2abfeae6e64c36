"""
One declaration table per node: a frozen dataclass whose fields are made by `parameter(...)`.

From the same rows come the ROS descriptors (`declare`), the JSON schema, the YAML defaults in
`config/` and the tables of the README (`python -m eventdepth_ros.parameters write`); a test holds
them equal. Importing this package needs no ROS.

"""

from eventdepth_ros.parameters.declaring import declare, watch_changes
from eventdepth_ros.parameters.row import parameter, ParameterRow, parameters_from, rows

__all__ = ['ParameterRow', 'declare', 'parameter', 'parameters_from', 'rows', 'watch_changes']
