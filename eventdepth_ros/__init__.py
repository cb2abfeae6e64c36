"""
ROS 2 side of eventdepth: parameters in, messages out, no arithmetic on pixels.

Everything that computes lives in `eventdepth_core`, which never imports ROS. This package only
adapts: message -> core type -> pipeline -> message. Importing it loads neither rclpy nor a message
package; modules that need them import them inside functions, so that the library, the training
code and most tests run on a machine without ROS.

"""
