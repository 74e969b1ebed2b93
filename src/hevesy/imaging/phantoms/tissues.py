"""Tissues of phantoms, and the material that photons meet in each tissue."""

from hevesy.errors import InputError
from hevesy.imaging.torso import (
    ADIPOSE,
    AIR,
    BLOOD,
    BOWEL,
    COMPACT,
    KIDNEY,
    LIVER,
    LUNG,
    MUSCLE,
    SCLEROTIC,
    SPLEEN,
    SPONGIOSA,
    TUMOUR,
    URINE,
    Tissue,
)

WATER = Tissue(density=0.998, hounsfield=0.0)
# Acrylic of walls and rods: density of ICRU Report 37, CT number as scanners show it at 120 kV (round).
PMMA = Tissue(density=1.19, hounsfield=120.0)
# What fills the lung insert of the NEMA IEC body: NEMA NU 2 asks for 0.30 +- 0.10 g/ml.
FOAM = Tissue(density=0.30, hounsfield=-700.0)

_MATERIALS = {
    AIR: "air", LUNG: "lung", ADIPOSE: "adipose", MUSCLE: "muscle", BLOOD: "blood", LIVER: "soft", SPLEEN: "soft",
    KIDNEY: "soft", URINE: "water", BOWEL: "soft", SPONGIOSA: "bone", COMPACT: "bone", TUMOUR: "soft", SCLEROTIC: "bone",
    WATER: "water", PMMA: "PMMA", FOAM: "polystyrene",
}  # fmt: skip


def material_of(tissue: Tissue) -> str:
    """Name of the material in :mod:`hevesy.materials` whose cross sections a tissue takes; its density stays its own."""
    if tissue not in _MATERIALS:
        raise InputError(f"the tissue of density {tissue.density} g/ml has no material. Add it to the tissues of phantoms.")
    return _MATERIALS[tissue]
