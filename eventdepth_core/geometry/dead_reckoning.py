"""
Poses out of velocities: what a wheel encoder and a gyroscope say, integrated on SE(3).

Between its samples a velocity changes linearly; a step of time is the exponential of the mean
twist over it, exact to second order. Both signals have to be known: the pose follows the one that
comes later. Laws: stamps of poses increase; constant velocities give the exact screw, however they
were sampled; after a gap, or time that went far back, nothing is known of where the body went
meanwhile, and a new world begins far from the one before, so that nobody takes the step for
motion.

"""

from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

from eventdepth_core.geometry.rigid_motion import transforms_from_twists
from eventdepth_core.types import Float64
import numpy as np

MAX_SAMPLES = 500
"""Of one signal that wait for the other; the oldest beyond are left out."""
MIN_STEP_US = 2_000
"""Poses are given no closer than this; samples between them count all the same."""
NEW_WORLD_M = 1e5
"""How far apart worlds lie: no speed explains it."""
RESET_US = 1_000_000
US_PER_S = 1e6

_Sample: TypeAlias = tuple[int, Float64]


@dataclass(frozen=True, slots=True, eq=False)
class ReckonedPose:
    """`world_from_body` float64 (4, 4) at `stamp_us`, in a world that begins anywhere."""

    world_from_body: Float64
    stamp_us: int


class DeadReckoning:
    """
    Integrates the linear and the angular velocity of a body, in its own frame; one thread.

    Parameters
    ----------
    max_gap_us : int
        Nothing is known between samples of a signal that are further apart.

    """

    def __init__(self, *, max_gap_us: int = 200_000) -> None:
        self._max_gap_us = max_gap_us
        self._num_worlds = 0
        self.num_late = 0
        """Samples that did not lie after the one before of their signal."""
        self._linear = _Signal()
        self._angular = _Signal()
        self._pose = np.eye(4)
        self._at_us: int | None = None
        self._given_us: int | None = None
        self._begin_world(None)

    def add_linear(self, velocity_m_s: Float64, stamp_us: int) -> tuple[ReckonedPose, ...]:
        """Take a linear velocity (3,) in; return the poses that are known by now."""
        return self._added(self._linear, velocity_m_s, stamp_us)

    def add_angular(self, velocity_rad_s: Float64, stamp_us: int) -> tuple[ReckonedPose, ...]:
        """Take an angular velocity (3,) in; return the poses that are known by now."""
        return self._added(self._angular, velocity_rad_s, stamp_us)

    def clear(self) -> None:
        """Forget all velocities; what comes next begins another world."""
        self._linear.clear()
        self._angular.clear()
        self._begin_world(None)

    def _added(
        self, signal: '_Signal', velocity: Float64, stamp_us: int
    ) -> tuple[ReckonedPose, ...]:
        newest_us = signal.newest_us
        if newest_us is not None and stamp_us <= newest_us:
            if stamp_us >= newest_us - RESET_US:
                self.num_late += 1
                return ()
            self.clear()
        signal.add(velocity, stamp_us)
        return tuple(self._advance())

    def _advance(self) -> list[ReckonedPose]:
        linear, angular = self._linear, self._angular
        if linear.newest_us is None or angular.newest_us is None:
            return []
        horizon_us = min(linear.newest_us, angular.newest_us)
        if self._at_us is None:
            start_us = max(linear.oldest_us, angular.oldest_us)
            if start_us > horizon_us:
                return []
            self._at_us = start_us
        found = [] if self._given_us is not None else [self._given(self._at_us)]
        stamps_us = {*linear.stamps_after(self._at_us), *angular.stamps_after(self._at_us)}
        for stamp_us in sorted(each for each in stamps_us if each <= horizon_us):
            self._step(stamp_us)
            if self._given_us is None or stamp_us - self._given_us >= MIN_STEP_US:
                found.append(self._given(stamp_us))
        linear.forget_before(self._at_us)
        angular.forget_before(self._at_us)
        return found

    def _step(self, stamp_us: int) -> None:
        """Move on to a stamp up to which both signals are known."""
        at_us = stamp_us if self._at_us is None else self._at_us
        signals = self._linear, self._angular
        if any(signal.gap_us(stamp_us) > self._max_gap_us for signal in signals):
            self._begin_world(stamp_us)
            return
        mean = [0.5 * (signal.at(at_us) + signal.at(stamp_us)) for signal in signals]
        twist = np.concatenate(mean) * ((stamp_us - at_us) / US_PER_S)
        self._pose = self._pose @ transforms_from_twists(twist[None])[0]
        self._at_us = stamp_us

    def _given(self, stamp_us: int) -> ReckonedPose:
        self._given_us = stamp_us
        return ReckonedPose(self._pose.copy(), stamp_us)

    def _begin_world(self, at_us: int | None) -> None:
        self._pose = np.eye(4)
        self._pose[0, 3] = NEW_WORLD_M * self._num_worlds
        self._num_worlds += 1
        self._at_us = at_us
        self._given_us = None


class _Signal:
    """Samples of a vector over time, ascending; linear in between."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=MAX_SAMPLES)

    @property
    def newest_us(self) -> int | None:
        return self._samples[-1][0] if self._samples else None

    @property
    def oldest_us(self) -> int:
        return self._samples[0][0]

    def add(self, value: Float64, stamp_us: int) -> None:
        self._samples.append((stamp_us, np.asarray(value, np.float64)))

    def clear(self) -> None:
        self._samples.clear()

    def stamps_after(self, at_us: int) -> list[int]:
        return [stamp_us for stamp_us, _ in self._samples if stamp_us > at_us]

    def forget_before(self, at_us: int) -> None:
        """Forget what is not needed from `at_us` on."""
        while len(self._samples) > 1 and self._samples[1][0] <= at_us:
            self._samples.popleft()

    def gap_us(self, stamp_us: int) -> int:
        """Return how far apart the samples before and at or after a time lie."""
        before, after = self._around(stamp_us)
        return after[0] - before[0]

    def at(self, stamp_us: int) -> Float64:
        """Return the value at a time between the oldest and the newest sample."""
        before, after = self._around(stamp_us)
        if after[0] == before[0]:
            return after[1]
        share = (stamp_us - before[0]) / (after[0] - before[0])
        return np.asarray(before[1] + share * (after[1] - before[1]))

    def _around(self, stamp_us: int) -> tuple[_Sample, _Sample]:
        """Return the last sample before a time and the first at or after it."""
        before = after = self._samples[0]
        for sample in self._samples:
            before, after = after, sample
            if sample[0] >= stamp_us:
                break
        return before, after
