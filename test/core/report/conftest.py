"""A finished replay made up of known numbers."""

from eventdepth_core.recordings import StreamSummary
from eventdepth_core.report import (
    BundleFacts,
    CameraFacts,
    Counts,
    FramePicture,
    Latency,
    RateSeries,
    RecordingFacts,
    ReplaySummary,
    SubsetMetrics,
    Timing,
    Versions,
)
from eventdepth_core.types import Camera
import numpy as np
import pytest

SIZE = (45, 61)


def frame_picture(k: int, *, has_target: bool = False, scale: str = 'prior') -> FramePicture:
    rows = np.mgrid[: SIZE[0], : SIZE[1]][0]
    depth_m = (1.0 + rows / 10.0 + k).astype(np.float32)
    depth_m[:3] = np.nan
    return FramePicture(
        stamp_us=50_000 * k,
        elapsed_s=0.05 * k,
        inputs=np.full((*SIZE, 3), 200, np.uint8),
        depth_m=depth_m,
        std_m=(0.1 * depth_m).astype(np.float32),
        target_m=depth_m * np.float32(1.1) if has_target else None,
        modalities=('events',),
        scale=scale,
        incomplete=('window_not_full',) if k == 0 else (),
    )


@pytest.fixture
def frames() -> tuple[FramePicture, ...]:
    return tuple(frame_picture(k, has_target=k == 1) for k in range(3))


@pytest.fixture
def summary(frames) -> ReplaySummary:
    return ReplaySummary(
        recording=RecordingFacts(
            name='<b>a & b</b>',
            kind='rosbag2',
            streams=(StreamSummary('events', 'EventPacket', '/<cam>/events', 12, 'evt3', 61, 45),),
            start_us=7,
            end_us=2_000_007,
            played_s=2.0,
        ),
        bundle=BundleFacts('tiny', '0.1.0', 'metric_depth', 'onnxruntime', 1.5),
        camera=CameraFacts('assumed', Camera(61, 45, 50.0, 50.0, 30.0, 22.0)),
        options={'trigger': 'auto', 'rate_hz': 20.0, 'use': ('events',)},
        counts=Counts(
            num_packets=12,
            num_events=34_567,
            num_sequence_gaps=4_321,
            num_discontinuities=8_765,
            num_triggers_fired=4,
            num_frames=3,
        ),
        drops={'unknown_encoding': 2},
        modalities={'events': 3},
        scales={'prior': 3},
        incomplete={'window_not_full': 1},
        discontinuities=(123_456,),
        metrics=(SubsetMetrics('events', 1, {'abs_rel': 0.0909, 'delta1': 1.0, 'ause': np.nan}),),
        versions=Versions('0.1.0', '3.11', '2.0', '0.60', '1.20'),
        timing=Timing(
            stages=(Latency('total', 3, 20.0, 30.0, 31.0),),
            cpu_s={'accumulate': 0.1},
            wall_s={'accumulate': 0.2},
            real_time_factor_accumulate=20.0,
        ),
        pictures=frames,
        rate=RateSeries(0.01, np.arange(200)),
        total_ms=(18.0, 20.0, 31.0),
    )
