"""
Images, points and poses that wait for the estimate they belong to.

Before an estimate at t the newest image and the newest points stamped t or earlier are handed
over, and every pose; older images and points would be overwritten unseen, so they are counted
as superseded instead of being encoded, and those after the last estimate as unused. Laws: at most
`CAPACITY` of a kind wait, the oldest gives way and is counted; poses whose stamps go far back
begin anew, so that none from before a loop holds them up.

"""

from collections import Counter, deque
from collections.abc import Iterator
from typing import TypeAlias, TypeVar

from eventdepth_core.types import ImageSample, PointsSample, PoseSample

Waiting: TypeAlias = ImageSample | PointsSample | PoseSample
Stamped = TypeVar('Stamped', ImageSample, PointsSample)

CAPACITY = 32
POSE_CAPACITY = 10_000
POSE_LOOP_US = 500_000


class WaitingRoom:
    """Holds samples by stamp until `released` asks for them; `drops` counts the others."""

    def __init__(self) -> None:
        self._images: deque[ImageSample] = deque()
        self._points: deque[PointsSample] = deque()
        self._poses: deque[PoseSample] = deque(maxlen=POSE_CAPACITY)
        self.drops: Counter[str] = Counter()

    @property
    def is_full(self) -> bool:
        """Whether the next image or points would push an older one out."""
        return max(len(self._images), len(self._points)) >= CAPACITY

    def add(self, sample: Waiting) -> None:
        """Let a sample wait; one kind comes in the order of its stamps."""
        if isinstance(sample, PoseSample):
            if self._poses and sample.stamp_us < self._poses[-1].stamp_us - POSE_LOOP_US:
                self._poses.clear()
            self._poses.append(sample)
        elif isinstance(sample, ImageSample):
            self._let_wait(self._images, sample)
        else:
            self._let_wait(self._points, sample)

    def released(self, stamp_us: int, poses_until_us: int | None = None) -> Iterator[Waiting]:
        """
        Yield and forget what an estimate at `stamp_us` needs, poses first.

        Those are given up to `poses_until_us`, up to the stamp without it.

        """
        until_us = stamp_us if poses_until_us is None else poses_until_us
        while self._poses and self._poses[0].stamp_us <= until_us:
            yield self._poses.popleft()
        image = self._newest(self._images, stamp_us)
        if image is not None:
            yield image
        points = self._newest(self._points, stamp_us)
        if points is not None:
            yield points

    def forget(self) -> None:
        """Count everything that still waits as unused; poses are just forgotten."""
        self.drops.update(unused_image=len(self._images), unused_points=len(self._points))
        self.drops = +self.drops  # without zeros
        self._images.clear()
        self._points.clear()
        self._poses.clear()

    def _let_wait(self, queue: deque[Stamped], sample: Stamped) -> None:
        if len(queue) >= CAPACITY:
            self._supersede(queue.popleft())
        queue.append(sample)

    def _newest(self, queue: deque[Stamped], stamp_us: int) -> Stamped | None:
        newest: Stamped | None = None
        while queue and queue[0].stamp_us <= stamp_us:
            if newest is not None:
                self._supersede(newest)
            newest = queue.popleft()
        return newest

    def _supersede(self, sample: ImageSample | PointsSample) -> None:
        kind = 'image' if isinstance(sample, ImageSample) else 'points'
        self.drops[f'superseded_{kind}'] += 1
