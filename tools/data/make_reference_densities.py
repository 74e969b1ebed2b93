"""Rebuild the table of tissue densities and typical CT numbers."""

from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"

ICRU = "ICRU Report 44 (1989)"
ICRU46 = "ICRU Report 46 (1992)"
OWN = "computed: composition of the same source, XCOM attenuation at 70 keV"
MUSCLE = "computed: composition of skeletal muscle at this density, XCOM attenuation at 70 keV"
EXACT = "definition of the Hounsfield scale"

# (tissue, density [g/ml], its source, typical CT number [HU], its source)
ROWS = [
    ("air", 1.205e-3, ICRU, -1000, EXACT),
    ("lung", 0.26, ICRU, -741, OWN),
    ("adipose tissue", 0.95, ICRU, -78, OWN),
    ("water", 1.00, ICRU, 0, EXACT),
    ("red marrow", 1.03, ICRU46, 10, OWN),
    ("soft tissue", 1.04, "ORNL/TM-8381 (1987), Cristy and Eckerman, stylised adult", 33, MUSCLE),
    ("muscle", 1.05, ICRU, 43, OWN),
    ("kidney", 1.05, ICRU46, 44, OWN),
    ("liver", 1.06, ICRU46, 53, OWN),
    ("spleen", 1.06, ICRU46, 55, OWN),
    ("blood", 1.06, ICRU, 56, OWN),
    ("spongiosa", 1.18, ICRU46, 297, OWN),
    ("cortical bone", 1.92, ICRU, 1578, OWN),
]

CERTIFICATE = {
    "title": "Densities of adult tissues",
    "source": "ICRU Reports 44 and 46; ORNL/TM-8381; each row names its own",
    "edition": "1987 to 1992",
    "licence": "published facts, taken with citation",
    "note": "CT numbers are typical ones at about 120 kV: 1000 (mu / mu_water - 1) at an effective energy of "
    "70 keV. A scanner's own differ by its filter and calibration, bone most.",
}


def content() -> str:
    lines = ["tissue,density_g_per_ml,density_source,hounsfield_HU,hounsfield_source"]
    lines += [f'{tissue},{rho},"{source}",{hu},"{origin}"' for tissue, rho, source, hu, origin in ROWS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_table(FOLDER, "reference_densities", content(), CERTIFICATE, made_by=Path(__file__).name)
