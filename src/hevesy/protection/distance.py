"""How the dose rate beside a patient falls with distance."""

import math
from dataclasses import dataclass

from hevesy import units as u
from hevesy.errors import InputError

METRE = 1e3 * u.mm
LAWS = ("point", "power-1.5", "line")
HEIGHT = 1.7 * METRE  # of the line, where nothing else is stated
CLOSEST = 50 * u.mm  # nobody stands closer to the middle of a patient


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceLaw:
    """A law by name; ``height`` is the length of a line source [mm]."""

    name: str
    height: float = HEIGHT

    def __post_init__(self) -> None:
        if self.name not in LAWS:
            raise InputError(f"distance law {self.name!r}: known are {', '.join(LAWS)}. Choose one of them.")
        if not (math.isfinite(self.height) and self.height > 0):
            raise InputError(f"height of the line source: got {self.height / METRE} m; it must be above zero.")

    @property
    def said(self) -> str:
        """The law in words."""
        if self.name == "line":
            return f"line source of {self.height / METRE:g} m"
        return {"point": "point source, 1/d^2", "power-1.5": "power 1.5, 1/d^1.5"}[self.name]


def relative_dose_rate(distance: float, law: DistanceLaw) -> float:
    """Dose rate at a distance by that at 1 m.

        point      F = (1 m / d)^2
        power-1.5  F = (1 m / d)^1.5
        line       F = (1 m / d) arctan(H / 2d) / arctan(H / 2 m),  on the axis through the middle of the line

    Parameters
    ----------
    distance : float                    From the middle of the patient [mm].
    law : DistanceLaw

    Neglected: attenuation in the patient beyond that of the dose rate at 1 m, scatter from walls and floor, where in the
    body the activity is. Close to the patient the point law is too high. Reference of the power: J. Cormack, J. Shearer,
    Phys. Med. Biol. 43 (1998) 501; of the line: integral of the inverse square.
    """
    if not (math.isfinite(distance) and distance >= CLOSEST):
        raise InputError(f"distance is {distance / METRE:g} m; {CLOSEST / METRE:g} m or more is allowed. Write it in metres.")
    d = distance / METRE
    if law.name == "line":
        H = law.height / METRE
        return math.atan(H / (2 * d)) / (d * math.atan(H / 2))
    return float(d ** (-2.0 if law.name == "point" else -1.5))
