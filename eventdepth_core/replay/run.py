"""
One replay from the recording's path to the files in the output folder.

Laws: nothing is written before recording, camera and bundle are known to be good; depth.mcap and
everything in metrics.json but `timing` depend on recording, bundle and options alone.

"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from eventdepth_core.bundle import Bundle, load_bundle
from eventdepth_core.pipeline import DepthPipeline, PipelineOptions
from eventdepth_core.pipeline.views import ImageView, reference_view, ReferenceView
from eventdepth_core.recordings import open_recording, Recording
from eventdepth_core.replay.estimator import FrameEstimator, FrameOutlets
from eventdepth_core.replay.event_feed import EventFeed
from eventdepth_core.replay.observer import EventObserver
from eventdepth_core.replay.options import ReplayOptions
from eventdepth_core.replay.output import FrameRecorder
from eventdepth_core.replay.pictures import Album, InputPainter
from eventdepth_core.replay.plan import plan_of, ReplayPlan
from eventdepth_core.replay.playback import Extent, Playback
from eventdepth_core.replay.points_share import PointsShare
from eventdepth_core.replay.reference import ReferenceMatcher
from eventdepth_core.replay.stage_clock import StageClock
from eventdepth_core.replay.summarise import Finished, summary_of
from eventdepth_core.report import contact_sheet, metrics_text, ReplaySummary, report_page

US_PER_S = 1_000_000
US_PER_MS = 1_000
BAG_NAME = 'depth.mcap'
REPORT_NAME = 'report.html'
PREVIEW_NAME = 'preview.png'
METRICS_NAME = 'metrics.json'
DEFAULT_OPTIONS = ReplayOptions()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay has come; `num_expected` is None where nobody knows beforehand."""

    num_samples: int
    num_expected: int | None
    num_frames: int


def replay(
    recording_path: str | Path,
    bundle: str | Path | Bundle,
    out_dir: str | Path,
    options: ReplayOptions = DEFAULT_OPTIONS,
    *,
    on_progress: Callable[[Progress], None] | None = None,
) -> ReplaySummary:
    """
    Replay a recording through a bundle and write depth.mcap, report, preview and metrics.

    Parameters
    ----------
    recording_path : str or Path
        Anything that `open_recording` reads.
    bundle : str, Path or Bundle
        A loaded bundle, or its name or folder.
    out_dir : str or Path
        Folder for the results; made if it is not there, files of an earlier replay replaced.
    options : ReplayOptions
        Camera, triggers, inputs, engine.
    on_progress : callable, optional
        Called with a `Progress` after every sample, and at the end.

    Returns
    -------
    ReplaySummary
        What metrics.json and report.html say.

    Raises
    ------
    MissingCameraError
        If neither the recording nor the options give the camera of an input in use.
    RecordingError, CameraFileError, BundleError, EngineError
        If one of these cannot be opened.

    """
    loaded = bundle if isinstance(bundle, Bundle) else load_bundle(bundle)
    with open_recording(
        recording_path,
        topics=options.topics,
        camera=options.camera_path,
        fov_deg=options.fov_deg,
        dataset=options.dataset,
    ) as recording:
        plan = plan_of(recording, loaded, options)
        summary = _played(recording, plan, Path(out_dir), on_progress)
    (Path(out_dir) / METRICS_NAME).write_text(metrics_text(summary), encoding='utf-8')
    if options.has_report:
        _write_report(Path(out_dir), summary)
    return summary


def _played(
    recording: Recording,
    plan: ReplayPlan,
    out_dir: Path,
    on_progress: Callable[[Progress], None] | None,
) -> ReplaySummary:
    options = PipelineOptions(
        num_threads=plan.options.threads,
        filtering=plan.options.filtering,
        uses_motion=plan.uses_motion,
        motion_delay_us=round(plan.options.motion_delay_ms * US_PER_MS),
    )
    pipeline = DepthPipeline(plan.bundle, plan.rig, plan.options.engine, options=options)
    pipeline.warm()
    started = datetime.now(tz=timezone.utc).isoformat(timespec='seconds')
    clock = StageClock()
    observer = EventObserver(keep_us=2 * plan.window_us + pipeline.motion_delay_us)
    feed = None
    if 'events' in plan.used:
        feed = EventFeed(pipeline, observer, clock, is_mapped=plan.is_mapped)
    with FrameRecorder(out_dir / BAG_NAME, frame_id=plan.frame_id) as recorder:
        outlets = _outlets(plan, options, observer, recorder)
        share = _share(plan, outlets.painter.view)
        estimator = FrameEstimator(pipeline, outlets, share, clock, feed=feed)
        playback = Playback(
            feed,
            estimator,
            plan.triggers(),
            entering=plan.waiting_kinds,
            extent=_extent(plan, pipeline.motion_delay_us),
            is_live_order=plan.is_live_order,
        )
        _play_samples(recording, playback, estimator, on_progress)
    finished = Finished(recording, plan, pipeline, playback, estimator, feed, clock, started)
    return summary_of(finished)


def _outlets(
    plan: ReplayPlan, options: PipelineOptions, observer: EventObserver, recorder: FrameRecorder
) -> FrameOutlets:
    view = reference_view(plan.rig, plan.bundle)
    return FrameOutlets(
        recorder=recorder,
        album=Album(plan.options.num_pictures),
        painter=InputPainter(view, ImageView(view, options), plan.limits_m),
        matcher=ReferenceMatcher(plan.options.profile),
        observer=observer,
        window_us=plan.window_us,
    )


def _share(plan: ReplayPlan, view: ReferenceView) -> PointsShare:
    return PointsShare(
        view,
        plan.limits_m,
        fraction=plan.options.points_fraction,
        seed=plan.options.seed,
        has_reference=plan.has_reference,
    )


def _extent(plan: ReplayPlan, delay_us: int) -> Extent:
    options = plan.options
    duration_s = options.duration_s
    return Extent(
        start_us=round(options.start_s * US_PER_S),
        duration_us=None if duration_s is None else round(duration_s * US_PER_S),
        max_frames=options.max_frames,
        delay_us=delay_us,
    )


def _play_samples(
    recording: Recording,
    playback: Playback,
    estimator: FrameEstimator,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    counts = [stream.count for stream in recording.streams.values()]
    known = [count for count in counts if count is not None]
    num_expected = sum(known) if len(known) == len(counts) else None

    def report() -> None:
        """Say how far the replay has come."""
        if on_progress is not None:
            on_progress(Progress(playback.tally.num_samples, num_expected, estimator.num_frames))

    for sample in recording.samples():
        playback.play(sample)
        report()
        if playback.is_over:
            break
    playback.finish()
    report()


def _write_report(out_dir: Path, summary: ReplaySummary) -> None:
    (out_dir / PREVIEW_NAME).write_bytes(contact_sheet(summary.pictures))
    (out_dir / REPORT_NAME).write_text(report_page(summary), encoding='utf-8')
