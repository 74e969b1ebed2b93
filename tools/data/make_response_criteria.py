"""Write the thresholds of published response criteria, each with where its numbers come from."""

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "planning" / "data"
COLUMNS = (
    "criteria", "quantity", "response_change", "progression_change", "least_step", "new_lesions", "source", "how", "valid_from",
    "not_claimed",
)  # fmt: skip
RECIP = (
    "A. Gafita et al., Novel framework for treatment response evaluation using PSMA PET/CT in patients with metastatic "
    "castration-resistant prostate cancer (RECIP 1.0), J Nucl Med 2022;63:1651-1658"
)
RECIST = "E. A. Eisenhauer et al., RECIST 1.1, Eur J Cancer 2009;45:228-247: 30 % less and 20 % more in diameter, of a sphere"
PERCIST = "R. L. Wahl et al., From RECIST to PERCIST, J Nucl Med 2009;50(Suppl 1):122S-150S"
ROWS = (
    # A response needs no new lesion. "needed": progression is the increase together with a new lesion. "enough": either.
    (
        "RECIP 1.0", "total lesion volume", -0.30, 0.20, "", "needed", RECIP, "recalled", "2022-11-01",
        "Made for the PSMA-positive volume of a PET at 12 weeks; not for volumes on therapy scans or other tracers.",
    ),
    (
        "RECIST 1.1 in volume", "total lesion volume", round(0.7**3 - 1, 3), round(1.2**3 - 1, 3), "", "enough", RECIST,
        "derived", "2009-01-01",
        "RECIST is the sum of diameters of at most five lesions on CT; the cube of its thresholds holds for spheres.",
    ),
    (
        "PERCIST 1.0", "SULpeak", -0.30, 0.30, "0.8", "enough", PERCIST, "secondary", "2009-05-01",
        "Made for FDG. The rise of total lesion glycolysis and the normalisation of all lesions are not evaluated.",
    ),
)  # fmt: skip


def main() -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(ROWS)
    write_table(
        FOLDER,
        "response_criteria",
        out.getvalue(),
        {
            "title": "Thresholds of response criteria",
            "source": f"{RECIP}; {RECIST}; {PERCIST}",
            "edition": "2022",
            "licence": "published facts, taken with citation",
            "note": "how: read, secondary, derived or recalled; what is recalled prints as unverified.",
        },
        made_by="make_response_criteria.py",
    )


if __name__ == "__main__":
    main()
