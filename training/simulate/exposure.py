"""How a picture in linear light becomes an 8-bit image: exposure, gamma, noise."""

from dataclasses import dataclass

from eventdepth_core.types import UInt8
import numpy as np
from training.simulate.caster import Picture
from training.simulate.solids import log_uniform


@dataclass(frozen=True, slots=True)
class Exposure:
    """`gain` of the light, `gamma` of the display, `noise` sigma in units of the full scale."""

    gain: float = 1.0
    gamma: float = 2.0
    noise: float = 0.005


def random_exposure(rng: np.random.Generator, *, gain: float) -> Exposure:
    """Draw gamma in [1.6, 2.4] and noise log-uniform in [.003, .03]."""
    gamma = rng.uniform(1.6, 2.4)
    return Exposure(gain, gamma, log_uniform(rng, 0.003, 0.03))


def exposed_image(rng: np.random.Generator, picture: Picture, exposure: Exposure) -> UInt8:
    """Return the picture as uint8 (H, W, 3) RGB."""
    light = np.clip(picture.colour * np.float32(1.2 * exposure.gain), 0.0, 1.0)
    toned = np.power(light, np.float32(1.0 / exposure.gamma))
    noise = rng.standard_normal(toned.shape, dtype=np.float32)
    noisy = toned + np.float32(exposure.noise) * noise
    image: UInt8 = (np.clip(noisy, 0.0, 1.0) * 255.0).astype(np.uint8)
    return image
