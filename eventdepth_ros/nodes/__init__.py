"""
The executables of this package, one module a node, each with `main(args=None) -> int`.

A node only wires: parameters in, messages to core types, core, core types to messages. What can
be tested by itself lies in a folder beside this one (`depth`, `playing`, `evaluating`, ...).

"""
