"""Losses of the training tasks, all on canonical log depth."""
