"""
The built-in sub-commands of `eventdepth`, one module each.

A module offers `SUMMARY`, `add_arguments(parser)` and `run(arguments)`; see `cli.Command`.

"""
