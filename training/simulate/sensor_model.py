"""
What an event camera is like: thresholds, photoreceptor, leak, noise; named cameras; a draw.

Laws: a drawn sensor is a function of model, size and generator; parameters that are 0 switch off
what they are of and draw no random number.

"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from eventdepth_core.errors import InputError
import numpy as np
from training.simulate.pixel import Sensor
from training.simulate.solids import log_uniform

MIN_THRESHOLD = 0.03
Response: TypeAlias = Literal['log', 'linear']
RESPONSES: tuple[Response, ...] = ('log', 'linear')


@dataclass(frozen=True, slots=True)
class SensorModel:
    """
    What one event camera is like.

    Thresholds in log intensity (in light, full scale 1, with response 'linear'), `mismatch` their
    relative spread over pixels, `dark` the light that is added before the logarithm. Noise in
    events per second and pixel: `noise_hz` whatever the light, `shot_hz` in darkness, falling to
    `shot_bright` times that in full light; `leak_hz` ON events of a pixel that sees nothing move,
    `leak_spread` their relative spread over pixels. `cutoff_hz` of the photoreceptor where light
    + dark = 1, 0 = no limit.

    """

    on_threshold: float = 0.2
    off_threshold: float = 0.2
    mismatch: float = 0.03
    dark: float = 0.02
    noise_hz: float = 0.1
    num_hot_pixels: int = 0
    hot_hz: float = 200.0
    refractory_us: int = 0
    cutoff_hz: float = 0.0
    leak_hz: float = 0.0
    leak_spread: float = 0.3
    shot_hz: float = 0.0
    shot_bright: float = 0.25
    response: Response = 'log'

    def __post_init__(self) -> None:
        if self.response not in RESPONSES:
            raise InputError(
                f'Expected a response out of {", ".join(RESPONSES)}, got {self.response!r}.'
            )
        if min(self.on_threshold, self.off_threshold) <= 0:
            raise InputError(
                'Expected thresholds > 0, got '
                f'on_threshold {self.on_threshold} and off_threshold {self.off_threshold}.'
            )
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise InputError(f'Expected {name} >= 0, got {getattr(self, name)}.')


_NOT_NEGATIVE = (
    'mismatch',
    'dark',
    'noise_hz',
    'num_hot_pixels',
    'hot_hz',
    'refractory_us',
    'cutoff_hz',
    'leak_hz',
    'leak_spread',
    'shot_hz',
    'shot_bright',
)


def random_sensor_model(rng: np.random.Generator) -> SensorModel:
    """Draw a camera: threshold log-U(.1, .45), 15 % ON/OFF asymmetry, 2-12 % mismatch."""
    threshold, asymmetry = log_uniform(rng, 0.1, 0.45), np.exp(0.15 * rng.normal())
    return SensorModel(
        on_threshold=float(threshold * asymmetry),
        off_threshold=float(threshold / asymmetry),
        mismatch=float(rng.uniform(0.02, 0.12)),
        dark=0.02 / log_uniform(rng, 0.3, 1.3),
        noise_hz=float(rng.choice([0.0, 0.2, 1.0, 4.0])),
        num_hot_pixels=int(rng.integers(1, 12)) if rng.random() < 0.3 else 0,
        hot_hz=log_uniform(rng, 100.0, 1200.0),
    )


def drawn_sensor(model: SensorModel, count: int, rng: np.random.Generator) -> Sensor:
    """Draw the pixels of a camera without steady noise and hot pixels."""
    spread = 1.0 + model.mismatch * rng.standard_normal((2, count))
    return Sensor(
        on_threshold=np.maximum(model.on_threshold * spread[0], _floor(model.on_threshold)),
        off_threshold=np.maximum(model.off_threshold * spread[1], _floor(model.off_threshold)),
        leak_per_us=np.zeros(count),
        steady_per_us=np.zeros(count),
        hot_sign=np.zeros(count, dtype=np.int8),
        dark=model.dark,
        cutoff_hz=model.cutoff_hz,
        shot_per_us=1e-6 * model.shot_hz,
        shot_bright=model.shot_bright,
        refractory_us=model.refractory_us,
        is_linear=model.response == 'linear',
        is_noisy=model.shot_hz > 0,
    )


def with_leak(sensor: Sensor, model: SensorModel, rng: np.random.Generator) -> Sensor:
    """Return the sensor with the leak of its pixels drawn."""
    if model.leak_hz == 0:
        return sensor
    spread = 1.0 + model.leak_spread * rng.standard_normal(len(sensor.on_threshold))
    per_us = 1e-6 * model.leak_hz * model.on_threshold * np.maximum(spread, 0.0)
    return sensor._replace(leak_per_us=per_us)


def with_steady_noise(sensor: Sensor, model: SensorModel, rng: np.random.Generator) -> Sensor:
    """Return the sensor with steady noise and hot pixels of one polarity each."""
    count = len(sensor.on_threshold)
    hot = rng.choice(count, min(model.num_hot_pixels, count), replace=False)
    steady_per_us, hot_sign = np.full(count, 1e-6 * model.noise_hz), np.zeros(count, np.int8)
    steady_per_us[hot] += 1e-6 * model.hot_hz
    hot_sign[hot] = rng.choice(np.array([-1, 1], dtype=np.int8), len(hot))
    is_noisy = sensor.is_noisy or bool(steady_per_us.any())
    return sensor._replace(steady_per_us=steady_per_us, hot_sign=hot_sign, is_noisy=is_noisy)


def _floor(threshold: float) -> float:
    return min(MIN_THRESHOLD, threshold)
