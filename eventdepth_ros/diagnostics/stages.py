"""
Where the time of one depth image went, from the newest packet to the last publish.

accumulate: newest packet received -> window taken; wait: window taken -> inference began;
infer: inference; publish: inference ended -> published. total = accumulate + wait + infer +
publish; overhead = total - infer. tensor, encode, fuse and complete are parts of infer.

"""

from typing import Final, TYPE_CHECKING

if TYPE_CHECKING:
    from eventdepth_core.realtime import LiveFrame

NS_PER_MS: Final = 1e6
STAGES: Final = (
    'accumulate', 'wait', 'infer', 'publish', 'total', 'overhead',
    'tensor', 'encode', 'fuse', 'complete',
)  # fmt: skip


def stage_latencies(live_frame: 'LiveFrame', published_ns: int) -> dict[str, float]:
    """
    Return the milliseconds of each of `STAGES`, in that order.

    Parameters
    ----------
    live_frame : LiveFrame
        The frame with its times of the monotonic clock, ns.
    published_ns : int
        The same clock after the last message of the frame was handed to the middleware.

    """
    timing = live_frame.frame.timing
    infer_ns = live_frame.finished_ns - live_frame.started_ns
    total_ns = published_ns - live_frame.received_ns
    return {
        'accumulate': (live_frame.captured_ns - live_frame.received_ns) / NS_PER_MS,
        'wait': (live_frame.started_ns - live_frame.captured_ns) / NS_PER_MS,
        'infer': infer_ns / NS_PER_MS,
        'publish': (published_ns - live_frame.finished_ns) / NS_PER_MS,
        'total': total_ns / NS_PER_MS,
        'overhead': (total_ns - infer_ns) / NS_PER_MS,
        'tensor': timing.tensor_ms,
        'encode': timing.encode_ms,
        'fuse': timing.fuse_ms,
        'complete': timing.complete_ms,
    }
