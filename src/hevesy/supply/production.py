"""Activity of a product made at a cyclotron or a reactor, from the end of the beam to the hospital."""

import math
from dataclasses import dataclass

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How a batch is made.

    Attributes
    ----------
    nuclide : str                       Its half-life is that of ICRP 107.
    saturation : float                  Activity after endless irradiation [Bq]: yield by current, or sigma phi N.
    irradiation : float                 [s].
    cooling : float                     From the end of irradiation to the start of processing [s].
    processing : float                  Duration of processing and release [s].
    chemical_yield : float              Share that processing keeps, decay apart, above 0 up to 1.
    transport : float                   To the hospital [s].
    """

    nuclide: str
    saturation: float
    irradiation: float
    cooling: float = 0.0
    processing: float = 0.0
    chemical_yield: float = 1.0
    transport: float = 0.0

    def __post_init__(self) -> None:
        times = (self.irradiation, self.cooling, self.processing, self.transport)
        if not (math.isfinite(self.saturation) and self.saturation > 0):
            raise InputError(f"the activity at saturation is {self.saturation:g} Bq; it must be above 0.")
        if not all(math.isfinite(t) and t >= 0 for t in times):
            raise InputError(f"times are {', '.join(f'{t / un.h:g}' for t in times)} h; each must be 0 or more.")
        if not 0 < self.chemical_yield <= 1:
            raise InputError(f"the chemical yield is {self.chemical_yield:g}; it is a share above 0 up to 1. Write it as 60 %.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """Activity at the end of irradiation, after cooling, after processing and at the hospital [Bq]."""

    end_of_irradiation: float
    after_cooling: float
    after_processing: float
    delivered: float


def produced(batch: Batch) -> Produced:
    """Activity at each step.

        A_EOB = A_sat (1 - exp(-lambda t_irr)),   A(t) = y A_EOB exp(-lambda (t_cool + t_proc + t_transport))

    Neglected: burn-up of the target (see :func:`reactor_activity`), a beam that is not steady.
    """
    lam = load_nuclide(batch.nuclide).decay_constant
    end = batch.saturation * -math.expm1(-lam * batch.irradiation)
    cooled = end * math.exp(-lam * batch.cooling)
    processed = cooled * batch.chemical_yield * math.exp(-lam * batch.processing)
    return Produced(
        end_of_irradiation=end,
        after_cooling=cooled,
        after_processing=processed,
        delivered=processed * math.exp(-lam * batch.transport),
    )


def reactor_activity(nuclide: str, *, atoms: float, cross_section: float, flux: float, irradiation: float) -> float:
    """Activity at the end of irradiation in a reactor, the burn-up of the target included [Bq].

        A = N_0 sigma phi lambda / (lambda - sigma phi) (exp(-sigma phi t) - exp(-lambda t))

    Parameters
    ----------
    nuclide : str                       The product.
    atoms : float                       Target atoms at the start [1].
    cross_section, flux : float         sigma [cm2] and phi [1/(cm2 s)], averaged over the same spectrum.
    irradiation : float                 [s].

    Neglected: self-shielding, burn-up of the product, other ways to it.
    """
    lam, burn = load_nuclide(nuclide).decay_constant, cross_section * flux
    if not (atoms > 0 and cross_section > 0 and flux > 0 and irradiation >= 0):
        raise InputError("target atoms, cross section and flux must be above 0, the irradiation 0 or more. Correct them.")
    if abs(lam - burn) * irradiation < 1e-6:  # both rates equal: the limit of the formula
        return atoms * burn * lam * irradiation * math.exp(-lam * irradiation)
    return atoms * burn * lam / (lam - burn) * (math.exp(-burn * irradiation) - math.exp(-lam * irradiation))


def six_day(nuclide: str = "Mo-99") -> float:
    """Share of an activity that is left six days on, by which producers of Mo-99 count."""
    return math.exp(-load_nuclide(nuclide).decay_constant * 6 * un.d)
