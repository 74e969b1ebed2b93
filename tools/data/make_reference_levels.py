"""Write the diagnostic reference levels of nuclear medicine as rules by country and date."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protection" / "data"
MADE_BY = "make_reference_levels.py"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")
COLUMNS = (
    "country", "procedure", "people", "tracer", "rule", "level_MBq", "level_MBq_per_kg", "slope_MBq_per_kg", "weight_kg",
    "age_years", "level_is", "test", "minimum_number", "remark", *CLOSING,
)  # fmt: skip

FRANCE = "French order of 24 October 2011 on diagnostic reference levels"
# Repealed by the order of 23 May 2019 in the Journal officiel of 30 May 2019; its successor is decision 2019-DC-0667.
FRANCE_ENDS = "2019-05-30"
FRANCE_TEST = "minimum number and median are those of the later decision 2019-DC-0667; its own levels are not in this table"
FRENCH_ADULTS = (
    ("bone", "Tc-99m MDP", 700), ("lung perfusion", "Tc-99m MAA", 240), ("thyroid I-123", "I-123 iodide", 10),
    ("thyroid Tc-99m", "Tc-99m pertechnetate", 80), ("heart MIBI one day, first injection", "Tc-99m MIBI", 300),
    ("heart MIBI one day, second injection", "Tc-99m MIBI", 800), ("heart thallium, first injection", "Tl-201 chloride", 110),
    ("heart thallium, second injection", "Tl-201 chloride", 40), ("ventriculography", "Tc-99m RBC", 850),
    ("kidney MAG3", "Tc-99m MAG3", 200), ("kidney DTPA", "Tc-99m DTPA", 370), ("brain ECD", "Tc-99m ECD", 800),
    ("brain HMPAO", "Tc-99m HMPAO", 500), ("FDG", "F-18 FDG", 350),
)  # fmt: skip
FRENCH_WEIGHTS = (3.5, 10.0, 20.0, 30.0, 40.0)
FRENCH_CHILDREN = (
    ("bone", "Tc-99m MDP", (40, 95, 170, 240, 310)), ("lung perfusion", "Tc-99m MAA", (10, 15, 30, 40, 50)),
    ("kidney MAG3", "Tc-99m MAG3", (15, 25, 35, 45, 50)), ("ventriculography", "Tc-99m RBC", (80, 150, 270, 400, 500)),
    ("brain HMPAO", "Tc-99m HMPAO", (100, 140, 250, 355, 460)), ("FDG", "F-18 FDG", (15, 40, 70, 100, 125)),
    ("brain ECD", "Tc-99m ECD", (110, 110, 155, 220, 285)),
)  # fmt: skip
JAPAN = "H. Watanabe et al., Ann Nucl Med 2016;30:435-444"
JAPAN_REMARK = (
    "75th percentile of the survey of 2014 and 2015, not the reference level itself; levels were set in 2015 and revised in "
    "2020 and 2025; at least 20 patients of standard size: K. Abe et al., Ann Nucl Med 2020;34:799-806"
)
JAPANESE = (
    ("bone MDP", "Tc-99m MDP", 932), ("bone HMDP", "Tc-99m MDP", 937), ("brain HMPAO", "Tc-99m HMPAO", 763),
    ("brain ECD", "Tc-99m ECD", 775), ("brain IMP", "I-123 amphetamine", 200), ("heart tetrofosmin", "Tc-99m tetrofosmin", 831),
    ("heart MIBI", "Tc-99m MIBI", 818), ("heart thallium", "Tl-201 chloride", 180),
    ("FDG produced in house", "F-18 FDG", 235), ("FDG delivered", "F-18 FDG", 252),
)  # fmt: skip
JAPAN_2025 = "J-RIME, Japan DRLs 2025, 7 July 2025"
JAPAN_2025_REMARK = (
    "from one transcription that quotes the line of the report; median of at least 20 patients of standard size, as for the "
    "levels of 2020: K. Abe et al., Ann Nucl Med 2020;34:799-806"
)
JAPANESE_2025 = (
    ("bone MDP", "Tc-99m MDP", 930), ("bone HMDP", "Tc-99m MDP", 930), ("brain ECD, rest or stress", "Tc-99m ECD", 800),
    ("brain ECD, rest and stress", "Tc-99m ECD", 1100), ("brain IMP, rest or stress", "I-123 amphetamine", 200),
    ("brain IMP, rest and stress", "I-123 amphetamine", 270), ("heart tetrofosmin, rest or stress", "Tc-99m tetrofosmin", 840),
    ("heart tetrofosmin, rest and stress", "Tc-99m tetrofosmin", 1200), ("heart MIBI, rest or stress", "Tc-99m MIBI", 840),
    ("heart MIBI, rest and stress", "Tc-99m MIBI", 1200), ("lung perfusion", "Tc-99m MAA", 260),
    ("thyroid Tc-99m", "Tc-99m pertechnetate", 240), ("tumour and inflammation", "Ga-67 citrate", 120),
    ("FDG produced in house", "F-18 FDG", 240), ("FDG delivered", "F-18 FDG", 240),
)  # fmt: skip
KOREA = "Diagnostic reference levels for adult nuclear medicine imaging in Korea, Nucl Med Mol Imaging 2019 (s13139-019-00585-y)"
KOREA_REMARK = "75th percentile of a survey of 2013 and 2014; from one paper that cites it, which states no minimum number"
GERMANY = "BfS, announcement of 15 June 2021, BAnz AT 06.07.2021 B4"
BRITAIN = "L. Fraser, N. Parkar, A. Powell, M. Richardson, Nucl Med Commun 2025;46:379-383"


def _rows() -> Iterator[tuple[Any, ...]]:
    for procedure, tracer, level in FRENCH_ADULTS:
        yield ("FR", procedure, "adults", tracer, "fixed", level, "", "", "", "", "level of the order", "median", 30,
               FRANCE_TEST, FRANCE, "annex", "2011", "2011-10-24", FRANCE_ENDS, "read")  # fmt: skip
    for procedure, tracer, levels in FRENCH_CHILDREN:
        for weight, level in zip(FRENCH_WEIGHTS, levels, strict=True):
            yield ("FR", procedure, "children", tracer, "weights", level, "", "", weight, "", "level of the order", "median", 10,
                   FRANCE_TEST, FRANCE, "annex, children", "2011", "2011-10-24", FRANCE_ENDS, "read")  # fmt: skip
    yield ("DE", "bone", "adults", "Tc-99m MDP", "per_kg", "", 8, "", "", "", "level of the announcement", "median", 10,
           "", GERMANY, "table 1", "2021", "2021-07-06", "", "secondary2")  # fmt: skip
    for procedure in ("FDG whole body, tumour", "FDG infection and inflammation"):
        yield ("GB", procedure, "adults", "F-18 FDG", "per_kg", "", 3.5, "", "", "", "proposal of ARSAC", "median", "",
               "proposed, to be confirmed in the current notes for guidance; a minimum number is not stated there", BRITAIN,
               "abstract", "2025", "2025-02-05", "", "read")  # fmt: skip
    for procedure, tracer, level in JAPANESE:
        yield ("JP", procedure, "adults", tracer, "fixed", level, "", "", "", "", "75th percentile of hospitals", "median", 20,
               JAPAN_REMARK, JAPAN, "abstract", "2015", "2015-06-01", "2020-06-30", "read")  # fmt: skip
    for procedure, tracer, level in JAPANESE_2025:
        yield ("JP", procedure, "adults", tracer, "fixed", level, "", "", "", "", "national reference level", "median", 20,
               JAPAN_2025_REMARK, JAPAN_2025, "section on nuclear medicine", "2025", "2025-07-07", "", "secondary")  # fmt: skip
    yield ("KR", "FDG", "adults", "F-18 FDG", "fixed", 370, "", "", "", "", "75th percentile of hospitals", "median", "",
           KOREA_REMARK, KOREA, "as cited", "2019", "2019-01-01", "", "secondary")  # fmt: skip


def main() -> None:
    """Write the table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows():
        writer.writerow(f"{cell:g}" if isinstance(cell, float) else cell for cell in row)
    write_table(
        FOLDER,
        "reference_levels",
        out.getvalue(),
        {
            "licence": "published facts, taken with citation",
            "note": "rule: fixed (level_MBq), per_kg (level_MBq_per_kg), linear (level_MBq at weight_kg, slope_MBq_per_kg), "
            "weights or ages (level_MBq at weight_kg or age_years). how: read, secondary2, secondary, recalled or derived.",
            "title": "Diagnostic reference levels of nuclear medicine by country",
            "source": f"{FRANCE}; {GERMANY}; {BRITAIN}; {JAPAN}; {JAPAN_2025}; {KOREA}",
            "edition": "2025",
        },
        made_by=MADE_BY,
    )


if __name__ == "__main__":
    main()
