"""Y-90 radioembolisation with several tumours or segments and several injections."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.first_order import between, positive, propagated, share
from hevesy.protocols.y90_activity import EnergyPerActivity
from hevesy.protocols.y90_radioembolisation import LUNGS, MASSES, ConcentrationRatio


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """Something that an injection perfuses: a tumour, a segment.

    Attributes
    ----------
    name : str                          One name is one tissue, whichever injection reaches it.
    mass : Measured                     That this injection perfuses [kg].
    ratio : ConcentrationRatio          To the normal liver of the same injection.
    """

    name: str
    mass: Measured
    ratio: ConcentrationRatio

    def __post_init__(self) -> None:
        if not isinstance(self.ratio, ConcentrationRatio):
            raise InputError(
                f"{self.name}: a ratio of concentrations is needed; got {type(self.ratio).__name__}. A ratio of activities "
                "becomes one with the masses: concentration_ratio()."
            )
        between(self.mass.value, MASSES["tumour_mass"], f"mass of {self.name}", "kg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One injection into one artery.

    Attributes
    ----------
    name : str
    activity : Measured                 [Bq].
    liver_mass : Measured               Normal liver that it perfuses [kg].
    lung_shunt : Measured               Of this injection [1].
    compartments : tuple of Compartment
    """

    name: str
    activity: Measured
    liver_mass: Measured
    lung_shunt: Measured
    compartments: tuple[Compartment, ...]

    def __post_init__(self) -> None:
        positive(self.activity.value, f"activity of {self.name}", "Bq")
        between(self.liver_mass.value, MASSES["liver_mass"], f"normal liver of {self.name}", "kg")
        share(self.lung_shunt.value, f"lung shunt of {self.name}")
        names = [part.name for part in self.compartments]
        if len(set(names)) < len(names):
            raise InputError(f"{self.name}: two compartments have one name; got {', '.join(names)}. Name each tumour once.")


def compartment_doses(
    injections: tuple[Injection, ...], *, lung_mass: Measured, energy: EnergyPerActivity
) -> dict[str, Measured]:
    """Mean dose by compartment, by normal liver of each injection and to the lungs, over all injections [Gy].

        D_N,i = E A_i (1 - L_i) / (M_N,i + sum_k r_ik M_ik),   D_k = sum_i r_ik D_N,i M_ik / M_k,   D_lung = E sum_i A_i L_i / M

    Parameters
    ----------
    injections : tuple of Injection
    lung_mass : Measured                [kg].
    energy : float                      E [J/Bq].

    Returns
    -------
    dict                                "Normal liver of NAME", the names of compartments, "Lungs". A tissue that two injections
                                        reach has the sum of the energies by the sum of the masses that they perfuse.

    Energies add up: sum of dose times mass is E times the activity. Neglected: cross-fire, dose within a compartment that is
    not alike; masses perfused twice. Reference: as the partition model (Ho 1996), injection by injection.
    """
    if not injections:
        raise InputError("no injection is given; give one at least.")
    if len({injection.name for injection in injections}) < len(injections):
        raise InputError("two injections have one name. Name each once.")
    between(lung_mass.value, MASSES["lung_mass"], "lung mass", "kg")
    inputs = {"lung mass": lung_mass}
    for i in injections:
        inputs |= {f"{i.name}: activity": i.activity, f"{i.name}: liver": i.liver_mass, f"{i.name}: shunt": i.lung_shunt}
        for part in i.compartments:
            inputs |= {f"{i.name}: {part.name}, mass": part.mass, f"{i.name}: {part.name}, ratio": part.ratio.value}

    def normal(i: Injection, x: Mapping[str, float]) -> float:
        weighed = sum(x[f"{i.name}: {p.name}, ratio"] * x[f"{i.name}: {p.name}, mass"] for p in i.compartments)
        return energy * x[f"{i.name}: activity"] * (1 - x[f"{i.name}: shunt"]) / (x[f"{i.name}: liver"] + weighed)

    def tissue(name: str, x: Mapping[str, float]) -> float:
        reached = [(i, p) for i in injections for p in i.compartments if p.name == name]
        masses = [x[f"{i.name}: {name}, mass"] for i, _ in reached]
        energies = [normal(i, x) * x[f"{i.name}: {name}, ratio"] * m for (i, _), m in zip(reached, masses, strict=True)]
        return sum(energies) / sum(masses)

    def lungs(x: Mapping[str, float]) -> float:
        return energy * sum(x[f"{i.name}: activity"] * x[f"{i.name}: shunt"] for i in injections) / x["lung mass"]

    doses = {f"Normal liver of {i.name}": propagated(partial(normal, i), inputs) for i in injections}
    for name in dict.fromkeys(part.name for i in injections for part in i.compartments):
        doses[name] = propagated(partial(tissue, name), inputs)
    doses[LUNGS] = propagated(lungs, inputs)
    return doses
