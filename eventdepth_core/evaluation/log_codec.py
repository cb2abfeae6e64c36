"""
The logarithmic depth code of the event-depth field: code = 1 + ln(depth / max_depth) / alpha.

Networks of this line write codes in [0, 1]; what they mean depends on two numbers that files do
not carry, so a profile carries them. Law: decoding inverts encoding between `min_depth_m` and
`max_depth_m`; nearer depths have the code 0, farther ones 1, NaN stays NaN.

"""

from dataclasses import dataclass
import math

from eventdepth_core.errors import ProfileError
from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class LogCodec:
    """
    The code of one data set: farthest depth in metres and alpha = ln(max_depth / min_depth).

    Raises
    ------
    ProfileError
        For numbers that are not positive: alpha 0 would turn every code into the farthest depth.

    """

    max_depth_m: float
    alpha: float

    def __post_init__(self) -> None:
        for name in ('max_depth_m', 'alpha'):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ProfileError(f'Expected {name} of a log code > 0, got {value}.')

    @property
    def min_depth_m(self) -> float:
        """The depth of code 0, metres."""
        return self.max_depth_m * math.exp(-self.alpha)

    def decode(self, code: ArrayLike) -> Float64:
        """Return depth in metres of any code, those outside [0, 1] included."""
        values = np.asarray(code, dtype=np.float64)
        depth_m: Float64 = self.max_depth_m * np.exp(-self.alpha * (1.0 - values))
        return depth_m

    def encode(self, depth_m: ArrayLike) -> Float64:
        """Return codes in [0, 1] of depths in metres; NaN where depth is NaN or not positive."""
        values = np.asarray(depth_m, dtype=np.float64)
        known = values > 0
        logs = np.log(values / self.max_depth_m, out=np.full(values.shape, np.nan), where=known)
        code: Float64 = np.clip(1.0 + logs / self.alpha, 0.0, 1.0)
        return code
