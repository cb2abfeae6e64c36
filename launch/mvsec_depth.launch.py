"""Start the graph `mvsec_depth`; see `eventdepth_ros.graph`. `-s` lists its arguments."""

from eventdepth_ros.launching import description_of

generate_launch_description = description_of('mvsec_depth')
