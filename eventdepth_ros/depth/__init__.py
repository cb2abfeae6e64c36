"""
Parts of the depth node, each to be understood without the others.

The node (`eventdepth_ros.nodes.depth`) is a thin life cycle around: the model (bundle and engine),
the session (subscriptions and the live path while active) and the outputs (publishers). Everything
runs in the executor's thread, except the building of a live path, which has a thread for a second,
and the inference with its publishing, which have the worker of the live path.

"""
