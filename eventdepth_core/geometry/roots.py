"""
Where the radial part of a lens model stops growing, and what both models solve with.

Laws: a model that always grows has no such place, infinity.

"""

from collections.abc import Sequence

import numpy as np

NUM_ITERATIONS = 50
SOLVED = 1e-13
"""Accepted error of an inverse on the normalised plane: far below a pixel, above rounding."""
LEAST_SLOPE = 1e-3
"""Below this slope a model counts as folding: its inverse would lose all digits."""

_NEGLIGIBLE = 1e-12


def first_positive_root(coefficients: Sequence[float]) -> float:
    """
    Return the square root of the least positive root of a polynomial, infinity without any.

    Parameters
    ----------
    coefficients : sequence of float
        Of 1, s, s^2, ... with s the square of a radius or an angle; tiny ones at the end, which
        no lens has, are left out.

    """
    roots = np.polynomial.Polynomial(coefficients).trim(_NEGLIGIBLE).roots()
    real = roots.real[(np.abs(roots.imag) < _NEGLIGIBLE) & (roots.real > 0)]
    return float(np.sqrt(real.min())) if real.size else np.inf
