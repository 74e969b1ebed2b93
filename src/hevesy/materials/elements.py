"""Atomic data of the elements."""

from dataclasses import dataclass
from functools import cache

from hevesy.errors import InputError
from hevesy.tables import load_table

TABLE = "elements"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element.

    Attributes
    ----------
    Z : int                             Atomic number.
    symbol : str                        "Ca".
    atomic_weight : float               [g/mol].
    mean_excitation_energy : float      Of the pure element, ICRU Report 37 [eV].
    compound_excitation_energy : float  Of the element bound in a liquid or solid, for Bragg additivity [eV].
    K_edge : float                      [MeV]; 0 below sodium, where it lies under 1 keV.
    K_yield : float                     K X rays for each vacancy in the K shell [1].
    K_energy : float                    Mean energy of a K X ray [MeV].
    """

    Z: int
    symbol: str
    atomic_weight: float
    mean_excitation_energy: float
    compound_excitation_energy: float
    K_edge: float
    K_yield: float
    K_energy: float


def element(Z: int) -> Element:
    """Atomic data of the element of atomic number ``Z``, 1 to 92; another one is an :class:`InputError`."""
    known = elements()
    if Z not in known:
        raise InputError(f"atomic number {Z} has no data. Known are {min(known)} to {max(known)}. Give another element.")
    return known[Z]


def atomic_weight(Z: int) -> float:
    """Standard atomic weight [g/mol] of the element of atomic number ``Z``."""
    return element(Z).atomic_weight


@cache
def elements() -> dict[int, Element]:
    """All elements with atomic data, by atomic number."""
    return {
        int(row["Z"]): Element(
            Z=int(row["Z"]),
            symbol=row["symbol"],
            atomic_weight=float(row["atomic_weight"]),
            mean_excitation_energy=float(row["I_eV"]),
            compound_excitation_energy=float(row["I_compound_eV"]),
            K_edge=float(row["K_edge_keV"]) * 1e-3,
            K_yield=float(row["K_yield"]),
            K_energy=float(row["K_mean_keV"]) * 1e-3,
        )
        for row in load_table("hevesy.materials", TABLE).rows
    }
