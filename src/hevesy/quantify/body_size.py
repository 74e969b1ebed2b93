"""Body size by which an uptake is normalised: weight, lean body mass, body surface area."""

import math
from dataclasses import dataclass
from enum import StrEnum

from hevesy.errors import InputError, ScopeError
from hevesy.units import cm, g, kg

# Outside, the unit is the likelier explanation: grams, pounds, metres.
PLAUSIBLE_WEIGHT = (0.5 * kg, 400 * kg)
PLAUSIBLE_HEIGHT = (30 * cm, 250 * cm)


class Normalisation(StrEnum):
    """By what an SUV is normalised; the words are those of the command line."""

    BW = "bw"
    LBM_JAMES = "lbm-james"
    LBM_JANMA = "lbm-janma"
    BSA = "bsa"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySize:
    """A body size with what it is.

    Attributes
    ----------
    value : float                       Mass [g], or surface [cm2]: the units in which SUV is defined.
    unit : str                          Of the SUV that it makes: "g/ml" or "cm2/ml".
    text, source : str                  What it is, and its reference.
    """

    normalisation: Normalisation
    value: float
    unit: str
    text: str
    source: str


SOURCES = {
    Normalisation.BW: "DICOM PS3.3 C.8.9.1.1.3, QIBA FDG-PET/CT profile",
    Normalisation.LBM_JAMES: "James, Research on Obesity, HMSO 1976, as in Tahari et al., J Nucl Med 2014;55:1481-1484 "
    "(DICOM SUV Type LBMJAMES128)",
    Normalisation.LBM_JANMA: "Janmahasatian et al., Clin Pharmacokinet 2005;44:1051-1065",
    Normalisation.BSA: "Du Bois and Du Bois, Arch Intern Med 1916;17:863-871",
}


def lean_body_mass_james(*, weight: float, height: float, sex: str) -> float:
    """Lean body mass by James [kg].

        men    LBM = 1.10 W - 128 (W / H)^2          women  LBM = 1.07 W - 148 (W / H)^2       W in kg, H in cm

    ``weight`` [kg], ``height`` [mm], ``sex`` "M" or "F". Reference: James 1976. Neglected: everything but sex, weight
    and height; for high body mass the parabola turns down (Tahari et al., J Nucl Med 2014;55:1481-1484).

    Raises
    ------
    ScopeError
        The formula falls with weight there: the body is too heavy for it.
    """
    a, b = (1.10, 128.0) if _male(sex) else (1.07, 148.0)
    W, H = _checked_weight(weight) / kg, _checked_height(height) / cm
    heaviest = a * H * H / (2 * b)
    if heaviest < W:
        raise ScopeError(
            f"lean body mass by James: at {H:.0f} cm it falls with weight above {heaviest:.0f} kg; got {W:.0f} kg. "
            "Normalise by lbm-janma instead."
        )
    return a * W - b * (W / H) ** 2


def lean_body_mass_janmahasatian(*, weight: float, height: float, sex: str) -> float:
    """Fat-free mass by Janmahasatian [kg].

        men    FFM = 9270 W / (6680 + 216 BMI)       women  FFM = 9270 W / (8780 + 244 BMI)    W in kg, BMI in kg/m2

    ``weight`` [kg], ``height`` [mm], ``sex`` "M" or "F". Reference: Janmahasatian et al., Clin Pharmacokinet
    2005;44:1051-1065. Neglected: everything but sex, weight and height.

    Raises
    ------
    ScopeError
        The body is so slim that the formula exceeds its weight.
    """
    W, H = _checked_weight(weight) / kg, _checked_height(height) / 1000.0
    a, b = (6680.0, 216.0) if _male(sex) else (8780.0, 244.0)
    mass = 9270.0 * W / (a + b * W / (H * H))
    if mass > W:
        raise ScopeError(
            f"fat-free mass by Janmahasatian is {mass:.1f} kg at {W:.1f} kg and {100 * H:.0f} cm: above the weight. The formula "
            "is for adults of BMI above 12; check weight and height, or normalise by bw."
        )
    return mass


def body_surface_area(*, weight: float, height: float) -> float:
    """Body surface by Du Bois [m2].

        BSA = 0.007184 W^0.425 H^0.725                W in kg, H in cm

    ``weight`` [kg], ``height`` [mm]. Reference: Du Bois and Du Bois, Arch Intern Med 1916;17:863-871. Neglected: it was
    fitted to nine people.
    """
    W, H = _checked_weight(weight) / kg, _checked_height(height) / cm
    return 0.007184 * math.pow(W, 0.425) * math.pow(H, 0.725)


def body_size(normalisation: Normalisation, *, weight: float, height: float | None = None, sex: str = "") -> BodySize:
    """The size that ``normalisation`` means; ``weight`` [kg], ``height`` [mm], ``sex`` "M" or "F".

    Raises
    ------
    InputError
        Height or sex is needed and missing, or a size that no body has.
    ScopeError
        The formula does not hold for this body.
    """
    normalisation = Normalisation(normalisation)  # a word of the table or the command line will do
    if normalisation is Normalisation.BW:
        return _size(normalisation, _checked_weight(weight) / g, "g/ml", "body weight")
    if height is None:
        raise InputError(
            f"normalisation {normalisation.value}: (0010,1020) Patient's Size is missing. State --height, or normalise by bw."
        )
    if normalisation is Normalisation.BSA:
        surface = body_surface_area(weight=weight, height=height) * 1e4
        return _size(normalisation, surface, "cm2/ml", "body surface area by Du Bois")
    if normalisation is Normalisation.LBM_JAMES:
        mass = lean_body_mass_james(weight=weight, height=height, sex=sex)
        return _size(normalisation, mass / g, "g/ml", "lean body mass by James")
    mass = lean_body_mass_janmahasatian(weight=weight, height=height, sex=sex)
    return _size(normalisation, mass / g, "g/ml", "lean body mass by Janmahasatian")


def _size(normalisation: Normalisation, value: float, unit: str, text: str) -> BodySize:
    return BodySize(normalisation=normalisation, value=value, unit=unit, text=text, source=SOURCES[normalisation])


def _male(sex: str) -> bool:
    if sex.upper() not in ("M", "F"):
        raise InputError(
            f"lean body mass needs (0010,0040) Patient's Sex M or F; got {sex or 'none'!r}. State --sex, or normalise by bw."
        )
    return sex.upper() == "M"


def _checked_weight(weight: float) -> float:
    low, high = PLAUSIBLE_WEIGHT
    if not low <= weight <= high:
        raise InputError(f"body weight is {weight / kg:g} kg; {low:g} to {high:g} kg is plausible. Check its unit.")
    return weight


def _checked_height(height: float) -> float:
    low, high = PLAUSIBLE_HEIGHT
    if not low <= height <= high:
        raise InputError(
            f"body height is {height / cm:g} cm; {low / cm:g} to {high / cm:g} cm is plausible. Check its unit: DICOM holds m."
        )
    return height
