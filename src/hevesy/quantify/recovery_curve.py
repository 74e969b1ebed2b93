"""Recovery by volume: a curve through what spheres of a phantom showed."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError, ScopeError
from hevesy.model import Measured
from hevesy.model.arrays import frozen
from hevesy.units import ml

Vector = npt.NDArray[np.float64]

# A volume this many times beyond the spheres that were measured is refused: the curve is not known there.
REACH = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecoveryCurve:
    """Recovery coefficient by volume.

        R(V) = 1 / (1 + (beta / V)^alpha)

    Attributes
    ----------
    alpha, beta : float                     [1], [mm3].
    covariance : ndarray, shape (2, 2)      Of log alpha and log beta.
    smallest, largest : float               Volumes of the spheres [mm3].
    chi2, degrees_of_freedom                Of the fit; without known u the sum of squares.

    Reference: J. Gear et al., Eur J Nucl Med Mol Imaging 2018;45:2456, recovery coefficient.
    """

    alpha: float
    beta: float
    covariance: Vector
    smallest: float
    largest: float
    chi2: float = 0.0
    degrees_of_freedom: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariance", frozen(np.array(self.covariance, dtype=float)))
        if not (self.alpha > 0 and self.beta > 0 and self.covariance.shape == (2, 2) and np.all(np.isfinite(self.covariance))):
            raise InputError(
                f"a recovery curve needs alpha and beta above zero and a 2 x 2 covariance; got {self.alpha:g}, {self.beta:g} mm3 "
                f"and shape {self.covariance.shape}."
            )
        if not 0 < self.smallest <= self.largest:
            raise InputError(f"spheres of {self.smallest / ml:g} to {self.largest / ml:g} ml are no range of volumes.")


def fit_recovery(volume: npt.ArrayLike, recovered: npt.ArrayLike, u: npt.ArrayLike | None = None) -> RecoveryCurve:
    """The curve through measured recovery coefficients by weighted least squares.

    Parameters
    ----------
    volume : array, shape (n,)          Of the spheres [mm3]; three at least, of two volumes at least.
    recovered : array, shape (n,)       Measured by true activity [1].
    u : array, shape (n,), optional     Standard uncertainty [1]; without, equal weights and the scatter decides.

    The covariance is enlarged by chi2 by degrees of freedom where that exceeds one.

    Raises
    ------
    InputError
        Too few spheres, or values that are no recovery coefficients.
    ConvergenceError
        The coefficients do not rise with volume.
    """
    from scipy.optimize import least_squares

    V, R = np.asarray(volume, dtype=float), np.asarray(recovered, dtype=float)
    w = np.ones_like(R) if u is None else 1 / np.asarray(u, dtype=float)
    if V.ndim != 1 or V.shape != R.shape or w.shape != R.shape or V.size < 3 or np.unique(V).size < 2:
        raise InputError(
            f"a recovery curve needs three spheres of two sizes at least; got {V.size} of {np.unique(V).size} sizes."
        )
    if not (np.all(np.isfinite(V)) and np.all(V > 0) and np.all(np.isfinite(w)) and np.all(w > 0)):
        raise InputError("volumes and uncertainties of spheres must be finite and above zero.")
    if not np.all((R > 0.01) & (R < 1.5)):
        raise InputError(
            f"recovery coefficients must lie between 0.01 and 1.5; got {R.min():g} to {R.max():g}. Are they in per cent, or "
            "measured and true in different units?"
        )

    def residuals(q: Vector) -> Vector:
        return np.asarray((_value(V, q) - R) * w)

    found = least_squares(residuals, _start(V, R, w), bounds=([-3, -20], [3, 30]))
    J, freedom = np.asarray(found.jac), V.size - 2
    singular = np.linalg.svd(J, compute_uv=False)
    if singular[-1] < 1e-8 * singular[0] or np.any(found.active_mask != 0):
        raise ConvergenceError(
            "these recovery coefficients determine no curve: they must rise with volume and include spheres that lose some "
            f"activity; got {np.round(R, 3).tolist()} for {np.round(V / ml, 3).tolist()} ml."
        )
    chi2 = 2 * float(found.cost)
    scale = chi2 / freedom if u is None else max(1.0, chi2 / freedom)
    return RecoveryCurve(
        alpha=math.exp(float(found.x[0])),
        beta=math.exp(float(found.x[1])),
        covariance=np.linalg.inv(J.T @ J) * scale,
        smallest=float(V.min()),
        largest=float(V.max()),
        chi2=chi2,
        degrees_of_freedom=freedom,
    )


def recovery_at(curve: RecoveryCurve, volume: float, *, beyond: bool = False) -> tuple[Measured, float]:
    """Recovery of a volume with u from the covariance of the fit, and d ln R / d ln V.

        u(R)^2 = g^T C g,   g = dR / d(log alpha, log beta)

    Parameters
    ----------
    curve : RecoveryCurve
    volume : float                      [mm3].
    beyond : bool                       Allow volumes more than ten times beyond the spheres: above them recovery is near one.

    Raises
    ------
    ScopeError
        The volume is more than ten times smaller, or larger, than the spheres that were measured.

    Neglected: shape. A long organ loses more than a sphere of its volume.
    """
    if not (math.isfinite(volume) and volume > 0):
        raise InputError(f"volume is {volume} mm3; it must be above zero.")
    if volume < curve.smallest / REACH or (volume > curve.largest * REACH and not beyond):
        raise ScopeError(
            f"the recovery curve was measured from {curve.smallest / ml:.3g} to {curve.largest / ml:.3g} ml; "
            f"{volume / ml:.3g} ml is more than ten times beyond. Measure spheres of that size, or leave the region uncorrected."
        )
    q = np.log([curve.alpha, curve.beta])
    R = float(_value(np.array([volume]), q)[0])
    lost = curve.alpha * R * (1 - R)  # dR / d ln V
    g = np.array([lost * math.log(volume / curve.beta), -lost])
    return Measured(value=R, u=math.sqrt(max(float(g @ curve.covariance @ g), 0.0))), curve.alpha * (1 - R)


def _start(V: Vector, R: Vector, w: Vector) -> Vector:
    """The best of many curves, so that the search begins in the right valley: log alpha and log beta."""
    alpha = np.linspace(math.log(0.1), math.log(6), 30)
    beta = math.log(float(np.median(V))) + np.linspace(-7, 7, 71)
    q = np.stack(np.meshgrid(alpha, beta, indexing="ij")).reshape(2, -1, 1)
    costs = np.sum(np.square((_value(V, q) - R) * w), axis=1)
    best: Vector = q[:, int(np.argmin(costs)), 0]
    return best


def _value(V: Vector, q: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(np.exp(q[0]) * (q[1] - np.log(V)))))
