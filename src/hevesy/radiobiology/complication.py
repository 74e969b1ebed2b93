"""Normal tissue complication: its probability by dose, with the sets of parameters that are published."""

import math
from dataclasses import dataclass
from functools import cache

from hevesy.errors import InputError
from hevesy.model.measured import Measured
from hevesy.tables import load_table

PROBIT, LOGISTIC = "probit", "logistic"
Z95 = 1.959963984540054
NO_INTERVAL = "the source, as far as it is known here, gives no interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complication:
    """Parameters of one endpoint in one tissue.

    Attributes
    ----------
    tissue, endpoint : str
    model : str                         "probit": Lyman, Kutcher, Burman; or "logistic".
    n : float                           Of the volume: gEUD with a = 1/n [1].
    td50 : Measured                     Uniform EQD2 for a chance of one half [Gy].
    slope : Measured                    m of "probit"; gamma_50 of "logistic" [1].
    source, how : str                   Citation; how it is known: "read", "recalled", "given".
    not_claimed : str
    """

    tissue: str
    endpoint: str
    model: str
    n: float
    td50: Measured
    slope: Measured
    source: str
    how: str
    not_claimed: str = ""

    def __post_init__(self) -> None:
        if self.model not in (PROBIT, LOGISTIC):
            raise InputError(f"complication of {self.tissue}: model is {self.model!r}; allowed: {PROBIT}, {LOGISTIC}.")
        if not 0.001 <= self.n <= 10 or self.td50.value <= 0 or self.slope.value <= 0:
            raise InputError(
                f"complication of {self.tissue}: n is {self.n:g}, TD50 {self.td50.value:g} Gy, slope {self.slope.value:g}; "
                "n from 0.001 to 10 and the others above zero are allowed."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability:
    """A probability and the interval that u of dose and parameters leaves, 95 %."""

    value: float
    low: float
    high: float
    parameters: Complication


def complication_probability(uniform_dose: Measured, parameters: Complication) -> Probability:
    """NTCP of a region by the gEUD of its EQD2.

        probit:    NTCP = Phi(t),            t = (gEUD - TD50) / (m TD50)       (Lyman, Kutcher, Burman)
        logistic:  NTCP = 1 / (1 + e^(-x)),  x = 4 gamma_50 (gEUD / TD50 - 1)

    Parameters
    ----------
    uniform_dose : Measured             gEUD with a = 1/n of the EQD2 over the region [Gy].
    parameters : Complication

    Returns
    -------
    Probability                         The interval is that of t or x, so that it stays between 0 and 1.

    Neglected: u of n; correlation of TD50 and slope; whatever sets radionuclide therapy apart from the fractionated external
    beam that every published set comes from, beyond what EQD2 takes in. Reference: J. T. Lyman, Radiat. Res. 104 (1985) S13;
    G. J. Kutcher, C. Burman, Int. J. Radiat. Oncol. Biol. Phys. 16 (1989) 1623; C. Burman et al., ibid. 21 (1991) 123.
    """
    if uniform_dose.value < 0:
        raise InputError(f"gEUD is {uniform_dose.value:g} Gy; it must not be below zero.")
    D, T, s = uniform_dose.value, parameters.td50.value, parameters.slope.value
    probit = parameters.model == PROBIT
    per_dose = 1 / (s * T) if probit else 4 * s / T
    argument = per_dose * (D - T)
    by_td50 = per_dose * D / T
    by_slope = argument / s
    u = math.hypot(
        per_dose * (uniform_dose.u or 0.0), by_td50 * (parameters.td50.u or 0.0), by_slope * (parameters.slope.u or 0.0)
    )
    value, low, high = (_chance(argument + shift, probit) for shift in (0.0, -Z95 * u, Z95 * u))
    return Probability(value=value, low=low, high=high, parameters=parameters)


def complications(tissue: str) -> tuple[Complication, ...]:
    """Published sets for the tissue of that name; none where the table has none."""
    return tuple(each for each in _table() if each.tissue == tissue)


def _chance(x: float, probit: bool) -> float:
    if probit:
        return 0.5 * math.erfc(-x / math.sqrt(2))
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


@cache
def _table() -> tuple[Complication, ...]:
    return tuple(
        Complication(
            tissue=row["tissue"],
            endpoint=row["endpoint"],
            model=row["model"],
            n=float(row["n"]),
            td50=_from_interval(row["td50_Gy"], row["td50_low_Gy"], row["td50_high_Gy"]),
            slope=_from_interval(row["slope"], row["slope_low"], row["slope_high"]),
            source=row["source"],
            how=row["how"],
            not_claimed=row["not_claimed"],
        )
        for row in load_table("hevesy.radiobiology", "complications").rows
    )


def _from_interval(value: str, low: str, high: str) -> Measured:
    """A 95 % interval as the u of a normal distribution of its width."""
    if not (low and high):
        return Measured(value=float(value), u=None, why_no_u=NO_INTERVAL)
    return Measured(value=float(value), u=(float(high) - float(low)) / (2 * Z95))
