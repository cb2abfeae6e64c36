"""
A recording with events and images, simulated again from its own images and compared.

The camera's parameters are fitted on one stretch of time and judged on another: thresholds so that
the rates of both polarities agree, the others (time between the clocks of images and events, light
added before the logarithm, bandwidth, refractory time, shot noise) one after the other by a score.

Law: nothing of the stretch that judges enters the fit.

"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eventdepth_core.types import Events, Float32
import numpy as np
from training.simulate.between import CrossFade, Sampling, sub_frames, SubFrame
from training.simulate.between_flow import FlowInterval
from training.simulate.event_statistics import (
    correlation,
    event_statistics,
    EventStatistics,
    gap_distance,
    signed_counts,
)
from training.simulate.sensor_model import SensorModel
from training.simulate.sequence import ImageSequence
from training.simulate.sequence_camera import SequenceCamera

BIN_US = 8000
BLUR_PX = 1.0
_THRESHOLD_ROUNDS = 3
_MIN_FITTED, _MAX_FITTED = 0.05, 3.0
_CANDIDATES: tuple[tuple[str, tuple[float, ...]], ...] = (
    ('delay_us', (0, 1000, 2000, 3000, 4000, 5000, 6000)),
    ('dark', (0.005, 0.01, 0.02, 0.05, 0.1)),
    ('cutoff_hz', (0.0, 3000.0, 1000.0, 300.0, 100.0)),
    ('refractory_us', (0, 300, 1000, 3000)),
    ('shot_hz', (0.0, 0.5, 1.5, 4.0)),
    ('mismatch', (0.05, 0.1, 0.2, 0.3)),
    ('delay_us', (0, 1000, 2000, 3000, 4000, 5000, 6000)),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time [start, end), µs."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A camera, and how much later its clock runs than that of the images."""

    model: SensorModel
    delay_us: int = 0

    def changed(self, name: str, number: float) -> 'Fit':
        """Return the fit with one parameter of another value."""
        if name == 'delay_us':
            return replace(self, delay_us=int(number))
        kind = type(getattr(self.model, name))
        return replace(self, model=replace(self.model, **{name: kind(number)}))


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Simulated beside real events of one stretch; correlations of signed counts in 8 ms bins."""

    real: EventStatistics
    simulated: EventStatistics
    sharp_correlation: float
    blurred_correlation: float

    @property
    def rate_ratio(self) -> float:
        """Simulated rate / real rate."""
        return self.simulated.rate_hz / self.real.rate_hz

    @property
    def score(self) -> float:
        """What a fit maximises: correlations less distances of gaps and of lonely events."""
        alone = np.log((self.simulated.alone_hz + 1e-3) / (self.real.alone_hz + 1e-3))
        distance = gap_distance(self.real, self.simulated)
        score = self.sharp_correlation + self.blurred_correlation - distance - 0.2 * abs(alone)
        return float(score) if np.isfinite(score) else -np.inf


class Resimulation:
    """A sequence of images, the real events of the same time, and the light in between."""

    def __init__(
        self, sequence: ImageSequence, events: Events, *, gamma: float, way: str = 'flow'
    ) -> None:
        self._events = events
        self._film = tuple(_film(sequence, gamma, way))
        self.size = self._film[0].light.shape

    def simulate(self, fit: Fit, *, seed: int = 0) -> Events:
        """Return the events of the whole sequence in the events' clock."""
        height, width = self.size
        camera = SequenceCamera(fit.model, width=width, height=height, seed=seed)
        seen = [camera.advance(light, stamp + fit.delay_us) for stamp, light in self._film]
        return np.concatenate(seen)

    def judge(self, simulated: Events, stretch: Stretch) -> Judgement:
        """Compare events with the real ones in a stretch."""
        edges_us = np.arange(stretch.start_us, stretch.end_us + 1, BIN_US)
        grids: list[Float32] = []
        numbers: list[EventStatistics] = []
        for events in (self._events, simulated):
            grids.append(signed_counts(events, self.size, edges_us))
            numbers.append(
                event_statistics(
                    events, self.size, start_us=stretch.start_us, end_us=stretch.end_us
                )
            )
        return Judgement(
            real=numbers[0],
            simulated=numbers[1],
            sharp_correlation=correlation(grids[0], grids[1]),
            blurred_correlation=correlation(grids[0], grids[1], sigma_px=BLUR_PX),
        )

    def fitted(self, start: Fit, stretch: Stretch) -> Fit:
        """Return the best camera for a stretch: one pass over the candidates of each parameter."""
        best = self.with_rates(start, stretch)
        best_score = self._score(best, stretch)
        for name, numbers in _CANDIDATES:
            for number in numbers:
                trial = self.with_rates(best.changed(name, number), stretch)
                score = self._score(trial, stretch)
                if score > best_score:
                    best, best_score = trial, score
        return best

    def with_rates(self, fit: Fit, stretch: Stretch) -> Fit:
        """Return the fit with thresholds that give the real numbers of ON and OFF events."""
        for _ in range(_THRESHOLD_ROUNDS):
            judged = self.judge(self.simulate(fit), stretch)
            ratios = _polarity_ratios(judged)
            fit = replace(
                fit,
                model=replace(
                    fit.model,
                    on_threshold=_moved(fit.model.on_threshold, ratios[0]),
                    off_threshold=_moved(fit.model.off_threshold, ratios[1]),
                ),
            )
        return fit

    def _score(self, fit: Fit, stretch: Stretch) -> float:
        return self.judge(self.simulate(fit), stretch).score


def _film(sequence: ImageSequence, gamma: float, way: str) -> Iterator[SubFrame]:
    first = sequence.view(0, gamma=gamma)
    yield SubFrame(first.stamp_us, first.light)
    sampling = Sampling(max_motion_px=0.25, max_step_us=2000)
    for index in range(1, len(sequence)):
        second = sequence.view(index, gamma=gamma)
        interval = (FlowInterval if way == 'flow' else CrossFade)(first, second)
        yield from sub_frames(interval, first.stamp_us, second.stamp_us, sampling)
        first = second


def _polarity_ratios(judged: Judgement) -> tuple[float, float]:
    real, simulated = judged.real, judged.simulated
    on = simulated.rate_hz * simulated.on_share / (real.rate_hz * real.on_share)
    off = simulated.rate_hz * (1 - simulated.on_share) / (real.rate_hz * (1 - real.on_share))
    return on, off


def _moved(threshold: float, ratio: float) -> float:
    step = ratio**0.8 if np.isfinite(ratio) and ratio > 0 else 0.5
    return float(np.clip(threshold * step, _MIN_FITTED, _MAX_FITTED))
