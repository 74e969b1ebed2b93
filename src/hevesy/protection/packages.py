"""Packages of radioactive material: transport index and label, contamination on arrival, leaking sources."""

import math

from hevesy import units as u
from hevesy.errors import InputError

USV_PER_H = 1e-6 / u.h  # Sv/s
# Dose rate at the surface [uSv/h] and transport index up to which a label holds: 49 CFR 172.403(c)
LABELS = (("WHITE-I", 5.0, 0.0), ("YELLOW-II", 500.0, 1.0), ("YELLOW-III", 2000.0, 10.0))
LEAKING = 0.005 * u.uCi  # Bq: 10 CFR 35.67(e)
RECEIPT = 240.0 / (60 * u.s)  # Bq by cm2 wiped: 240 dpm, 10 CFR 20.1906 by 49 CFR 173.443


def transport_index(rate: float) -> float:
    """The number on the label: dose rate at 1 m in mrem/h, rounded up to one decimal; 0 up to 0.05.

    ``rate`` is the highest at 1 m from the surface [Sv/s]. Reference: 49 CFR 173.403, definition; 1 mrem/h is 10 uSv/h.
    """
    _positive("the dose rate at 1 m", rate)
    mrem = rate / (10 * USV_PER_H)
    return 0.0 if mrem <= 0.05 * (1 + 1e-9) else math.ceil(mrem * 10 - 1e-6) / 10


def label(surface: float, at_1m: float) -> str:
    """The label of a package by the highest dose rates at its surface and at 1 m from it [Sv/s].

    Raises
    ------
    InputError
        Above 2 mSv/h at the surface or a transport index of 10: such a package travels under exclusive use alone.
    """
    _positive("the dose rate at the surface", surface)
    index = transport_index(at_1m)
    for name, most, highest in LABELS:
        if surface <= most * USV_PER_H * (1 + 1e-9) and index <= highest:
            return name
    raise InputError(
        f"{surface / USV_PER_H:g} uSv/h at the surface, transport index {index:g}: at most 2000 uSv/h and 10 are allowed. "
        "Send it under exclusive use, or shield it."
    )


def leaks(removed: float) -> bool:
    """Whether a sealed source from which the wipe of a leak test took ``removed`` [Bq] counts as leaking: 185 Bq or more."""
    _positive("the activity of the wipe", removed)
    return removed >= LEAKING * (1 - 1e-9)


def contaminated(removed: float, area: float) -> bool:
    """Whether a package on arrival is above the limit of removable contamination: ``removed`` [Bq] from ``area`` [cm2].

    Beta, gamma and low toxicity alpha emitters: above 240 dpm (4 Bq) by cm2, averaged over 300 cm2.
    """
    _positive("the activity of the wipe", removed)
    if not area > 0:
        raise InputError(f"the wiped area is {area} cm2; it must be above zero. Wipe 300 cm2.")
    return removed / area > RECEIPT * (1 + 1e-9)


def _positive(what: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise InputError(f"{what} is {value}; it must be 0 or more. Correct the measurement.")
