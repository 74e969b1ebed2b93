"""Rebuild the table of the virtual patient's true doses by Hevesy's own Monte Carlo on its true maps.

    python tools/data/make_virtual_patient_doses.py

Takes some five minutes a cycle on two cores.
"""

from pathlib import Path

import numpy as np
from certify import write_table

from hevesy.dose import EngineSettings, engine
from hevesy.imaging import dotatate_torso, true_maps
from hevesy.nuclides import load_nuclide

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "imaging" / "data"
SPACING, UNCERTAINTY, SEED, CYCLES = 2.5, 0.001, 177, (1, 2)

CERTIFICATE = {
    "title": "Mean absorbed dose of the virtual patient's sources for Lu-177, by that of local deposition",
    "source": "Hevesy's own Monte Carlo on the true maps of the virtual patient: docs, theory, transport",
    "edition": "2",
    "licence": "Apache-2.0",
    "note": f"Voxels of {SPACING} mm, statistical u of {100 * UNCERTAINTY:g} % or less, seed {SEED}. Both doses by the same "
    "voxels and shares, so that the ratio is that of the physics.",
}


def content() -> str:
    lines = ["cycle,source,dose_by_local_deposition,u"]
    for cycle in CYCLES:
        lines += rows(cycle)
    return "\n".join(lines) + "\n"


def rows(cycle: int) -> list[str]:
    maps, nuclide = true_maps(dotatate_torso(cycle=cycle), SPACING), load_nuclide("Lu-177")
    masks = [share > 0.5 for share in maps.fractions.values()]
    settings = EngineSettings(uncertainty=UNCERTAINTY, seed=SEED, threads=2)
    found = engine("montecarlo", settings).absorbed_dose(maps.tia, maps.density, nuclide, regions=masks)
    local = engine("local").absorbed_dose(maps.tia, maps.density, nuclide)
    mass = maps.density.values.astype(np.float64)
    # The local engine has a floor of the mass: take its energy, not its dose, where air is thinner.
    floor = np.maximum(mass, 0.1)
    lines = []
    for (name, share), u in zip(maps.fractions.items(), found.region_u, strict=True):
        ratio = float(np.sum(found.dose.values * mass * share)) / float(np.sum(local.dose.values * floor * share))
        lines.append(f"{cycle},{name},{ratio:.5f},{u * ratio:.2g}")
    return lines


if __name__ == "__main__":
    write_table(FOLDER, "virtual_patient_doses", content(), CERTIFICATE, made_by="make_virtual_patient_doses.py")
