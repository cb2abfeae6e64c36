"""Start the graph `demo`; see `eventdepth_ros.graph`. `-s` lists its arguments."""

from eventdepth_ros.launching import description_of

generate_launch_description = description_of('demo')
