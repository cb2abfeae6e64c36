"""Counts of what a replay has read, by kind of sample."""

from dataclasses import dataclass

from eventdepth_core.types import DepthSample, ImageSample, PointsSample, PoseSample, Sample


@dataclass(slots=True)
class ReadTally:
    """Samples other than events that came from the recording, used or not."""

    num_samples: int = 0
    num_images: int = 0
    num_points: int = 0
    num_poses: int = 0
    num_references: int = 0
    num_triggers_fired: int = 0

    def add(self, sample: Sample) -> None:
        """Count one sample."""
        self.num_samples += 1
        self.num_images += isinstance(sample, ImageSample)
        self.num_points += isinstance(sample, PointsSample)
        self.num_poses += isinstance(sample, PoseSample)
        self.num_references += isinstance(sample, DepthSample)
