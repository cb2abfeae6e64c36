"""Metrics, named evaluation profiles and trivial baselines."""

from eventdepth_core.evaluation.baselines import (
    constant_median,
    fill_baselines,
    FillBaselines,
    mean_depth_map,
)
from eventdepth_core.evaluation.log_codec import LogCodec
from eventdepth_core.evaluation.profile import Profile, with_switches
from eventdepth_core.evaluation.profiles import list_profiles, profile_named
from eventdepth_core.evaluation.protocol import evaluate
from eventdepth_core.evaluation.running import RunningEvaluation

__all__ = [
    'FillBaselines',
    'LogCodec',
    'Profile',
    'RunningEvaluation',
    'constant_median',
    'evaluate',
    'fill_baselines',
    'list_profiles',
    'mean_depth_map',
    'profile_named',
    'with_switches',
]
