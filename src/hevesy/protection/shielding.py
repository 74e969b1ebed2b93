"""Shields of uptake and imaging rooms for positron emitters."""

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.protection.distance import METRE
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
WEEK = 7 * u.d
VOIDED = 0.85  # of the activity stays after voiding: AAPM TG-108
PATIENT_F18 = 0.092e-6 / (u.MBq * u.h)  # Sv m2/(Bq s), body factor included: AAPM TG-108
PUBLIC = 20e-6  # Sv a week: 1 mSv in 50 weeks
CONTROLLED = 100e-6  # Sv a week: 5 mSv in 50 weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What happens in a room.

    Attributes
    ----------
    patients : float                    By week.
    activity : float                    Administered to each [Bq].
    stay : float                        Of each in the room [s].
    before : float                      From administration to the room; 0 in an uptake room [s].
    voided : float                      Share left after voiding before the room; 1 in an uptake room [1].
    half_life : float                   [s].
    constant : float                    Of the patient [Sv m2/(Bq s)].
    """

    patients: float
    activity: float
    stay: float
    before: float = 0.0
    voided: float = 1.0
    half_life: float
    constant: float = PATIENT_F18

    def __post_init__(self) -> None:
        for name in ("patients", "activity", "stay", "half_life", "constant"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"{name} of the room is {value}; it must be above zero.")
        if self.before < 0 or not 0 < self.voided <= 1:
            raise InputError(f"before is {self.before} s and voided {self.voided}; at least 0, and between 0 and 1, are allowed.")


def weekly_dose(room: Room, distance: float) -> float:
    """Dose in a week at a point without a shield and with somebody always there [Sv].

        H = N A0 v F Gamma t R / d^2,   F = 2^(-t0/T),   R = T (1 - 2^(-t/T)) / (t ln 2)

    Reference: AAPM TG-108, Med. Phys. 33 (2006) 4, equations 3 to 6.
    """
    if not distance > 0:
        raise InputError(f"distance is {distance / METRE} m; it must be above zero.")
    lam = math.log(2) / room.half_life
    decayed = math.exp(-lam * room.before)
    mean = -math.expm1(-lam * room.stay) / (lam * room.stay)
    decays = room.patients * room.activity * room.voided * decayed * room.stay * mean
    return decays * room.constant / (distance / METRE) ** 2


def transmission_needed(room: Room, distance: float, *, goal: float = PUBLIC, occupancy: float = 1.0) -> float:
    """Share that a barrier may let through, at most 1.

        B = P / (T H)

    With P = 20 uSv a week, Gamma = 0.092 uSv m2/(MBq h) and v = 0.85 this is B = 218 d^2 / (T N A0 t R) for an uptake room and
    B = 256 d^2 / (T N A0 F t R) for an imaging room. Reference: AAPM TG-108, as above.

    Parameters
    ----------
    distance : float                    Source to point [mm].
    goal, occupancy : float             P [Sv] in a week; T, share of the time that somebody is there [1].
    """
    if not 0 < occupancy <= 1:
        raise InputError(f"occupancy is {occupancy}; it lies above 0 and at most at 1.")
    if not goal > 0:
        raise InputError(f"the goal is {goal} Sv a week; it must be above zero.")
    return min(1.0, goal / (occupancy * weekly_dose(room, distance)))


def shield_row(material: str, *, on: date, overlay: Path | None = None) -> DatedRow:
    """The row of a material for broad beams of 511 keV."""
    rows = dated_rows(PACKAGE, "shields", overlay=overlay, keys=("material",))
    found = [row for row in rows if row["material"] == material]
    if not found:
        raise ScopeError(f"material {material!r}: {', '.join(row['material'] for row in rows)} are known. Add your own table.")
    return in_force(found, on)[-1]


def thickness(transmission: float, row: DatedRow) -> float:
    """Thickness that lets a share through [mm].

        x = ln((B^-g + b/a) / (1 + b/a)) / (a g)

    a, b, g of the row: fit to Monte Carlo transmission of broad beams. Reference: AAPM TG-108, Table V; form by B. R. Archer et
    al., Med. Phys. 10 (1983) 506.
    """
    if not 0 < transmission <= 1:
        raise InputError(f"transmission is {transmission}; it lies above 0 and at most at 1.")
    a, b, g = (row.number(name) for name in ("alpha_per_cm", "beta_per_cm", "gamma"))
    return math.log((transmission**-g + b / a) / (1 + b / a)) / (a * g) * u.cm


def transmission_of(depth: float, row: DatedRow) -> float:
    """The share that a thickness [mm] lets through: :func:`thickness` turned round."""
    a, b, g = (row.number(name) for name in ("alpha_per_cm", "beta_per_cm", "gamma"))
    return float(((1 + b / a) * math.exp(a * g * depth / u.cm) - b / a) ** (-1 / g))
