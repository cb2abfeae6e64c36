"""Samples -> batches: augmentation, corrupted modalities, points patterns."""
