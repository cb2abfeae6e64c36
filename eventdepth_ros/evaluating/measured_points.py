"""
Measured points in the view of the predicted depth, for the trivial fills.

Law: points are used for a frame only if they are not newer and at most `MAX_AGE_US` older, and
only where camera and extrinsics are known.

"""

from collections import deque
from typing import Final

from eventdepth_core.geometry import project_points, transform_points
from eventdepth_core.recordings.poses import StaticTransforms
from eventdepth_core.types import Camera, Float32, PointsSample

CAPACITY: Final = 32
MAX_AGE_US: Final = 150_000


class MeasuredPoints:
    """Keeps the newest points and projects those that belong to a frame."""

    def __init__(self) -> None:
        self.camera: Camera | None = None
        self.camera_frame = ''
        self.transforms: StaticTransforms | None = None
        self._samples: deque[PointsSample] = deque(maxlen=CAPACITY)

    def add(self, sample: PointsSample) -> None:
        """Take in points."""
        self._samples.append(sample)

    def sparse_depth(self, stamp_us: int, size: tuple[int, ...]) -> Float32 | None:
        """Return float32 (H, W) metres, NaN = not measured; None where nothing is known."""
        sample = self._newest_before(stamp_us)
        if sample is None or self.camera is None or self.camera.size != size:
            return None
        if self.transforms is None:
            return None
        camera_from_points = self.transforms.transform(self.camera_frame, sample.frame_id)
        if camera_from_points is None:
            return None
        return project_points(transform_points(camera_from_points, sample.points_m), self.camera)

    def _newest_before(self, stamp_us: int) -> PointsSample | None:
        fits = [each for each in self._samples if 0 <= stamp_us - each.stamp_us <= MAX_AGE_US]
        return max(fits, key=lambda each: each.stamp_us, default=None)
