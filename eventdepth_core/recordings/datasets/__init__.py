"""Readers of the published datasets, one module for each format."""
