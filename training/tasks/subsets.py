"""The seven subsets of {events, image, points}, named E, I, P, EI, EP, IP, EIP."""

from eventdepth_core.types import Float32
import numpy as np

SUBSETS: dict[str, tuple[int, int, int]] = {
    'E': (1, 0, 0),
    'I': (0, 1, 0),
    'P': (0, 0, 1),
    'EI': (1, 1, 0),
    'EP': (1, 0, 1),
    'IP': (0, 1, 1),
    'EIP': (1, 1, 1),
}
MOTION_SUBSETS: tuple[str, ...] = ('M', 'EM', 'IM', 'EIM', 'PM', 'EPM', 'IPM', 'EIPM')
"""Those with points swept from motion, M, which the networks take in as points."""


def presence(name: str) -> Float32:
    """Return the flags of subset `name` as float32 (3,): events, image, points."""
    return np.array(SUBSETS[name], dtype=np.float32)


def drawn_presence(rng: np.random.Generator, weights: dict[str, float]) -> Float32:
    """Draw a subset with probability proportional to `weights` and return its flags."""
    names = list(weights)
    shares = np.array([weights[name] for name in names])
    return presence(names[rng.choice(len(names), p=shares / shares.sum())])
