"""Cameras, poses, rectification, projection, prefills, and the conversions of depth."""

from eventdepth_core.geometry.prefill import Prefill, prefill, spread_switch

__all__ = ['Prefill', 'prefill', 'spread_switch']
