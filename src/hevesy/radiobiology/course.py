"""Sums of BED over a course: cycles and external beam."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model.arrays import frozen
from hevesy.model.measured import Measured
from hevesy.radiobiology.tissues import Tissue

Vector = npt.NDArray[np.float64]

REPAIRED = 10.0  # repair half-times: less than 0.1 % of the damage is left
REST = 0.01  # share of a delivery's dose that may fall after the next one has begun


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delivery:
    """One cycle, or one course of external beam, to one region.

    Attributes
    ----------
    name : str                          "cycle 1", "external beam".
    start, end : float                  From any common zero; end is the last fraction of a beam, start for a cycle [s].
    bed : Measured                      [Gy].
    tissue : Tissue                     Whose alpha/beta and repair the BED was made with.
    amplitudes, rates : ndarray (k,)    Of the dose rate after ``start``; empty for a beam [any], [1/s].
    """

    name: str
    start: float
    end: float
    bed: Measured
    tissue: Tissue
    amplitudes: Vector
    rates: Vector

    def __post_init__(self) -> None:
        for field in ("amplitudes", "rates"):
            object.__setattr__(self, field, frozen(np.array(getattr(self, field), dtype=np.float64)))
        if not (math.isfinite(self.start) and math.isfinite(self.end) and self.end >= self.start):
            raise InputError(f"{self.name}: starts at {self.start:g} s and ends at {self.end:g} s; the end must not be earlier.")
        if self.amplitudes.shape != self.rates.shape or (self.rates <= 0).any():
            raise InputError(f"{self.name}: needs as many rates above zero as amplitudes; got {self.rates.tolist()}.")

    def rest_after(self, t: float) -> float:
        """Share of the dose that is still to come at time ``t`` [1]."""
        if self.rates.size == 0:
            return 1.0 if t < self.end else 0.0
        if t <= self.start:
            return 1.0
        parts = self.amplitudes / self.rates
        return float(np.sum(parts * np.exp(-self.rates * (t - self.start))) / np.sum(parts))


def sum_bed(deliveries: Sequence[Delivery], *, correlation: float = 1.0) -> Measured:
    """BED of all deliveries to a region, each with complete repair before the next.

        BED = sum_i BED_i,   u^2 = sum_ij rho_ij u_i u_j,   rho_ij = correlation for i != j

    Parameters
    ----------
    deliveries : sequence of Delivery   In any order; all of one tissue.
    correlation : float                 Of the uncertainties of different deliveries: 1 where they share all, which is the larger
                                        u, 0 where nothing [1].

    Returns
    -------
    Measured                            [Gy]

    Neglected: repopulation between deliveries, damage that is never repaired nor counted. Reference: R. G. Dale, B. Jones,
    Radiobiological Modelling in Radiation Oncology (2007), BED is additive where repair is complete.

    Raises
    ------
    InputError
        Deliveries overlap, or were made with different tissues.
    """
    if not deliveries:
        raise InputError("there is no delivery to sum. Give at least one.")
    if not 0 <= correlation <= 1:
        raise InputError(f"correlation of the deliveries is {correlation:g}; from 0 to 1 is allowed.")
    ordered = sorted(deliveries, key=lambda delivery: delivery.start)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        _check(earlier, later)
    total = math.fsum(delivery.bed.value for delivery in ordered)
    without = next((delivery for delivery in ordered if delivery.bed.u is None), None)
    if without is not None:
        return Measured(value=total, u=None, why_no_u=f"{without.name} has none: {without.bed.why_no_u}")
    us = [delivery.bed.u or 0.0 for delivery in ordered]
    squares = math.fsum(u * u for u in us)
    return Measured(value=total, u=math.sqrt((1 - correlation) * squares + correlation * math.fsum(us) ** 2))


def _check(earlier: Delivery, later: Delivery) -> None:
    if later.tissue.alpha_beta.value != earlier.tissue.alpha_beta.value or later.tissue.repair != earlier.tissue.repair:
        raise InputError(
            f"{earlier.name} was made with tissue {earlier.tissue.name}, {later.name} with {later.tissue.name}; BED adds only "
            "with one alpha/beta and repair. Compute both with one tissue."
        )
    needed = REPAIRED * earlier.tissue.repair.slowest
    rest = earlier.rest_after(later.start)
    if later.start - earlier.end < needed or rest > REST:
        raise InputError(
            f"overlapping cycles: {later.name} begins {(later.start - earlier.end) / un.d:.2f} d after {earlier.name}, when "
            f"{100 * rest:.2g} % of its dose is still to come; at least {needed / un.d:.2f} d (ten repair half-times) and at "
            f"most {100 * REST:g} % are allowed. Check the dates, or take both as one delivery with its own dose rate."
        )
