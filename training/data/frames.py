"""
Recordings -> frames for training, through the accumulator and the views of the run time.

A frame is one moment of ground truth: the window of events that ends there, the newest image and
points at or before it, all in the rectified reference view. Laws: `events` are bit for bit what
`DepthPipeline` feeds its engine at that stamp; a frame whose window reaches before the recording
is left out, as is a missing modality (None), never replaced by zeros.

"""

from collections.abc import Iterator
from dataclasses import dataclass

from eventdepth_core.events import BilinearSplat, VoxelAccumulator, VoxelSpec
from eventdepth_core.geometry import rectification_lookup
from eventdepth_core.pipeline.options import PipelineOptions
from eventdepth_core.pipeline.views import (
    ImageView,
    sparse_depth,
    view_of_events,
    view_of_image,
)
from eventdepth_core.recordings import Recording
from eventdepth_core.types import (
    Camera,
    DepthSample,
    Events,
    EventSlice,
    Float32,
    ImageSample,
    PointsSample,
    Rig,
    Sample,
    UInt8,
)

POINT_LIMITS_M = (0.1, 200.0)
START_TOLERANCE_US = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """
    One moment in the rectified reference view (H, W) of `camera`.

    `events` float32 (T, H, W) polarity mass, not normalised; `image` uint8 (H, W[, 3]);
    `points_m` float32 (H, W) metres, NaN = not measured; `depth_m` float32 (H, W), NaN = none.

    """

    depth_m: Float32
    stamp_us: int
    camera: Camera
    events: Float32 | None = None
    image: UInt8 | None = None
    points_m: Float32 | None = None


class FrameMaker:
    """
    Follows the samples of one rig; `frame` says what had come until a stamp.

    `positions` float32 (h, w, 2) says where the pixels of the event camera lie in the view, from
    DSEC's rectify_map for instance: events are then shared bilinearly among the pixels around,
    where the run time rounds to the nearest. Raises InputError for a rig that the pipeline would
    refuse as well.

    """

    def __init__(
        self, rig: Rig, spec: VoxelSpec | None, *, positions: Float32 | None = None
    ) -> None:
        self._view = view_of_image(rig) if rig.event is None else view_of_events(rig)
        self._images = ImageView(self._view, PipelineOptions())
        self._accumulator: VoxelAccumulator | None = None
        if rig.event is not None and spec is not None:
            self._accumulator = VoxelAccumulator(
                spec,
                width=rig.event.width,
                height=rig.event.height,
                lookup=(
                    rectification_lookup(rig.event, rig.rectification)
                    if positions is None
                    else None
                ),
                output_size=self._view.camera.size if positions is None else None,
            )
        self._splat: BilinearSplat | None = None
        if positions is not None:
            self._splat = BilinearSplat(positions, self._view.camera.size)
        self._window_us = 0 if spec is None else spec.window_us
        self.reset()

    @property
    def camera(self) -> Camera:
        """The rectified reference camera."""
        return self._view.camera

    def reset(self) -> None:
        """Forget everything, as at the start of a recording."""
        if self._accumulator is not None:
            self._accumulator.reset()
        self._start_us: int | None = None
        self._image: ImageSample | None = None
        self._points: PointsSample | None = None

    def begin(self, start_us: int) -> None:
        """Say that everything from a time on will be pushed, be there events or not."""
        self._start_us = start_us

    def push(self, sample: Sample) -> None:
        """Take in events, an image or points."""
        if isinstance(sample, EventSlice):
            self.push_events(sample.events)
        elif isinstance(sample, ImageSample):
            self._image = sample
        elif isinstance(sample, PointsSample):
            self._points = sample

    def push_events(self, events: Events) -> None:
        """Take in events EVENT_DTYPE[n], ascending, µs."""
        if len(events) == 0 or self._accumulator is None:
            return
        if self._start_us is None:
            self._start_us = int(events['t'][0])
        self._accumulator.push_events(events)

    def tensor(self, stamp_us: int) -> Float32 | None:
        """Return the events of the window that ends at a stamp; None where it is not full."""
        if self._accumulator is None or self._start_us is None:
            return None
        if stamp_us - self._window_us < self._start_us - START_TOLERANCE_US:
            return None
        tensor: Float32 = self._accumulator.tensor(stamp_us)
        return tensor if self._splat is None else self._splat(tensor)

    def frame(self, depth: DepthSample) -> Frame:
        """Return the frame at the stamp of a ground truth depth."""
        points_m, image = None, None
        if self._points is not None:
            points_m = sparse_depth(self._view, self._points.points_m, POINT_LIMITS_M)
        if self._image is not None and not (self._images.needs_depth and points_m is None):
            image = self._images.rectified(self._image.image, points_m)
        return Frame(
            depth_m=depth.depth_m,
            stamp_us=depth.stamp_us,
            camera=self.camera,
            events=self.tensor(depth.stamp_us),
            image=image,
            points_m=points_m,
        )


def frames_of(recording: Recording, spec: VoxelSpec | None) -> Iterator[Frame]:
    """
    Yield a frame for each depth of a recording, read once from its beginning.

    With `spec` and a stream of events, frames whose window is not full are left out. Depth of
    another size than the reference view is left out as well.

    """
    if recording.rig is None:
        return
    maker = FrameMaker(recording.rig, spec)
    needs_events = spec is not None and 'events' in recording.streams
    for sample in recording.samples():
        if not isinstance(sample, DepthSample):
            maker.push(sample)
            continue
        if sample.depth_m.shape != maker.camera.size:
            continue
        frame = maker.frame(sample)
        if frame.events is not None or not needs_events:
            yield frame
