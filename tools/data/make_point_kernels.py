"""Rebuild the point kernels of electrons and photons by Hevesy's own Monte Carlo.

    python tools/data/make_point_kernels.py [MEDIUM ...]

Takes some five to ten minutes a medium on one core.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from certify import write_table

from hevesy.materials import load_material
from hevesy.transport.bremsstrahlung import thick_target_photons
from hevesy.transport.point_kernels import ELECTRON_RADII, PHOTON_RADII, RadialKernel, electron_kernel, photon_kernel

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "dose" / "data"
MEDIA = ("soft", "lung", "bone", "water")
ELECTRON_ENERGIES = np.geomspace(0.01, 12.0, 36)
PHOTON_ENERGIES = np.geomspace(0.004, 12.0, 48)
PHOTON_EDGES = np.geomspace(1e-3, 12.0, 55)
ELECTRON_HISTORIES, PHOTON_HISTORIES = 100_000, 300_000
SEED = 177

CERTIFICATE = {
    "edition": "1",
    "licence": "Apache-2.0",
    "source": "Hevesy's own Monte Carlo: docs, theory, transport; cross sections of NIST, see the tables of materials",
}


def kernel(task: tuple[str, str, float]) -> RadialKernel:
    """One particle, one energy."""
    medium, particle, energy = task
    material = load_material(medium)
    if particle == "electron":
        return electron_kernel(material, energy, histories=ELECTRON_HISTORIES, seed=SEED)
    return photon_kernel(material, energy, histories=PHOTON_HISTORIES, seed=SEED)


def row(particle: str, energy: str, scale: str, radiated: str, values: list[str]) -> str:
    return ",".join([particle, energy, scale, radiated, *values])


def build(medium: str) -> None:
    tasks = [(medium, "electron", float(E)) for E in ELECTRON_ENERGIES] + [(medium, "photon", float(E)) for E in PHOTON_ENERGIES]
    lines = [row("particle", "energy_MeV", "scale_g_per_cm2", "radiated", [f"c_{k:03d}" for k in range(ELECTRON_RADII.size)])]
    for particle, radii in (("electron", ELECTRON_RADII), ("photon", PHOTON_RADII)):
        lines.append(row(f"grid_{particle}", "", "", "", [f"{x:.6g}" for x in radii]))
    with ProcessPoolExecutor(2) as pool:
        for (_, particle, energy), found in zip(tasks, pool.map(kernel, tasks), strict=True):
            print(f"{medium} {particle} {energy:.4g} MeV: largest u {found.u.max():.2e}", flush=True)
            lines.append(
                row(
                    particle, f"{energy:.8g}", f"{found.scale:.7g}", f"{found.radiated:.6g}", [f"{c:.6g}" for c in found.absorbed]
                )
            )
    title = f"Point kernels of electrons and photons in {load_material(medium).title}"
    histories = f"{ELECTRON_HISTORIES} electrons and {PHOTON_HISTORIES} photons an energy, seed {SEED}"
    note = f"{histories}; rows grid_* hold the radii by scale."
    write_table(
        FOLDER, f"point_kernels_{medium}", "\n".join(lines) + "\n", CERTIFICATE | {"title": title, "note": note},
        made_by="make_point_kernels.py",
    )  # fmt: skip
    bremsstrahlung(medium)


def bremsstrahlung(medium: str) -> None:
    material = load_material(medium)
    made = thick_target_photons(material, ELECTRON_ENERGIES, PHOTON_EDGES)
    middle = np.sqrt(PHOTON_EDGES[1:] * PHOTON_EDGES[:-1])
    lines = ["electron_energy_MeV,photon_energy_MeV,photons_per_electron"]
    for energy, photons in zip(ELECTRON_ENERGIES, made, strict=True):
        lines += [f"{energy:.8g},{k:.6g},{n:.5g}" for k, n in zip(middle, photons, strict=True) if n > 0]
    write_table(
        FOLDER, f"point_kernels_bremsstrahlung_{medium}", "\n".join(lines) + "\n",
        CERTIFICATE | {"title": f"Bremsstrahlung of electrons that stop in {material.title}"}, made_by="make_point_kernels.py",
    )  # fmt: skip


if __name__ == "__main__":
    for name in sys.argv[1:] or MEDIA:
        build(name)
