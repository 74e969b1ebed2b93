"""What somebody states about a tomographic acquisition where its header is silent or wrong."""

from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import EnergyWindow

# Oddities that change numbers, by the word that accepts them.
ACCEPTABLE = ("rescale", "saturated", "duplicates", "arc", "empty", "decayed", "mirrored", "views", "tilt")
DIRECTIONS = ("CW", "CC")
LYING = ("HFP", "FFS", "FFP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Statements that win over the header; empty or None where nothing is stated.

    Attributes
    ----------
    start_angles : tuple of float       One a detector, as (0054,0200) means it [degrees].
    direction : str                     "CW" (decreasing angle) or "CC", as (0018,1140) means it.
    step : float or None                Between views [degrees].
    radius : float or None              From the axis of rotation to the collimator's face [mm].
    centre : (x, y, z) or None          Where axis of rotation and middle row meet, LPS [mm].
    view_duration : float or None       [s].
    pixel : (row, column) or None       Distance of rows and of columns [mm].
    windows : tuple of EnergyWindow     In the order of (0054,0012).
    lying : str                         How the patient lay, of ``LYING``, where angles and views are those of the gantry and not
                                        of the patient; "" where they are those of the patient.
    bed_offsets : tuple of float        One a rotation: how far it lies towards the head from the first [mm].
    accept : frozenset of str           Oddities to go on with, of ``ACCEPTABLE``.
    """

    start_angles: tuple[float, ...] = ()
    direction: str = ""
    step: float | None = None
    radius: float | None = None
    centre: tuple[float, float, float] | None = None
    view_duration: float | None = None
    pixel: tuple[float, float] | None = None
    windows: tuple[EnergyWindow, ...] = ()
    lying: str = ""
    bed_offsets: tuple[float, ...] = ()
    accept: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        unknown = sorted(self.accept - set(ACCEPTABLE))
        if unknown:
            raise InputError(f"accept = {', '.join(unknown)} is not known; allowed: {', '.join(ACCEPTABLE)}.")
        if self.direction not in ("", *DIRECTIONS):
            raise InputError(f"direction is {self.direction!r}; allowed: CW (decreasing angle), CC (increasing angle).")
        if self.lying not in ("", *LYING):
            raise InputError(
                f"lying is {self.lying!r}; allowed: {', '.join(LYING)}, or nothing where views are those of the patient."
            )
        for name in ("step", "radius", "view_duration"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1e5:
                raise InputError(f"{name} is {value}; it must be above zero.")
        if self.pixel is not None and min(self.pixel) <= 0:
            raise InputError(f"pixel is {self.pixel} mm; both sides must be above zero.")


NOTHING_STATED = Stated()
