"""Conversion between datasets, raw files and bags, without loss of an event."""

from eventdepth_core.conversion.convert import convert
from eventdepth_core.conversion.options import ConversionOptions, Form
from eventdepth_core.conversion.plan import conversion_plan, ConversionPlan
from eventdepth_core.conversion.progress import ConversionProgress, ConversionSummary

__all__ = [
    'ConversionOptions',
    'ConversionPlan',
    'ConversionProgress',
    'ConversionSummary',
    'Form',
    'conversion_plan',
    'convert',
]
