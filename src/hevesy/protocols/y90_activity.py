"""Activity of Y-90 microspheres from body size or from one perfused mass, without a model of the tumour."""

from dataclasses import dataclass
from typing import NewType

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.nuclides import electron_energy_of_full_decay
from hevesy.protocols.facts import fact
from hevesy.protocols.first_order import positive, propagated, share

NUCLIDE = "Y-90"
RECIPE = "y90-radioembolisation"
CITATION = (
    "M. Weber et al., EANM procedure guideline for the treatment of liver cancer and liver metastases with intra-arterial "
    "radioactive compounds, Eur. J. Nucl. Med. Mol. Imaging 49 (2022) 1682"
)
DU_BOIS = 0.007184  # m2 from cm and kg: D. Du Bois, E. F. Du Bois, Arch. Intern. Med. 17 (1916) 863
HEIGHTS = (500.0, 2500.0)  # mm
WEIGHTS = (5.0, 350.0)  # kg

EnergyPerActivity = NewType("EnergyPerActivity", float)


def energy_per_activity() -> EnergyPerActivity:
    """Energy of all electrons of the full decay of Y-90 by its activity at the start, by ICRP 107 [J/Bq]: 49.77 J/GBq.

        E / A0 = Delta / lambda

    Neglected: bremsstrahlung that leaves the liver, less than 1 %; positrons of the 0+ transition.
    """
    return EnergyPerActivity(electron_energy_of_full_decay(NUCLIDE, u.GBq) / u.GBq)


def published_energy_per_activity() -> EnergyPerActivity:
    """The rounded constant of manuals and guidelines, 49.67 J/GBq, 0.2 % below ICRP 107 [J/Bq]."""
    return EnergyPerActivity(fact(RECIPE, "energy per activity").value)


def body_surface(*, height: float, weight: float) -> float:
    """Body surface area [m2].

        S = 0.007184 h^0.725 w^0.425,   h in cm, w in kg;   0.20247 with h in m

    Parameters
    ----------
    height : float                      [mm].
    weight : float                      [kg].

    Reference: D. Du Bois and E. F. Du Bois, Arch. Intern. Med. 17 (1916) 863.
    """
    if not HEIGHTS[0] <= height <= HEIGHTS[1]:
        raise InputError(f"height is {height / u.cm:g} cm; from 50 to 250 cm is allowed. Is it in metres?")
    if not WEIGHTS[0] <= weight <= WEIGHTS[1]:
        raise InputError(f"weight is {weight:g} kg; from 5 to 350 kg is allowed.")
    return float(DU_BOIS * (height / u.cm) ** 0.725 * weight**0.425)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceActivity:
    """Activity by body surface.

    Attributes
    ----------
    activity : Measured                 [Bq].
    surface : float                     Body surface area [m2].
    involvement : float                 Share of the liver that is tumour [1].
    reduction : float                   Share that is taken off for the lung shunt [1].
    """

    activity: Measured
    surface: float
    involvement: float
    reduction: float


def surface_activity(
    *,
    height: Measured,
    weight: Measured,
    tumour: Measured,
    liver: Measured,
    lung_shunt: Measured,
    treated_share: float = 1.0,
) -> SurfaceActivity:
    """Activity of resin microspheres by body surface area.

        A = (S - 0.2 + V_T / V_liver) f (1 - R)      [GBq], S in m2

    Parameters
    ----------
    height, weight : Measured           [mm], [kg].
    tumour, liver : Measured            Volume or mass of the tumour and of the whole liver with it, in one unit.
    lung_shunt : Measured               [1]. R is 0 below 10 %, 20 % to 15 %, 40 % to 20 %; above, treatment is refused.
    treated_share : float               f, share of the liver that is treated, by volume [1].

    f multiplies all; tumour and liver are those of the whole organ, and rules of single lobes that count the tumour by its
    lobe differ from this. An empirical rule: it knows no dose. A small patient with a large liver gets little, a large one
    with a small liver too much.
    Reference: SIR-Spheres instructions for use; Y. H. Kao et al., Ann. Nucl. Med. 25 (2011) 455.

    Raises
    ------
    InputError
        A body that is none, a tumour larger than the liver.
    ScopeError
        A lung shunt above that for which the rule holds.
    """
    if not 0 <= tumour.value < liver.value:
        raise InputError(f"tumour is {tumour.value:g}, the whole liver with it {liver.value:g}; 0 to below the liver is allowed.")
    if not 0 < treated_share <= 1:
        raise InputError(f"treated share of the liver is {treated_share:g}; above 0 and at most 1 is allowed.")
    reduction = shunt_reduction(lung_shunt.value)
    offset = fact(RECIPE, "body surface offset").value
    inputs = {"height": height, "weight": weight, "tumour": tumour, "liver": liver}
    activity = propagated(
        lambda x: (
            (body_surface(height=x["height"], weight=x["weight"]) - offset + x["tumour"] / x["liver"])
            * treated_share
            * (1 - reduction)
            * u.GBq
        ),
        inputs,
    )
    surface = body_surface(height=height.value, weight=weight.value)
    positive(activity.value / u.GBq, "activity by body surface", "GBq")
    return SurfaceActivity(activity=activity, surface=surface, involvement=tumour.value / liver.value, reduction=reduction)


def shunt_reduction(lung_shunt: float) -> float:
    """Share of the activity that is taken off for a lung shunt, by the manufacturer of resin microspheres [1]."""
    share(lung_shunt, "lung shunt")
    if lung_shunt > fact(RECIPE, "largest shunt").value:
        raise ScopeError(
            f"lung shunt is {100 * lung_shunt:g} %; above {100 * fact(RECIPE, 'largest shunt').value:g} % the rule by body "
            "surface allows no treatment. Look at the dose to the lungs by the partition model."
        )
    if lung_shunt > fact(RECIPE, "shunt of the second reduction").value:
        return fact(RECIPE, "second reduction").value
    if lung_shunt > fact(RECIPE, "shunt of the first reduction").value:
        return fact(RECIPE, "first reduction").value
    return 0.0


def single_compartment_dose(*, activity: Measured, lung_shunt: Measured, mass: Measured, energy: EnergyPerActivity) -> Measured:
    """Mean dose to the perfused volume, taken as one mass [Gy].

        D = E A (1 - L) / M

    Parameters
    ----------
    activity, lung_shunt, mass : Measured   A [Bq], L [1], M of the perfused volume, tumour and liver [kg].
    energy : float                      E, energy per activity [J/Bq]; see :func:`energy_per_activity`.

    Neglected: that tumour and liver do not share alike; energy that leaves. Reference: TheraSphere package insert.
    """
    positive(activity.value, "activity", "Bq")
    positive(mass.value, "perfused mass", "kg")
    share(lung_shunt.value, "lung shunt")
    return propagated(
        lambda x: energy * x["activity"] * (1 - x["lung shunt"]) / x["perfused mass"],
        {"activity": activity, "lung shunt": lung_shunt, "perfused mass": mass},
    )


def single_compartment_activity(*, dose: float, lung_shunt: Measured, mass: Measured, energy: EnergyPerActivity) -> Measured:
    """Activity for a mean dose to the perfused volume, A = D M / (E (1 - L)) [Bq]; see :func:`single_compartment_dose`."""
    positive(dose, "dose to the perfused volume", "Gy")
    positive(mass.value, "perfused mass", "kg")
    share(lung_shunt.value, "lung shunt")
    return propagated(
        lambda x: dose * x["perfused mass"] / (energy * (1 - x["lung shunt"])),
        {"lung shunt": lung_shunt, "perfused mass": mass},
    )
