"""Reference densities of tissues."""

from dataclasses import dataclass
from functools import cache

from hevesy.errors import InputError
from hevesy.tables import load_table

TABLE = "reference_densities"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """A tissue's density [g/ml] and its typical CT number at about 120 kV [HU], each with its source."""

    name: str
    density: float
    density_source: str
    hounsfield: float
    hounsfield_source: str


@cache
def reference_densities() -> dict[str, Tissue]:
    """Density and CT number of reference tissues by name, for what has no CT and for virtual patients."""
    return {
        row["tissue"]: Tissue(
            name=row["tissue"],
            density=float(row["density_g_per_ml"]),
            density_source=row["density_source"],
            hounsfield=float(row["hounsfield_HU"]),
            hounsfield_source=row["hounsfield_source"],
        )
        for row in load_table("hevesy.materials", TABLE).rows
    }


def reference_tissue(name: str) -> Tissue:
    """The reference tissue ``name``; an unknown one is an :class:`InputError`."""
    tissues = reference_densities()
    if name not in tissues:
        raise InputError(f"tissue {name!r} has no reference density. Known are {', '.join(tissues)}.")
    return tissues[name]
