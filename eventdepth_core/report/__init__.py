"""
What a replay found, as frozen values and as files: metrics.json, preview.png, report.html.

Laws: everything outside `timing` depends on the recording, the bundle and the options alone, so
it is byte-identical between runs; every number in the pictures is also in metrics.json or
stated beside the picture.

"""

from eventdepth_core.report.figures import contact_sheet
from eventdepth_core.report.html import report_page
from eventdepth_core.report.metrics_json import metrics_text
from eventdepth_core.report.summary import (
    BundleFacts,
    CameraFacts,
    Counts,
    FramePicture,
    Latency,
    RateSeries,
    RecordingFacts,
    ReplaySummary,
    SubsetMetrics,
    SubsetSpan,
    Timing,
    Versions,
)

__all__ = [
    'BundleFacts',
    'CameraFacts',
    'Counts',
    'FramePicture',
    'Latency',
    'RateSeries',
    'RecordingFacts',
    'ReplaySummary',
    'SubsetMetrics',
    'SubsetSpan',
    'Timing',
    'Versions',
    'contact_sheet',
    'metrics_text',
    'report_page',
]
