"""Metrics, named evaluation profiles and trivial baselines."""

from eventdepth_core.evaluation.baselines import (
    constant_median,
    fill_baselines,
    FillBaselines,
    mean_depth_map,
)
from eventdepth_core.evaluation.profiles import list_profiles, Profile, profile_named
from eventdepth_core.evaluation.protocol import evaluate

__all__ = [
    'FillBaselines',
    'Profile',
    'constant_median',
    'evaluate',
    'fill_baselines',
    'list_profiles',
    'mean_depth_map',
    'profile_named',
]
