"""
Depth while the sensors run: events accumulate on arrival, one worker infers, nothing queues up.

Rejected: a queue of estimates (its length is latency), inference in the callback (packets would
wait and be lost), a lock around the pipeline (the callback would wait for inference). The window
is taken in the callback, a fraction of a millisecond, so that what comes later cannot change it.

"""

from eventdepth_core.realtime.live_depth import LiveDepth
from eventdepth_core.realtime.options import RealtimeOptions, TriggerKind
from eventdepth_core.realtime.status import LiveFrame, LiveStatus

__all__ = ['LiveDepth', 'LiveFrame', 'LiveStatus', 'RealtimeOptions', 'TriggerKind']
