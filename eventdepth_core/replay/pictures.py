"""
The pictures of a frame: what went in, in the rectified reference view.

Events are drawn over the image where one entered, measured points over both. Laws: a modality
that did not enter the frame is not drawn; pictures never change an estimate; at most four times
the wanted number of frames is kept, thinned to `MAX_SIDE_PX`.

"""

from eventdepth_core.errors import EventDepthError
from eventdepth_core.events import event_image
from eventdepth_core.geometry import rectification_lookup
from eventdepth_core.pipeline.views import ImageView, ReferenceView, sparse_depth
from eventdepth_core.rendering import (
    event_overlay,
    grey_background,
    points_overlay,
    robust_scale,
    thickened,
)
from eventdepth_core.replay.thinning import Thinned
from eventdepth_core.report import FramePicture
from eventdepth_core.types import DepthFrame, Events, Float32, ImageSample, PointsSample, UInt8
import numpy as np

MAX_SIDE_PX = 640
LARGE_WIDTH_PX = 480
SPARSE_SHARE = 0.2
WHITE = 255


class InputPainter:
    """Draws what entered a frame in the view of its camera."""

    def __init__(
        self, view: ReferenceView, images: ImageView, limits_m: tuple[float, float]
    ) -> None:
        self.view = view
        self._images = images
        self._limits_m = limits_m
        self._cells = None
        if view.event_camera is not None:
            self._cells = rectification_lookup(view.event_camera, view.rectification)
        self.image: ImageSample | None = None
        self.points: PointsSample | Float32 | None = None

    def events(self, events: Events) -> Events:
        """Return events EVENT_DTYPE[n] of the sensor at their places in the reference view."""
        if self._cells is None or self.view.event_camera is None:
            return events[:0]
        cells = self._cells[
            events['y'].astype(np.int64) * self.view.event_camera.width + events['x']
        ]
        placed: Events = events[cells >= 0].copy()
        rows, columns = np.divmod(cells[cells >= 0], self.view.camera.width)
        placed['y'], placed['x'] = rows, columns
        return placed

    def event_picture(self, events: Events) -> UInt8:
        """Return the polarity picture (H, W, 3) of events in the reference view."""
        return event_image(events, self.view.camera.size)

    def inputs(self, frame: DepthFrame, events: Events) -> UInt8:
        """Return the picture (H, W, 3) of everything that entered the frame."""
        picture = self._background(frame)
        if 'events' in frame.modalities:
            dot_px = 1 + frame.camera.width // LARGE_WIDTH_PX
            picture = event_overlay(events, picture, dot_px=dot_px)
        sparse_m = self._sparse(frame)
        if sparse_m is None:
            return picture
        return points_overlay(picture, sparse_m, robust_scale([frame.depth_m, sparse_m]))

    def _background(self, frame: DepthFrame) -> UInt8:
        blank = np.full((*frame.camera.size, 3), WHITE, np.uint8)
        if 'image' not in frame.modalities or self.image is None:
            return blank
        try:
            return grey_background(self._images.rectified(self.image.image))
        except EventDepthError:
            # an image from far beside can be placed only with a depth map: leave it out
            return blank

    def _sparse(self, frame: DepthFrame) -> Float32 | None:
        if 'points' not in frame.modalities or self.points is None:
            return None
        if isinstance(self.points, PointsSample):
            return sparse_depth(self.view, self.points.points_m, self._limits_m)
        return self.points


class Album:
    """
    Keeps an even choice of frames with their pictures.

    Frames with a reference and frames without are chosen apart; the former are shown if any.

    """

    def __init__(self, num_pictures: int) -> None:
        self._frames: Thinned[FramePicture] = Thinned(num_pictures)
        self._compared: Thinned[FramePicture] = Thinned(num_pictures)

    def wants(self, target_m: Float32 | None) -> bool:
        """Return whether the next frame, with this reference or None, will be kept."""
        return self._chapter(target_m).wants_next()

    def skip(self, target_m: Float32 | None) -> None:
        """Let a frame pass that is not wanted."""
        self._chapter(target_m).skip()

    def add(
        self, frame: DepthFrame, inputs: UInt8, target_m: Float32 | None, *, elapsed_s: float
    ) -> None:
        """Keep a frame, thinned to every k-th pixel where it is large."""
        step = -(-max(frame.depth_m.shape) // MAX_SIDE_PX)
        thin = np.s_[::step, ::step]
        hidden = np.where(frame.valid, np.float32(0), np.float32(np.nan))
        self._chapter(target_m).append(
            FramePicture(
                stamp_us=frame.stamp_us,
                elapsed_s=elapsed_s,
                inputs=inputs[thin].copy(),
                depth_m=(frame.depth_m + hidden)[thin].copy(),
                std_m=(frame.std_m + hidden)[thin].copy(),
                target_m=None if target_m is None else _shown(target_m)[thin].copy(),
                modalities=frame.modalities,
                scale=frame.scale,
                incomplete=frame.incomplete,
            )
        )

    def chosen(self) -> tuple[FramePicture, ...]:
        """Return the wanted number of frames, evenly spaced."""
        return self._compared.chosen() or self._frames.chosen()

    def _chapter(self, target_m: Float32 | None) -> Thinned[FramePicture]:
        return self._frames if target_m is None else self._compared


def _shown(target_m: Float32) -> Float32:
    """Return a reference as it is, a sparse one with thicker points."""
    is_sparse = np.isfinite(target_m).mean() < SPARSE_SHARE
    return thickened(target_m) if is_sparse else target_m
