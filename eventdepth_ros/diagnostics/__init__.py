"""
How a node says what it does, what is wrong, and what to do about it.

Everything here but `publishing` is free of ROS. Law: each WARN and ERROR comes from the one table
of `messages`, which docs/troubleshooting.md is written from.

"""

from eventdepth_ros.diagnostics.facts import (
    engine_facts,
    EngineFacts,
    InputSource,
    MonitorOptions,
)
from eventdepth_ros.diagnostics.hysteresis import Hysteresis, Level, Thresholds
from eventdepth_ros.diagnostics.latency import (
    LatencyHistogram,
    LatencySummary,
    StageLatencies,
)
from eventdepth_ros.diagnostics.monitor import DepthMonitor
from eventdepth_ros.diagnostics.rates import CounterRate, RateMeter
from eventdepth_ros.diagnostics.stages import stage_latencies, STAGES
from eventdepth_ros.diagnostics.status import Status
from eventdepth_ros.diagnostics.trace import Trace

__all__ = [
    'STAGES',
    'CounterRate',
    'DepthMonitor',
    'EngineFacts',
    'Hysteresis',
    'InputSource',
    'LatencyHistogram',
    'LatencySummary',
    'Level',
    'MonitorOptions',
    'RateMeter',
    'StageLatencies',
    'Status',
    'Thresholds',
    'Trace',
    'engine_facts',
    'stage_latencies',
]
