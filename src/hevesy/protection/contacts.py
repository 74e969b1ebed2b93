"""Contacts of a person with a patient over day and night, and the dose that they bring."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model.measured import Measured
from hevesy.protection.distance import DistanceLaw, relative_dose_rate
from hevesy.protection.dose_rate import DoseRateCurve, weighted

Vector = npt.NDArray[np.float64]

DAY = 24 * un.h
PART = 1 * un.h  # of a longer contact, from which on it can be taken up
STEP = 1e-30  # of the complex-step derivative: no difference is taken, so nothing is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One period near the patient: ``start`` of the day [s], ``duration`` [s], ``distance`` [mm]."""

    start: float
    duration: float
    distance: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < DAY:
            raise InputError(f"a contact starts at {self.start / un.h:g} h of the day; 0 up to 24 h is allowed.")
        if not 0 < self.duration <= DAY:
            raise InputError(f"a contact lasts {self.duration / un.h:g} h; it must be above 0 and at most 24 h.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Contacts that repeat every day, or, with ``once``, happen on one day alone, counted from the end of the restriction."""

    name: str
    contacts: tuple[Contact, ...]
    once: bool = False

    def __post_init__(self) -> None:
        if not self.contacts:
            raise InputError(f"pattern {self.name}: it has no contact. Give at least one.")
        held = tuple(sorted(self.contacts, key=lambda contact: contact.start))
        ends = [c.start + c.duration for c in held]
        starts = [c.start for c in held[1:]] + [held[0].start + DAY]
        for i, (end, start) in enumerate(zip(ends, starts, strict=True)):
            if end > start + 1e-6 * un.s:
                raise InputError(
                    f"pattern {self.name}: the contact from {held[i].start / un.h:g} h runs into the next one. "
                    "A person is in one place at a time: shorten it, or merge the two."
                )
        object.__setattr__(self, "contacts", held)

    @property
    def parts(self) -> tuple[Contact, ...]:
        """The contacts, longer ones hour by hour; those of a pattern that happens once as they are."""
        if self.once:
            return self.contacts
        made = []
        for contact in self.contacts:
            for n in range(math.ceil(contact.duration / PART - 1e-9)):
                left = min(PART, contact.duration - n * PART)
                made.append(Contact(start=(contact.start + n * PART) % DAY, duration=left, distance=contact.distance))
        return tuple(made)

    @property
    def hours_a_day(self) -> float:
        """Time near the patient [s by day]."""
        return sum(contact.duration for contact in self.contacts)


def starts(pattern: Pattern, clock: float, delay: float) -> Vector:
    """First start of each part at or after ``delay``, after the administration at ``clock`` of the day [s]."""
    if pattern.once:
        return np.array([delay + part.start for part in pattern.parts])
    first = np.array([(part.start - clock) % DAY for part in pattern.parts])
    days = np.ceil((delay - first) / DAY - 1e-9)
    return np.asarray(first + DAY * np.maximum(0.0, days))


def dose(pattern: Pattern, curve: DoseRateCurve, *, law: DistanceLaw, clock: float, delay: float) -> Measured:
    """Dose to a person who begins the pattern after a delay, over all days to come.

        D = sum_c F(d_c) sum_j a_j exp(-r_j t_c) (1 - exp(-r_j T_c)) / (r_j (1 - exp(-r_j 24 h)))

    with t_c the first start of contact c at or after the delay; contacts of more than an hour are taken hour by hour, and each
    hour is shared whole or not at all. Without the last bracket for a pattern that happens once.

    Parameters
    ----------
    clock : float                       Time of day of the administration [s].
    delay : float                       After the administration [s].

    Returns
    -------
    Measured                            [Sv]; u is that of the dose rate: the pattern is taken as exact.

    Neglected: dose from activity that the person takes in (contamination, breath), and from other patients. Reference:
    J. Cormack, J. Shearer, Phys. Med. Biol. 43 (1998) 501.
    """
    begins = starts(pattern, clock, delay)
    lasts = np.array([part.duration for part in pattern.parts])
    falls = np.array([relative_dose_rate(part.distance, law) for part in pattern.parts])
    made = _weight(np.asarray(curve.rates + 1j * STEP, dtype=np.complex128), begins, lasts, falls, once=pattern.once)
    return weighted(curve, made.real, made.imag / STEP)


def _weight(
    rates: npt.NDArray[np.complex128], begins: Vector, lasts: Vector, falls: Vector, *, once: bool
) -> npt.NDArray[np.complex128]:
    r = rates[:, None]
    shares = falls * np.exp(-r * begins) * -np.expm1(-r * lasts) / r
    total = shares.sum(axis=1)
    return np.asarray(total if once else total / -np.expm1(-rates * DAY))
