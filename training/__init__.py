"""
Training code: simulation, data, losses, tasks, export. Imports the core, never the reverse.

`python -m training.flagship` is the one command from nothing to a bundle.

"""
