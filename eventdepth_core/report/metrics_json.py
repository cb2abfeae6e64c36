"""
metrics.json: the summary as text, the deterministic part apart from `timing`.

Laws: keys keep their written order inside a value and are sorted inside a tally; NaN and
infinite numbers become null, so that any JSON reader accepts the file.

"""

from collections.abc import Mapping
import dataclasses
import json
import math

from eventdepth_core.report.summary import ReplaySummary

SCHEMA_VERSION = 1
_REPORT_ONLY = ('pictures', 'rate', 'total_ms')


def metrics_text(summary: ReplaySummary) -> str:
    """Return the text of metrics.json, ending in a newline."""
    content: dict[str, object] = {'schema_version': SCHEMA_VERSION}
    for field in dataclasses.fields(summary):
        if field.name not in _REPORT_ONLY:
            content[field.name] = plain(getattr(summary, field.name))
    content['profile'] = content.pop('profile')
    content['timing'] = content.pop('timing')
    return json.dumps(content, indent=2, allow_nan=False) + '\n'


def plain(value: object) -> object:
    """Return a value of dataclasses, mappings and tuples made of what JSON knows."""
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
