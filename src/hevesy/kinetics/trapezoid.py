"""Integral by straight lines between the scans, with a stated head and tail."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics.assess import implausible
from hevesy.kinetics.fit import check
from hevesy.model.arrays import frozen
from hevesy.model.curve import TimeActivityCurve
from hevesy.model.measured import Measured

Vector = npt.NDArray[np.float64]

TAILS = ("physical", "effective", "last-two")
HEADS = ("linear", "constant")
# Points through which the effective tail is drawn, at most.
_TAIL_POINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trapezoid:
    """Time-integrated activity of a region by trapezoids.

    Attributes
    ----------
    tail, head : str                    As asked for.
    time_integrated_activity : Measured From 0 to infinity [Bq s]; u of the points alone, not of the straight lines.
    before, between, after : float      Its parts: head, between the scans, tail [Bq s].
    effective_half_life : Measured      Of the tail [s].
    extrapolated_fraction : float       Share of the tail [1].
    sensitivity : ndarray, shape (n,)   Change of the integral by the activity of each scan [s].
    well_posed : bool
    reasons, warnings : tuple of str
    """

    region: str
    tail: str
    head: str
    time_integrated_activity: Measured
    before: float
    between: float
    after: float
    effective_half_life: Measured
    extrapolated_fraction: float
    sensitivity: Vector
    well_posed: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """ "weakly determined" or "ill-posed": lines between scans are never more than an approximation."""
        if not self.well_posed:
            return "ill-posed"
        return "weakly determined" if self.reasons else "well determined"


def trapezoid(curve: TimeActivityCurve, *, decay_constant: float, tail: str = "physical", head: str = "linear") -> Trapezoid:
    """Integral of a polygon through the points.

        A~ = H + sum_k (A_k + A_k+1) (t_k+1 - t_k) / 2 + A_n / r
        H = A_1 t_1 / 2  (linear from zero),   A_1 t_1  (constant)
        r = lambda  (physical),   -slope of ln A through the last two points or, by least squares, through up to the
            last three from the highest on (effective); never below lambda

    Parameters
    ----------
    curve : TimeActivityCurve
    decay_constant : float              lambda [1/s].
    tail : str                          "physical", "effective" or "last-two".
    head : str                          "linear" or "constant".

    Returns
    -------
    Trapezoid                           u by linear propagation of the u of the points, which are independent.

    Neglected: the error of the straight lines (above the curve where it is convex: +4 % between scans a half-life apart)
    and of the assumption of the tail. A physical tail overstates wherever there is biological clearance.

    Reference: J.A. Siegel and others, MIRD Pamphlet 16, J. Nucl. Med. 40 (1999) 37S.
    """
    if tail not in TAILS or head not in HEADS:
        raise InputError(f"tail {tail!r}, head {head!r}: choose a tail of {', '.join(TAILS)} and a head of {', '.join(HEADS)}.")
    check(curve, decay_constant)
    t, A, n = curve.t, curve.A, curve.t.size
    if tail != "physical" and n < 2:
        raise InputError(f"{curve.region}: the tail {tail} needs two scans; got {n}. Choose the physical tail.")
    if A[-1] <= 0:
        raise InputError(
            f"{curve.region}: the last activity is {A[-1] / u.MBq:g} MBq; a tail needs one above zero. "
            "Leave that scan out or fit a model."
        )
    edges = np.concatenate([[t[0]], 0.5 * (t[2:] - t[:-2]), [t[-1]]]) if n > 1 else np.zeros(1)
    if n > 1:
        edges[0], edges[-1] = 0.5 * (t[1] - t[0]), 0.5 * (t[-1] - t[-2])
    before = float(A[0] * t[0]) * (0.5 if head == "linear" else 1.0)
    between = float(edges @ A)
    rate, slope, held = _tail(curve, decay_constant, tail)
    after = float(A[-1]) / rate
    whole = before + between + after
    if not whole > 0:
        raise InputError(f"{curve.region}: the integral is {whole / (u.MBq * u.h):g} MBq h; it must be above zero.")
    by_point = edges.copy()
    by_point[0] += t[0] * (0.5 if head == "linear" else 1.0)
    by_point[-1] += 1 / rate
    by_point -= slope * float(A[-1]) / rate**2
    u_whole = None if curve.u is None else float(np.sqrt(np.sum((by_point * curve.u) ** 2)))
    u_rate = None if curve.u is None else float(np.sqrt(np.sum((slope * curve.u) ** 2)))
    ill = implausible(curve, decay_constant, at_decay=held and tail != "physical")
    weak = _weak(t, tail, (before / whole, after / whole), held)
    return Trapezoid(
        region=curve.region,
        tail=tail,
        head=head,
        time_integrated_activity=Measured(value=whole, u=u_whole, why_no_u="" if u_whole else "the points have no uncertainty"),
        before=before,
        between=between,
        after=after,
        effective_half_life=_half_life(rate, None if tail == "physical" or held else u_rate, tail, held),
        extrapolated_fraction=after / whole,
        sensitivity=frozen(by_point),
        well_posed=not ill,
        reasons=(*(text.removeprefix("ill-posed: ") for text in ill), *weak),
        warnings=(*ill, *weak),
    )


def _tail(curve: TimeActivityCurve, decay_constant: float, tail: str) -> tuple[float, Vector, bool]:
    """Rate of the tail, its derivatives by the activities, and whether it was held at physical decay."""
    t, A, n = curve.t, curve.A, curve.t.size
    nothing = np.zeros(n)
    if tail == "physical":
        return decay_constant, nothing, True
    first = n - 2 if tail == "last-two" else min(max(n - _TAIL_POINTS, int(np.argmax(A))), n - 2)
    if np.any(A[first:] <= 0):
        raise InputError(f"{curve.region}: the tail {tail} needs its last scans above zero. Choose the physical tail.")
    apart = t[first:] - np.mean(t[first:])
    weights = -apart / float(apart @ apart)
    rate = float(weights @ np.log(A[first:]))
    if rate <= decay_constant:
        return decay_constant, nothing, True
    slope = nothing.copy()
    slope[first:] = weights / A[first:]
    return rate, slope, False


def _half_life(rate: float, u_rate: float | None, tail: str, held: bool) -> Measured:
    value = math.log(2) / rate
    if u_rate is not None:
        return Measured(value=value, u=value * u_rate / rate)
    held_at = "the physical half-life was assumed" if tail == "physical" else "held at the physical half-life"
    return Measured(value=value, u=None, why_no_u=held_at if held else "the points have no uncertainty")


def _weak(t: Vector, tail: str, shares: tuple[float, float], held: bool) -> list[str]:
    head_share, tail_share = shares
    weak = ["straight lines between the scans: their error is not in u, and they lie above a curve that decays."]
    if tail == "physical":
        weak.append("the tail has physical decay alone, an upper bound wherever there is biological clearance.")
    elif held:
        weak.append(f"the tail {tail} was held at physical decay: the last scans fall no faster.")
    if tail_share > 0.5:
        weak.append(f"{tail_share:.0%} of the integral lies after the last scan: it is extrapolated, not measured.")
    if head_share > 0.5:
        weak.append(f"{head_share:.0%} of the integral lies before the first scan: it is extrapolated, not measured.")
    if t.size == 1:
        weak.append("one scan does not determine the clearance.")
    return weak
