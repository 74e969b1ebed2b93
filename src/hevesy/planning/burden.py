"""What a target receives over a course, in the quantity that is limited, for each draw of what may be true."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.model.measured import Measured
from hevesy.planning.draws import World, protraction
from hevesy.planning.targets import Target
from hevesy.radiobiology import lea_catcheside

Vector = npt.NDArray[np.float64]

INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Burden:
    """Draws (n,) of one target.

        x(A) = s sum_c (A d_c + q (A d_c)^2) + x_given
        dose: q = 0, s = 1     BED: q = G / (alpha/beta), s = 1     EQD2: s = 1 / (1 + 2 Gy / (alpha/beta))

    Attributes
    ----------
    target : Target
    d : ndarray, shape (n, N)           Dose by activity of each cycle to come [Gy/Bq].
    q, s : ndarray, shape (n,)          [1/Gy], [1].
    given, given_dose : ndarray (n,)    What earlier cycles delivered: in the limited quantity, and as dose [Gy].
    d_estimate, q_estimate, s_estimate, given_estimate : float   The same as estimated.
    """

    target: Target
    d: Vector
    q: Vector
    s: Vector
    given: Vector
    given_dose: Vector
    d_estimate: float
    q_estimate: float
    s_estimate: float
    given_estimate: float

    def quantity(self, activity: float | Vector) -> Vector:
        """x at an activity by cycle [Bq], one for all (scalar) or (n, N) (n,)."""
        dose = np.asarray(activity) * self.d
        return np.asarray(self.s * (dose.sum(axis=1) + self.q * np.square(dose).sum(axis=1)) + self.given)

    def dose(self, activity: float | Vector) -> Vector:
        """Absorbed dose with what was delivered (n,) [Gy]."""
        return np.asarray((np.asarray(activity) * self.d).sum(axis=1) + self.given_dose)

    def reaching(self, value: float) -> Vector:
        """Equal activity of each cycle to come at which x is ``value``; 0 where it is there already (n,) [Bq].

        a A^2 + b A = value - x_given,   a = s q sum d^2, b = s sum d
        """
        left = np.maximum(value - self.given, 0.0)
        linear = self.s * self.d.sum(axis=1)
        square = self.s * self.q * np.square(self.d).sum(axis=1)
        # This form of the root does not cancel where the quadratic term is small.
        return np.asarray(2 * left / (linear + np.sqrt(linear**2 + 4 * square * left)))


def burden(target: Target, world: World, *, order: int = 0) -> Burden:
    """The draws of ``target``; ``order`` tells tissues apart: targets of one tissue give the same.

    Raises
    ------
    InputError
        An earlier cycle has no dose of the region.
    ScopeError
        Such a dose is not to be used.
    """
    n, limit = world.number, target.limit
    weighed = target.tissue is not None and limit is not None
    d = world.to_come(target)
    regions = [world.forecast.regions[world.index[name]] for name in target.covers]
    d_estimate = sum(w * r.dose_per_activity for w, r in zip(target.weights, regions, strict=True))
    q, s = np.zeros(n), np.ones(n)
    q0, s0, ab0 = 0.0, 1.0, 1.0
    ab = factors = np.ones(n)
    if weighed and target.tissue is not None and limit is not None:
        tissue, ab0 = target.tissue, target.tissue.alpha_beta.value
        ab, factors = world.tissue(tissue, order)
        curves = [_scaled(r.amplitudes, r.rates, w * r.dose_per_activity) for w, r in zip(target.weights, regions, strict=True)]
        q = protraction(curves, tissue, factors) / ab
        q0 = _G(curves, target) / ab0
        if limit.quantity == "EQD2":
            s, s0 = 1 / (1 + 2 / ab), 1 / (1 + 2 / ab0)
    given, given_dose, given_estimate = np.zeros(n), np.zeros(n), 0.0
    for k in range(len(world.delivered)):
        _check_given(target, world, k)
        dose = world.given(target, k)
        curves, estimate = _given_curves(target, world, k)
        quadratic, quadratic0 = 0.0 * dose, 0.0
        if weighed and target.tissue is not None and estimate > 0:
            quadratic = protraction(curves, target.tissue, factors) / ab
            quadratic0 = _G(curves, target) / ab0
        given_dose = given_dose + dose
        given = given + s * (dose + quadratic * dose**2)
        given_estimate += s0 * (estimate + quadratic0 * estimate**2)
    return Burden(
        target=target,
        d=d,
        q=q,
        s=s,
        given=given,
        given_dose=given_dose,
        d_estimate=d_estimate,
        q_estimate=q0,
        s_estimate=s0,
        given_estimate=given_estimate,
    )


def spread(values: Vector) -> tuple[Measured, tuple[float, float]]:
    """Median with standard deviation, and the 95 % interval, of draws."""
    low, middle, high = np.quantile(values, (INTERVAL[0], 0.5, INTERVAL[1]))
    return Measured(value=float(middle), u=float(np.std(values))), (float(low), float(high))


def _scaled(amplitudes: Vector, rates: Vector, dose: float) -> tuple[Vector, Vector]:
    """A curve whose integral is ``dose``."""
    return amplitudes * dose / float(np.sum(amplitudes / rates)), rates


def _G(curves: list[tuple[Vector, Vector]], target: Target) -> float:
    assert target.tissue is not None  # noqa: S101  (for the type checker)
    return lea_catcheside(np.concatenate([a for a, _ in curves]), np.concatenate([r for _, r in curves]), target.tissue.repair)


def _given_curves(target: Target, world: World, k: int) -> tuple[list[tuple[Vector, Vector]], float]:
    doses = [(w, world.delivered[k].doses[name]) for name, w in zip(target.covers, target.weights, strict=True)]
    curves = [_scaled(one.amplitudes, one.rates, w * one.dose) for w, one in doses if one.dose > 0]
    return curves, sum(w * one.dose for w, one in doses)


def _check_given(target: Target, world: World, k: int) -> None:
    cycle = world.delivered[k]
    for name in target.covers:
        if name not in cycle.doses:
            raise InputError(
                f"{name}: {cycle.label} holds no dose of it; it holds {', '.join(cycle.doses) or 'none'}. "
                "Name regions alike in all cycles: what a cycle delivered is never taken as zero."
            )
        if target.limit is None:
            continue
        if not cycle.doses[name].well_posed:
            raise ScopeError(f"{name}: its curve in {cycle.label} is ill-posed; what that cycle delivered is not known.")
        if cycle.doses[name].u_systematic is None:
            raise ScopeError(f"{name}: its dose in {cycle.label} has no uncertainty; no probability can be kept with it.")
