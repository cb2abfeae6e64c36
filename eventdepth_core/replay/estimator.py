"""
Frames out of the pipeline, and everything that is made of a frame.

Laws: an input that the pipeline refuses and an estimate that fails are counted by the pipeline
and cost nothing else; what is drawn and written never changes an estimate.

"""

from collections import Counter
from dataclasses import dataclass

from eventdepth_core.errors import EventDepthError
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.replay.event_feed import EventFeed
from eventdepth_core.replay.observer import EventObserver
from eventdepth_core.replay.output import FrameRecorder
from eventdepth_core.replay.pictures import Album, InputPainter
from eventdepth_core.replay.points_share import PointsShare
from eventdepth_core.replay.reference import ReferenceMatcher, subset_name
from eventdepth_core.replay.stage_clock import StageClock
from eventdepth_core.report import SubsetSpan
from eventdepth_core.scheduling.waiting import Waiting
from eventdepth_core.types import (
    DepthFrame,
    DepthSample,
    Events,
    ImageSample,
    PointsSample,
    StageTiming,
)

STAGES = ('tensor', 'encode', 'fuse', 'complete', 'total')


@dataclass(frozen=True, slots=True)
class FrameOutlets:
    """Where frames go: bag, pictures, comparison; and what draws their inputs."""

    recorder: FrameRecorder
    album: Album
    painter: InputPainter
    matcher: ReferenceMatcher
    observer: EventObserver
    window_us: int


class FrameEstimator:
    """Pushes samples, makes estimates and hands the frames on."""

    def __init__(
        self,
        pipeline: DepthPipeline,
        outlets: FrameOutlets,
        share: PointsShare,
        clock: StageClock,
        *,
        feed: EventFeed | None,
    ) -> None:
        self._pipeline = pipeline
        self.outlets = outlets
        self._share = share
        self._clock = clock
        self._feed = feed
        self._first_us: int | None = None
        self.num_frames = 0
        self.modalities: Counter[str] = Counter()
        self.scales: Counter[str] = Counter()
        self.incomplete: Counter[str] = Counter()
        self.subset_spans: list[SubsetSpan] = []

    def push(self, sample: Waiting) -> None:
        """Push one image, points or pose."""
        painter = self.outlets.painter
        try:
            if isinstance(sample, ImageSample):
                with self._clock.stage('push_image'):
                    self._pipeline.push_image(sample.image, sample.stamp_us)
                painter.image = sample
            elif isinstance(sample, PointsSample):
                self._push_points(sample)
            else:
                self._pipeline.push_pose(sample.world_from_camera, sample.stamp_us)
        except EventDepthError:
            return  # the pipeline has counted it

    def estimate(self, stamp_us: int) -> bool:
        """Make and keep one frame; return whether there was one."""
        try:
            with self._clock.stage('estimate'):
                frame = self._pipeline.estimate(stamp_us)
        except EventDepthError:
            return False  # the pipeline has counted it
        self._note(frame)
        target_m = self.outlets.matcher.add_frame(frame)
        with self._clock.stage('draw'):
            events = self._window(frame)
            picture = self.outlets.painter.event_picture(events) if self._feed else None
        with self._clock.stage('write'):
            self.outlets.recorder.write(frame, picture)
        album = self.outlets.album
        if not album.wants(target_m):
            album.skip(target_m)
            return True
        with self._clock.stage('draw'):
            inputs = self.outlets.painter.inputs(frame, events)
            album.add(frame, inputs, target_m, elapsed_s=self._elapsed_s(frame))
        return True

    def take_reference(self, reference: DepthSample) -> None:
        """Compare a reference depth with its frame, before or after it."""
        self.outlets.matcher.add_reference(reference)

    def _push_points(self, sample: PointsSample) -> None:
        if self._share.is_whole:
            with self._clock.stage('push_points'):
                self._pipeline.push_points(sample.points_m, sample.stamp_us)
            self.outlets.painter.points = sample
            return
        given_m, held_back = self._share.split(sample)
        with self._clock.stage('push_points'):
            self._pipeline.push_sparse_depth(given_m, sample.stamp_us)
        self.outlets.painter.points = given_m
        if held_back is not None:
            self.take_reference(held_back)

    def _window(self, frame: DepthFrame) -> Events:
        end_us = frame.stamp_us if self._feed is None else self._feed.to_sensor_us(frame.stamp_us)
        events = self.outlets.observer.window(end_us, self.outlets.window_us)
        return self.outlets.painter.events(events)

    def _note(self, frame: DepthFrame) -> None:
        self.num_frames += 1
        subset = subset_name(frame)
        self.modalities[subset] += 1
        if not self.subset_spans or self.subset_spans[-1].subset != subset:
            self.subset_spans.append(SubsetSpan(frame.stamp_us, subset))
        self.scales[frame.scale] += 1
        self.incomplete.update(frame.incomplete)
        for stage in STAGES:
            self._clock.record(stage, _stage_ms(frame.timing, stage))

    def _elapsed_s(self, frame: DepthFrame) -> float:
        if self._first_us is None:
            self._first_us = frame.stamp_us
        return (frame.stamp_us - self._first_us) / 1e6


def _stage_ms(timing: StageTiming, stage: str) -> float:
    elapsed_ms: float = getattr(timing, f'{stage}_ms')
    return elapsed_ms
