"""Predictions of one or several runs compared with one target, and the report about it."""

from eventdepth_core.report.comparison.comparing import compared, Run, run_of
from eventdepth_core.report.comparison.depth_maps import depth_maps, FORMS, MapSource, Meaning
from eventdepth_core.report.comparison.page import comparison_page, comparison_text
from eventdepth_core.report.comparison.pairing import PairingRules
from eventdepth_core.report.comparison.result import ComparisonSummary, RunResult

__all__ = [
    'FORMS',
    'ComparisonSummary',
    'MapSource',
    'Meaning',
    'PairingRules',
    'Run',
    'RunResult',
    'compared',
    'comparison_page',
    'comparison_text',
    'depth_maps',
    'run_of',
]
