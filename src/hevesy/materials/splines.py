"""Cubic splines through tabulated points, without a library that takes longer to load than they take to compute."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piecewise:
    """Cubics between knots; beyond the ends the outermost one goes on.

        f(x) = c_0 d^3 + c_1 d^2 + c_2 d + c_3,     d = x - x_i

    Attributes
    ----------
    knots : ndarray, shape (n,)
    coefficients : ndarray, shape (4, n - 1) or (4, n - 1, values)
    """

    knots: Array
    coefficients: Array

    def __call__(self, x: Array) -> Array:
        """At points of any number, shape (points,) or (points, values)."""
        piece = np.clip(np.searchsorted(self.knots, x, side="right") - 1, 0, len(self.knots) - 2)
        d = x - self.knots[piece]
        c = self.coefficients[:, piece]
        d = d.reshape(d.shape + (1,) * (c.ndim - 1 - d.ndim))
        return np.asarray(((c[0] * d + c[1]) * d + c[2]) * d + c[3])


def cubic_spline(x: Array, y: Array) -> Piecewise:
    """The spline through points whose third derivative is even at the second and the last but one (not a knot).

    Slopes k from  h_i k_(i-1) + 2 (h_(i-1) + h_i) k_i + h_(i-1) k_(i+1) = 3 (h_i m_(i-1) + h_(i-1) m_i),  with widths h and
    slopes m of the chords (de Boor, A Practical Guide to Splines (1978), chapter IV).

    Parameters
    ----------
    x : ndarray, shape (n,)             Growing; n >= 4.
    y : ndarray, shape (n,) or (n, values)
    """
    n = len(x)
    if n < 4 or np.any(np.diff(x) <= 0):
        raise InputError(f"a cubic spline needs four or more points that grow; got {n}. Give more of them, in order.")
    h = np.diff(x)
    wide = h.reshape(-1, *(1,) * (y.ndim - 1))
    m = np.diff(y, axis=0) / wide
    system, right = np.zeros((n, n)), np.empty_like(y, dtype=np.float64)
    inner = np.arange(1, n - 1)
    system[inner, inner - 1], system[inner, inner], system[inner, inner + 1] = h[1:], 2 * (h[:-1] + h[1:]), h[:-1]
    right[1:-1] = 3 * (wide[1:] * m[:-1] + wide[:-1] * m[1:])
    a, b = x[2] - x[0], x[-1] - x[-3]
    system[0, :2], system[-1, -2:] = (h[1], a), (b, h[-2])
    right[0] = ((h[0] + 2 * a) * h[1] * m[0] + h[0] ** 2 * m[1]) / a
    right[-1] = (h[-1] ** 2 * m[-2] + (2 * b + h[-1]) * h[-2] * m[-1]) / b
    k = np.linalg.solve(system, right)
    t = (k[:-1] + k[1:] - 2 * m) / wide
    return Piecewise(knots=x, coefficients=np.stack([t / wide, (m - k[:-1]) / wide - t, k[:-1], y[:-1]]))
