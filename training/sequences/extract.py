"""
A recording -> one `SequenceSample` at each of its reference depths.

The samples come out of the runtime itself: the replay's plan and playback push the recording into
a `DepthPipeline`, and at each reference stamp the pipeline's window of events, the newest image
and the newest points in the reference view are taken. Laws: the voxel grid equals, bit for bit,
the one that an estimate at that stamp would use; an image or points older than the pipeline would
accept are absent; a reference of another size than the reference view is an error, never resized.

"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
import math

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import EventDepthError, RecordingError
from eventdepth_core.pipeline import DepthPipeline, PipelineOptions
from eventdepth_core.pipeline.captured import Captured
from eventdepth_core.pipeline.evidence import dense_depth, encoded_points, grids_for
from eventdepth_core.pipeline.views import ImageView, reference_view, sparse_depth, within
from eventdepth_core.recordings import open_recording, Recording
from eventdepth_core.replay import ReplayOptions
from eventdepth_core.replay.event_feed import EventFeed
from eventdepth_core.replay.observer import EventObserver
from eventdepth_core.replay.plan import plan_of, ReplayPlan
from eventdepth_core.replay.playback import Extent, Playback
from eventdepth_core.replay.stage_clock import StageClock
from eventdepth_core.scheduling.waiting import Waiting
from eventdepth_core.types import DepthSample, Float32, ImageSample, PointsSample, UInt8
import numpy as np
from training.sequences.splits import SequenceSource

MAX_REFERENCES = 64


@dataclass(frozen=True, slots=True, eq=False)
class SequenceSample:
    """
    What a robot had at `stamp_us`, all in the rectified reference view (H, W).

    `voxel` float32 (T, H, W), `image` uint8 (H, W, 3), `sparse_m` float32 (H, W) metres, NaN =
    not measured: each None where the sensor gave nothing; `depth_m` float32 (H, W), NaN =
    unknown, the target; `focal_px` the focal length.

    """

    stamp_us: int
    depth_m: Float32
    focal_px: float
    voxel: Float32 | None = None
    image: UInt8 | None = None
    sparse_m: Float32 | None = None


@dataclass(frozen=True, slots=True)
class ExtractionRules:
    """Every which reference depth becomes a sample, and beyond which depth nothing is known."""

    every: int = 1
    max_depth_m: float = math.inf


def sequence_samples(
    source: SequenceSource, bundle: Bundle, rules: ExtractionRules
) -> Iterator[SequenceSample]:
    """
    Yield the samples of a sequence in the order of their stamps.

    Raises
    ------
    RecordingError
        If it cannot be read, has no depth, or its depth is not in the reference view.
    MissingCameraError
        If no camera is known.

    """
    with open_recording(
        source.path,
        topics=dict(source.topics),
        camera=source.camera,
        fov_deg=source.fov_deg,
    ) as recording:
        if 'depth' not in recording.streams:
            raise RecordingError(
                f'Expected a stream of depth to learn from in {source.path}, '
                f'got {", ".join(recording.streams)}.'
            )
        plan = plan_of(recording, bundle, ReplayOptions(trigger='reference'))
        yield from _Extraction(recording, plan, rules).samples()


class _Extraction:
    """One pass over a recording: takes waiting samples, answers triggers with samples."""

    def __init__(self, recording: Recording, plan: ReplayPlan, rules: ExtractionRules) -> None:
        self._recording = recording
        self._plan = plan
        self._rules = rules
        self._options = PipelineOptions(num_threads=1)
        self._pipeline = DepthPipeline(plan.bundle, plan.rig, options=self._options)
        self._view = reference_view(plan.rig, plan.bundle)
        self._images = ImageView(self._view, self._options)
        self._references: dict[int, Float32] = {}
        self._image: ImageSample | None = None
        self._points: tuple[Float32, int] | None = None
        self._num_seen = 0
        self._ready: list[SequenceSample] = []
        self.drops: Counter[str] = Counter()

    def samples(self) -> Iterator[SequenceSample]:
        """Play the recording and yield what becomes ready."""
        playback = self._playback()
        for sample in self._recording.samples():
            playback.play(sample)
            yield from self._taken()
        playback.finish()
        yield from self._taken()

    def push(self, sample: Waiting) -> None:
        """Keep the newest image and the newest points in the reference view."""
        try:
            if isinstance(sample, ImageSample):
                self._image = ImageSample(self._rectified(sample), sample.stamp_us)
            elif isinstance(sample, PointsSample):
                sparse_m = sparse_depth(self._view, sample.points_m, self._plan.limits_m)
                self._points = (sparse_m, sample.stamp_us)
        except EventDepthError as error:
            self.drops[error.reason] += 1

    def take_reference(self, reference: DepthSample) -> None:
        """Keep a reference depth until its stamp is due."""
        size = self._view.camera.size
        if reference.depth_m.shape != size:
            raise RecordingError(
                f'Expected depth of {size}, the reference view, in {self._recording.path}, '
                f'got {reference.depth_m.shape}.'
            )
        self._references[reference.stamp_us] = reference.depth_m
        while len(self._references) > MAX_REFERENCES:
            del self._references[next(iter(self._references))]

    def estimate(self, stamp_us: int) -> bool:
        """Make the sample of a stamp, if it is one of those wanted."""
        depth_m = self._references.pop(stamp_us, None)
        is_wanted = self._num_seen % self._rules.every == 0
        self._num_seen += 1
        if depth_m is None or not is_wanted:
            return False
        captured = self._pipeline.capture(stamp_us)
        if not self._is_usable(captured):
            return False
        image, sparse_m = self._fresh_image(stamp_us), self._fresh_points(stamp_us)
        has_others = image is not None or sparse_m is not None
        window = None if captured.is_silent and has_others else captured.window
        camera = self._view.camera
        sample = SequenceSample(
            stamp_us=stamp_us,
            depth_m=self._target(depth_m),
            focal_px=math.sqrt(camera.fx * camera.fy),
            voxel=None if window is None else window.voxel,
            image=image,
            sparse_m=sparse_m,
        )
        self._ready.append(sample)
        return True

    def _is_usable(self, captured: Captured) -> bool:
        """Return whether the window of events is whole, where events are used."""
        if 'events' not in self._plan.used:
            return True
        if captured.window is None:
            self.drops['before_events'] += 1
            return False
        if 'window_not_full' in captured.window.incomplete:
            self.drops['window_not_full'] += 1
            return False
        return True

    def _playback(self) -> Playback:
        plan = self._plan
        feed = None
        if 'events' in plan.used:
            observer = EventObserver(keep_us=2 * plan.window_us)
            feed = EventFeed(self._pipeline, observer, StageClock(), is_mapped=plan.is_mapped)
        return Playback(
            feed,
            self,
            plan.triggers(),
            entering=plan.waiting_kinds,
            extent=Extent(),
            is_live_order=plan.is_live_order,
        )

    def _taken(self) -> list[SequenceSample]:
        ready, self._ready = self._ready, []
        return ready

    def _target(self, depth_m: Float32) -> Float32:
        known = within(depth_m, self._plan.limits_m)
        nothing = np.float32(np.nan)
        return np.where(known <= self._rules.max_depth_m, known, nothing).astype(np.float32)

    def _rectified(self, sample: ImageSample) -> UInt8:
        depth_m = self._warping_depth(sample.stamp_us) if self._images.needs_depth else None
        image = self._images.rectified(sample.image, depth_m)
        return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)

    def _warping_depth(self, stamp_us: int) -> Float32 | None:
        """Return the depth that the pipeline would warp an image with."""
        sparse_m = self._fresh_points(stamp_us)
        if sparse_m is None:
            return None
        grids = grids_for(self._plan.bundle, self._view.camera)
        points = encoded_points(self._pipeline.engine, grids, sparse_m, stamp_us)
        return None if points is None else dense_depth(points, grids)

    def _fresh_image(self, stamp_us: int) -> UInt8 | None:
        image = self._image
        if image is None or not 0 <= stamp_us - image.stamp_us <= self._options.max_image_age_us:
            return None
        return image.image

    def _fresh_points(self, stamp_us: int) -> Float32 | None:
        if self._points is None:
            return None
        sparse_m, taken_us = self._points
        if not 0 <= stamp_us - taken_us <= self._options.max_points_age_us:
            return None
        return sparse_m if np.isfinite(sparse_m).any() else None
