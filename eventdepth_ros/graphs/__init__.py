"""
Definitions of the graphs; `eventdepth_ros.graph` is the door to them.

Needs no ROS.

"""
