"""
Frames against the reference depth of a recording, where it has one.

A frame and a reference belong together when their stamps differ by at most `TOLERANCE_US`; both
may come first. Laws: each frame is compared at most once; a reference of another size is counted
and never resized; memory is bounded by `MAX_WAITING` of each.

"""

from collections import Counter, deque

from eventdepth_core.evaluation import RunningEvaluation
from eventdepth_core.evaluation.protocol import images_of
from eventdepth_core.report import SubsetMetrics
from eventdepth_core.types import DepthFrame, DepthSample, Float32

TOLERANCE_US = 1_000
MAX_WAITING = 12
NO_MODALITY = 'none'


class ReferenceMatcher:
    """Pairs frames with reference depths by stamp and gathers metrics by subset of inputs."""

    def __init__(self, profile: str = 'plain') -> None:
        self._profile = profile
        self._frames: deque[DepthFrame] = deque(maxlen=MAX_WAITING)
        self._references: deque[DepthSample] = deque(maxlen=MAX_WAITING)
        self._evaluations: dict[str, RunningEvaluation] = {}
        self.drops: Counter[str] = Counter()

    def add_reference(self, reference: DepthSample) -> None:
        """Take in a reference; compares it with a frame that waited for it."""
        for frame in self._frames:
            if _belong(frame, reference):
                self._frames.remove(frame)
                self._compare(frame, reference.depth_m)
                return
        self._references.append(reference)

    def add_frame(self, frame: DepthFrame) -> Float32 | None:
        """Take in a frame; returns the reference depth (H, W), metres, if it is known by now."""
        for reference in self._references:
            if _belong(frame, reference):
                return self._compare(frame, reference.depth_m)
        self._frames.append(frame)
        return None

    def metrics(self) -> tuple[SubsetMetrics, ...]:
        """Return the metrics of the compared frames of each subset, as the profile averages."""
        return tuple(
            SubsetMetrics(subset, each.tally.num_images_used, each.metrics())
            for subset, each in sorted(self._evaluations.items())
            if each.tally.num_images_used
        )

    def _compare(self, frame: DepthFrame, target_m: Float32) -> Float32 | None:
        if target_m.shape != frame.depth_m.shape:
            self.drops['reference_size'] += 1
            return None
        evaluation = self._evaluations.setdefault(
            subset_name(frame), RunningEvaluation(self._profile)
        )
        for maps in images_of(frame.depth_m, target_m, frame.std_m, frame.valid):
            evaluation.add(evaluation.judge(maps))
        return target_m


def subset_name(frame: DepthFrame) -> str:
    """Return the modalities of a frame as one word, e.g. `events+image`."""
    return '+'.join(frame.modalities) or NO_MODALITY


def _belong(frame: DepthFrame, reference: DepthSample) -> bool:
    return abs(frame.stamp_us - reference.stamp_us) <= TOLERANCE_US
