"""What a dosimetry says of the cycles to come, next to what earlier cycles delivered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.model.arrays import frozen

Vector = npt.NDArray[np.float64]

LEFT_OVER = 0.05  # share of a cycle's decays that may still be to come when the next one is given
# Standard deviation of the dose by activity of one patient from cycle to cycle. An assumption: publications state it by centre
# and method, and dosimetry's own scatter is in what they state. Printed wherever it is used.
CHANGE_ORGAN, CHANGE_LESION = 0.10, 0.20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionForecast:
    """The dose by activity that a region is expected to receive in each cycle to come.

    Attributes
    ----------
    name, standard_name, kind : str     As drawn; "Left kidney" or ""; "organ", "lesion", ...
    mass : float                        [kg].
    dose_per_activity : float           As measured [Gy/Bq].
    u_systematic : float or None        Relative u that would be the same if all were measured again; None: there is none [1].
    u_random : float                    Relative u of this one measurement [1].
    change : float                      Relative standard deviation from cycle to cycle of the patient himself [1].
    amplitudes, rates : ndarray (k,)    Of the curve that the dose rate follows [any], [1/s].
    well_posed : bool                   Whether the integral may be used.
    """

    name: str
    standard_name: str = ""
    kind: str = "organ"
    mass: float
    dose_per_activity: float
    u_systematic: float | None
    u_random: float = 0.0
    change: float = 0.0
    amplitudes: Vector
    rates: Vector
    well_posed: bool = True

    def __post_init__(self) -> None:
        for word, value in (("mass", self.mass), ("dose per activity", self.dose_per_activity)):
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"{self.name}: {word} is {value:g}; it must be above zero to plan with it.")
        for word, share in (
            ("u", self.u_systematic or 0.0),
            ("random u", self.u_random),
            ("change from cycle to cycle", self.change),
        ):
            if not 0 <= share <= 2:
                raise InputError(f"{self.name}: relative {word} is {share:g}; 0 to 2 is allowed (0 to 200 %).")
        for field in ("amplitudes", "rates"):
            object.__setattr__(self, field, frozen(np.array(getattr(self, field), dtype=float)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """All regions of one dosimetry; ``correlation`` (R, R) is that of the errors of their doses, None where nobody states it."""

    regions: tuple[RegionForecast, ...]
    correlation: Vector | None = None

    def __post_init__(self) -> None:
        names = [region.name for region in self.regions]
        if len(set(names)) < len(names):
            raise InputError(f"regions are {', '.join(names)}; each name may be there once.")
        if self.correlation is not None:
            R = frozen(np.array(self.correlation, dtype=float))
            if R.shape != (len(names), len(names)) or not np.allclose(R, R.T, atol=1e-6) or np.max(np.abs(R)) > 1 + 1e-6:
                raise InputError(
                    f"correlation has shape {R.shape}; expected a symmetric one of {len(names)} regions within -1 to 1."
                )
            object.__setattr__(self, "correlation", R)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeliveredDose:
    """What a cycle gave a region: mean dose [Gy], its relative u by kind [1], the curve that the dose rate followed."""

    dose: float
    u_systematic: float | None
    u_random: float = 0.0
    amplitudes: Vector
    rates: Vector
    well_posed: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.dose) and self.dose >= 0):
            raise InputError(f"a delivered dose is {self.dose:g} Gy; it must be zero or more.")
        for field in ("amplitudes", "rates"):
            object.__setattr__(self, field, frozen(np.array(getattr(self, field), dtype=float)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeliveredCycle:
    """A cycle that was given.

    Attributes
    ----------
    label : str                         For messages.
    administered : datetime
    doses : dict                        By region as the forecast names it.
    is_forecast : bool                  The forecast was measured in this very cycle: its errors, random ones too, are the same.
    """

    label: str
    administered: datetime
    doses: dict[str, DeliveredDose]
    is_forecast: bool = False


def check_apart(cycles: Sequence[DeliveredCycle], *, regions: Sequence[str], least: float | None = None) -> None:
    """Refuse cycles that overlap: their dose rates would add, and so would not their BED.

    Parameters
    ----------
    cycles : sequence of DeliveredCycle
    regions : sequence of str           Whose BED or dose is limited.
    least : float, optional             Between two administrations [s]. If left out, less than LEFT_OVER of the decays of a
                                        cycle may be to come when the next is given, in each of ``regions``.

    Raises
    ------
    InputError
        Two cycles have one time.
    ScopeError
        They overlap.
    """
    ordered = sorted(cycles, key=lambda cycle: cycle.administered)
    for one, other in zip(ordered, ordered[1:], strict=False):
        apart = (other.administered - one.administered).total_seconds()
        if apart == 0:
            raise InputError(
                f"{one.label} and {other.label} were administered at the same time, {one.administered:%Y-%m-%d %H:%M}: "
                "is it one cycle given twice? Name each cycle once."
            )
        said = f"{one.label} and {other.label} are {apart / un.d:.3g} d apart"
        if least is not None and apart < least:
            raise ScopeError(f"{said}; at least {least / un.d:.3g} d were asked for. Cycles that overlap cannot be added as BED.")
        for name in regions:
            dose = one.doses.get(name)
            left = 0.0 if dose is None or least is not None else _left(dose, apart)
            if left > LEFT_OVER:
                raise ScopeError(
                    f"{said}, and {100 * left:.1f} % of the decays of {name} were still to come; at most "
                    f"{100 * LEFT_OVER:g} % may. "
                    "Cycles that overlap cannot be added as BED: measure them as one curve, or state --interval if you accept it."
                )


def _left(dose: DeliveredDose, t: float) -> float:
    decays = dose.amplitudes / dose.rates
    return float(np.sum(decays * np.exp(-dose.rates * t)) / np.sum(decays))
