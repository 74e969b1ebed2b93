"""Rebuild the table of density by CT number from the published coefficients."""

from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"

# (above [HU], up to [HU], density at 0 HU [g/ml], slope [g/ml/HU]).  The second row joins air at -1000 HU and
# the lightest adipose tissue at -98 HU by a straight line.
AIR, LIGHTEST_FAT = 1.21e-3, 0.93
SLOPE = (LIGHTEST_FAT - AIR) / (1000 - 98)
ROWS = [
    (-32768, -1000, AIR, 0.0),
    (-1000, -98, AIR + 1000 * SLOPE, SLOPE),
    (-98, 14, 1.018, 0.893e-3),
    (14, 23, 1.03, 0.0),
    (23, 100, 1.003, 1.169e-3),
    (100, 3000, 1.017, 0.592e-3),
]

CERTIFICATE = {
    "title": "Mass density by CT number",
    "source": "W. Schneider, T. Bortfeld, W. Schlegel: Correlation between CT numbers and tissue parameters "
    "needed for Monte Carlo simulations of clinical dose distributions. Phys. Med. Biol. 45 (2000) 459-478",
    "edition": "2000",
    "doi": "10.1088/0031-9155/45/2/314",
    "licence": "published facts, taken with citation",
    "note": "The relation as published jumps at 14, 23 and 100 HU. Air below -1000 HU and the end at 3000 HU "
    "are added here: the relation is for tissue, not for metal.",
}


def content() -> str:
    lines = ["above_HU,up_to_HU,density_at_zero_g_per_ml,slope_g_per_ml_per_HU"]
    lines += [",".join(repr(value) for value in row) for row in ROWS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_table(FOLDER, "hounsfield_density", content(), CERTIFICATE, made_by=Path(__file__).name)
