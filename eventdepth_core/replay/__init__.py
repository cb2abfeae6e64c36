"""
Replay a recording through a model bundle, offline: frames into a bag, pictures, a report.

Laws: the same recording, bundle and options give the same depth.mcap and the same metrics.json
apart from `timing`, however the recorded bytes were split into packets; memory does not grow with
the length of the recording.

"""

from eventdepth_core.replay.options import ReplayOptions
from eventdepth_core.replay.run import Progress, replay
from eventdepth_core.report import ReplaySummary

__all__ = ['Progress', 'ReplayOptions', 'ReplaySummary', 'replay']
