"""
A finished replay as a `ReplaySummary`.

Law: everything that a clock of the host has produced goes into `Timing`.

"""

from collections import Counter
from dataclasses import dataclass, replace
import math
import os

from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.recordings import Recording, StreamName
from eventdepth_core.recordings.aedat4_recording import Aedat4Recording
from eventdepth_core.replay.estimator import FrameEstimator
from eventdepth_core.replay.event_feed import EventFeed
from eventdepth_core.replay.plan import ReplayPlan
from eventdepth_core.replay.playback import Playback
from eventdepth_core.replay.stage_clock import StageClock
from eventdepth_core.report import (
    BundleFacts,
    CameraFacts,
    Counts,
    RecordingFacts,
    ReplaySummary,
    Timing,
)
from eventdepth_core.report.versions import installed_versions, processor_name

US_PER_S = 1e6
PROCESSING = ('accumulate', 'push_image', 'push_points', 'estimate')


@dataclass(frozen=True, slots=True)
class Finished:
    """The objects of a replay after its last sample, and when it started (UTC, ISO 8601)."""

    recording: Recording
    plan: ReplayPlan
    pipeline: DepthPipeline
    playback: Playback
    estimator: FrameEstimator
    feed: EventFeed | None
    clock: StageClock
    started: str


def summary_of(run: Finished) -> ReplaySummary:
    """Return everything that metrics.json and report.html say."""
    outlets, estimator = run.estimator.outlets, run.estimator
    return ReplaySummary(
        recording=_recording(run),
        bundle=BundleFacts(
            name=run.plan.bundle.name,
            version=run.plan.bundle.version,
            task=run.plan.bundle.task,
            engine=run.pipeline.engine.name,
            gflop=run.plan.bundle.gflop,
            precision=run.plan.bundle.precision,
            steps=run.plan.bundle.scheduler.default_steps,
        ),
        camera=CameraFacts(run.recording.camera_source, run.pipeline.camera),
        options=run.plan.options.stated(),
        counts=_counts(run),
        drops=_drops(run),
        modalities=_by_name(estimator.modalities),
        scales=_by_name(estimator.scales),
        incomplete=_by_name(estimator.incomplete),
        discontinuities=tuple(run.playback.discontinuities),
        metrics=outlets.matcher.metrics(),
        versions=installed_versions(),
        timing=_timing(run),
        pictures=outlets.album.chosen(),
        rate=outlets.observer.rate.series(),
        total_ms=run.clock.runs_ms('estimate'),
        subset_spans=tuple(estimator.subset_spans),
        profile=run.plan.options.profile,
    )


def _recording(run: Finished) -> RecordingFacts:
    first_us, last_us = run.playback.first_us, run.playback.last_us
    return RecordingFacts(
        name=run.recording.path.name,
        kind=run.recording.kind,
        streams=tuple(run.recording.streams.values()),
        start_us=first_us,
        end_us=last_us,
        played_s=_played_s(run),
    )


def _played_s(run: Finished) -> float:
    """Return the time covered by events without its jumps, else by the stamps."""
    if run.feed is not None:
        return run.estimator.outlets.observer.rate.played_us / US_PER_S
    first_us, last_us = run.playback.first_us, run.playback.last_us
    return 0.0 if first_us is None or last_us is None else (last_us - first_us) / US_PER_S


def _counts(run: Finished) -> Counts:
    tally, observer = run.playback.tally, run.estimator.outlets.observer
    pipeline = run.pipeline.counts
    counts = Counts(
        num_images=tally.num_images,
        num_points=tally.num_points,
        num_poses=tally.num_poses,
        num_references=tally.num_references,
        num_filtered=pipeline.num_filtered,
        num_sequence_gaps=pipeline.num_sequence_gaps,
        num_discontinuities=pipeline.num_discontinuities,
        num_pose_jumps=pipeline.num_pose_jumps,
        num_pose_gaps=pipeline.num_pose_gaps,
        num_swept_events=pipeline.num_swept_events,
        num_unposed_events=pipeline.num_unposed_events,
        num_thinned_events=pipeline.num_thinned_events,
        num_triggers_fired=tally.num_triggers_fired,
        num_frames=run.estimator.num_frames,
        num_triggers=_num_triggers(run),
        num_events=observer.num_events,
        num_events_on=observer.num_events_on,
        num_events_off=observer.num_events - observer.num_events_on,
    )
    if run.feed is None:
        return counts
    return replace(counts, num_packets=run.feed.num_packets, decoding=run.feed.decoding)


def _num_triggers(run: Finished) -> int:
    """Return external trigger events, which some files store beside the packets."""
    beside = run.recording.num_triggers if isinstance(run.recording, Aedat4Recording) else 0
    return beside + (0 if run.feed is None else run.feed.decoding.num_triggers)


def _drops(run: Finished) -> dict[str, int]:
    drops = Counter(not_calibrated=_num_unplaced(run))
    for source in (
        run.recording.dropped,
        run.pipeline.counts.drops,
        run.playback.waiting.drops,
        {} if run.feed is None else run.feed.drops,
        run.estimator.outlets.matcher.drops,
    ):
        drops.update(source)
    return _by_name(+drops)  # without zeros


def _num_unplaced(run: Finished) -> int:
    """Return how many images and points were left out because nothing places them."""
    tally = run.playback.tally
    counts: dict[StreamName, int] = {'image': tally.num_images, 'points': tally.num_points}
    wanted = run.plan.unplaced & set(run.plan.options.use)
    return sum(counts.get(name, 0) for name in wanted)


def _by_name(tally: Counter[str]) -> dict[str, int]:
    return {name: tally[name] for name in sorted(tally)}


def _timing(run: Finished) -> Timing:
    cpu_s, played_s = run.clock.cpu_s, _played_s(run)
    processing_s = sum(cpu_s.get(stage, 0.0) for stage in PROCESSING)
    accumulate_s = cpu_s.get('accumulate', 0.0)
    num_events = run.estimator.outlets.observer.num_events
    return Timing(
        stages=run.clock.latencies(),
        cpu_s=cpu_s,
        wall_s=run.clock.wall_s,
        real_time_factor_accumulate=_ratio(played_s, accumulate_s),
        real_time_factor_all=_ratio(played_s, processing_s),
        accumulated_events_per_s=_ratio(num_events, accumulate_s),
        recorded_events_per_s=_ratio(num_events, played_s),
        cores=os.cpu_count() or 1,
        threads=run.pipeline.engine.num_threads,
        started=run.started,
        device=processor_name(),
    )


def _ratio(numerator: float, denominator: float) -> float:
    """Return the quotient; NaN where nothing was covered or nothing was spent."""
    return numerator / denominator if numerator > 0 and denominator > 0 else math.nan
