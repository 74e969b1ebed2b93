"""Write the advice on breast-feeding, the dose coefficients of the conceptus, and the questions before an exposure."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protection" / "data"
MADE_BY = "make_mother_child.py"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")
LICENCE = "published facts, taken with citation"
HOW = (
    "how: read, secondary2 (in two transcriptions that agree), secondary, recalled or derived; "
    "recalled and secondary print as unverified."
)
WEEK_H = 168.0

NAIK = "D. Naik, H. Merai, R. Klein, W. Zeng, J Nucl Med Technol 2023;51:239-246"
GUIDE = "US NRC Regulatory Guide 8.39, Revision 1"
# Columns of the tables of Naik et al. Their own advice was read there; that of the others is what they transcribe.
BODIES = (
    ("naik-2022", NAIK, "institution guidelines", "2022", "2022-01-01", "read"),
    ("snmmi-eanm", f"SNMMI and EANM procedure guidelines, as transcribed by {NAIK}", "", "2023", "", "secondary"),
    ("stabin-breitz", f"Stabin and Breitz, as transcribed by {NAIK}", "", "2000", "2000-01-01", "secondary"),
    ("icrp-106", f"ICRP Publication 106, as transcribed by {NAIK}", "", "2008", "2008-01-01", "secondary"),
    ("leide-svegborn", f"Leide-Svegborn, as transcribed by {NAIK}", "", "2010", "2010-01-01", "secondary"),
    ("acmui", f"US NRC Advisory Committee on the Medical Uses of Isotopes, as transcribed by {NAIK}", "", "2018", "2018-02-01",
     "secondary"),
)  # fmt: skip
# Product, procedure, activity, then a cell for each body: "-" not listed, "0" none, ">3wk" more than that, "stop".
NAIK_ROWS = """
A to I|I-131 mIBG|adrenal medulla|37 MBq|stop|stop|-|>3wk|-|-
A to I|I-123 mIBG|adrenal medulla|370 MBq|48h|48h|48h|>3wk|-|-
A to I|Tc-99m MDP|bone|11 MBq/kg|4h|4-24h|0|0|0|24h
A to I|Tc-99m colloid|bone marrow|555 MBq|4h|-|0|0|-|24h
A to I|Tc-99m ECD|brain|555 to 1110 MBq|4h|-|-|0|-|24h
A to I|Tc-99m HMPAO|brain|555 to 1110 MBq|4h|-|-|0|-|24h
A to I|I-123 ioflupane|brain|111 to 185 MBq|3d|1-6d|-|-|-|-
A to I|F-18 FDG|brain|4.9 MBq/kg|12h|24h|-|0|0|4h
A to I|F-18 FDG|oncology|4.9 MBq/kg|12h|12h|-|0|0|4h
A to I|Ga-67 citrate||148 to 333 MBq|stop|2-4wk|stop|>3wk|-|28d
A to I|Tc-99m RBC|bleeding, in vitro|555 to 1110 MBq|4h|0|0|0|-|24h
A to I|Tc-99m IDA|disofenin|185 MBq|4h|0|0|0|-|24h
A to I|Tc-99m IDA|mebrofenin|185 MBq|4h|0|-|-|-|24h
A to I|I-131 iodide|whole body|185 MBq|stop|-|stop|>3wk|stop|stop
A to I|I-123 iodide|whole body|74 to 185 MBq|4d|-|stop|>3wk|-|3d
L|Tc-99m MAA|lung perfusion|74 to 185 MBq|12h|-|12h|12h|12h|24h
L|Lu-177 DOTATATE|therapy|3700 MBq|stop|2.5mo|-|-|-|stop
M to S|Tc-99m pertechnetate|Meckel|555 MBq|12h|12h|4h|12h|12h|24h
M to S|Tc-99m RBC|ventriculography, in vivo|925 MBq|12h|24h|12h|12h|0|24h
M to S|Tc-99m tetrofosmin|heart|1184 MBq|4h|4h|-|0|-|24h
M to S|Tc-99m MIBI|heart|1184 MBq|4h|4h|0|0|0|24h
M to S|Tl-201 chloride|heart|111 MBq|4d|48h|96h|48h|-|4d
M to S|In-111 octreotide||111 MBq|0|0|-|0|-|6d
M to S|Tc-99m MIBI|parathyroid|740 MBq|4h|0|0|0|-|24h
M to S|Tc-99m DMSA|kidney|111 MBq|4h|-|-|0|-|24h
M to S|Tc-99m MAG3|kidney|260 MBq|4h|4h|0|0|0|24h
M to S|Tc-99m DTPA|kidney|370 MBq|4h|12h|0|0|0|24h
M to S|Tc-99m pertechnetate|salivary glands|555 MBq|12h|-|4h|12h|12h|24h
M to S|Se-75 SeHCAT||0.37 MBq|>3wk|-|-|>3wk|-|-
T to Z|I-123 iodide|thyroid|18.5 MBq|4d|-|0|>3wk|-|3d
T to Z|Tc-99m pertechnetate|thyroid|370 MBq|12h|-|4h|12h|12h|24h
T to Z|I-131 iodide|thyroid uptake|0.37 MBq|stop|-|stop|>3wk|stop|stop
T to Z|I-131 iodide|hyperthyroidism, therapy|185 to 1110 MBq|stop|stop|stop|>3wk|stop|stop
T to Z|I-131 iodide|thyroid cancer, therapy|1100 to 7400 MBq|stop|stop|stop|>3wk|stop|stop
T to Z|In-111 WBC||10 to 40 MBq|0|-|0|0|-|6d
T to Z|Tc-99m WBC|HMPAO|370 to 740 MBq|24h|-|48h|12h|0|24h
T to Z|Y-90 ibritumomab|therapy|15 MBq/kg|stop|-|-|-|-|-
"""
# Nuclides without a product stand for every agent labelled with them.
GUIDE_ROWS = """
Tc-99m|24h
I-123 iodide|3d
Ga-67 citrate|28d
In-111 WBC|6d
In-111 octreotide|6d
Tl-201 chloride|4d
F-18 FDG|4h
Ga-68 DOTATATE|4h
Zr-89|28d
C-11|0
N-13|0
O-15|0
Rb-82|0
I-131|stop
I-124|stop
Lu-177|stop
Ra-223|stop
Ac-225|stop
"""
# Before a treatment: the breast that gives milk takes up iodine.
BEFORE = (
    ("I-131", "therapy", "", "before", "interrupt", 6 * WEEK_H, 6 * WEEK_H, "", "nrc-8.39", GUIDE,
     "note of the table", "2020", "2020-04-01", "", "recalled"),
    ("I-131", "thyroid cancer, therapy", "", "before", "interrupt", 3 * 730.5, 3 * 730.5, "", "naik-2022", NAIK,
     "table of studies T to Z, note", "2022", "2022-01-01", "", "read"),
)  # fmt: skip

RUSSELL = "J. R. Russell, M. G. Stabin, R. B. Sparks, E. E. Watson, Health Phys 1997;73:756-769"
PERTECHNETATE = f"{RUSSELL}, as reprinted in J Nucl Med Technol 2014;42:163"
FDG = "P. Zanotti-Fregonara, T. Ishiguro, K. Yoshihara, S. Ishii, T. Enomoto, J Nucl Med 2022;63:1592"
MAA = "S. Vakili et al., World J Nucl Med 2021;20:342-348"
IODIDE = "German label of I-131 sodium iodide"
# Weeks at which a phantom of a stage stands: 3, 6 and 9 months; the last one serves until birth.
STAGES = (("early", 0, 0), ("3 months", 13, 13), ("6 months", 26, 26), ("9 months", 39, 42))
RUSSELL_ROWS = (
    ("Tc-99m pertechnetate", (0.011, 0.022, 0.014, 0.0093), PERTECHNETATE, "table of fetal dose", "read", ""),
    ("Tc-99m MDP", (0.0061, 0.0054, 0.0027, 0.0024), RUSSELL, "", "recalled", ""),
    ("Tc-99m DTPA", (0.012, 0.0087, 0.0041, 0.0047), RUSSELL, "", "recalled", ""),
    ("Tc-99m DMSA", (0.0051, 0.0047, 0.0040, 0.0034), RUSSELL, "", "recalled", ""),
    ("Tc-99m MAG3", (0.018, 0.014, 0.0055, 0.0052), RUSSELL, "", "recalled", ""),
    ("Ga-67 citrate", (0.093, 0.20, 0.18, 0.13), RUSSELL, "", "recalled", ""),
    ("Tl-201 chloride", (0.097, 0.058, 0.047, 0.027), RUSSELL, "", "recalled", ""),
)
FDG_REMARK = "single patients of that week; the largest of them is taken"
# Week, coefficients of the patients of that week [mGy/MBq].
FDG_ROWS = (
    (5, (0.0173,)), (6, (0.0314,)), (8, (0.0223,)), (9, (0.0221,)), (10, (0.0208,)), (12, (0.00725, 0.00770)),
    (13, (0.00711, 0.00743, 0.00761)), (14, (0.00369, 0.00387, 0.00388)), (15, (0.00410,)), (18, (0.00472, 0.00352)),
    (19, (0.00410, 0.00459, 0.00546, 0.00528)),
)  # fmt: skip
DIRECTIVE = "Council Directive 2013/59/Euratom"
QUESTIONS = (
    ("pregnancy", "Is the patient pregnant, or can a pregnancy not be ruled out?", "Art. 62(1)"),
    ("pregnancy", "How urgent is it: can the examination wait until after the birth?", "Art. 62(2)"),
    ("pregnancy", "Would another technique without or with less ionising radiation answer the question?", "Art. 55(1)"),
    ("pregnancy", "Were justification and optimisation considered for both the patient and the unborn child?", "Art. 62(2)"),
    ("breastfeeding", "Does the patient breast-feed?", "Art. 62(1)"),
    ("breastfeeding", "How urgent is it: can the examination wait until breast-feeding has ended?", "Art. 62(3)"),
    ("breastfeeding", "Would another technique without or with less ionising radiation answer the question?", "Art. 55(1)"),
    ("breastfeeding", "Were justification and optimisation considered for both the patient and the child?", "Art. 62(3)"),
)
_UNITS = {"h": 1.0, "d": 24.0, "wk": WEEK_H, "mo": 730.5}


def _advice(cell: str) -> tuple[str, float | str, float | str, str]:
    """Advice, hours from and until, and "yes" where more than that is meant."""
    if cell == "stop":
        return "stop", "", "", ""
    if cell == "0":
        return "none", 0.0, 0.0, ""
    text = cell.removeprefix(">")
    unit = text.lstrip("0123456789.-")
    numbers = [float(part) * _UNITS[unit] for part in text.removesuffix(unit).split("-")]
    return "interrupt", numbers[0], numbers[-1], "yes" if cell.startswith(">") else ""


def _breastfeeding() -> Iterator[tuple[Any, ...]]:
    for line in NAIK_ROWS.strip().splitlines():
        table, product, procedure, given, *cells = line.split("|")
        if len(cells) != len(BODIES):
            raise SystemExit(f"{line}: {len(cells)} cells for {len(BODIES)} bodies")
        for cell, (body, source, page, edition, begins, how) in zip(cells, BODIES, strict=True):
            if cell != "-":
                where = f"table of studies {table}" + (f", {page}" if page else "")
                yield (product, procedure, given, "after", *_advice(cell), body, source, where, edition, begins, "", how)
    for line in GUIDE_ROWS.strip().splitlines():
        product, cell = line.split("|")
        yield (product, "", "", "after", *_advice(cell), "nrc-8.39", GUIDE, "table on breast-feeding", "2020", "2020-04-01", "",
               "read")  # fmt: skip
    yield from BEFORE


def _conceptus() -> Iterator[tuple[Any, ...]]:
    for tracer, values, source, page, how, remark in RUSSELL_ROWS:
        for (stage, begins, ends), value in zip(STAGES, values, strict=True):
            yield ("russell-1997", tracer, stage, begins, ends, value, remark, source, page, "1997", "1997-11-01", "", how)
    for week, values in FDG_ROWS:
        for value in values:
            yield ("zanotti-fregonara-2022", "F-18 FDG", f"week {week}", week, week, value, FDG_REMARK, FDG,
                   "table of fetal dosimetry", "2022", "2022-02-03", "", "read")  # fmt: skip
    yield ("vakili-2021", "Tc-99m MAA", "all", 0, 42, 1.97 / 200,
           "Monte Carlo in three trimesters gave 1.01 to 1.97 mGy for 200 MBq; the upper end is taken", MAA, "abstract", "2021",
           "2021-12-01", "", "read")  # fmt: skip
    yield ("label", "I-131 iodide", "early", 0, 9, 0.046,
           "dose to the uterus at a maternal thyroid uptake of 55 %; the thyroid of the fetus has none yet", IODIDE,
           "section on dosimetry: 9.2 mGy for 200 MBq", "", "", "", "read")  # fmt: skip


def _csv(columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(f"{cell:g}" if isinstance(cell, float) else cell for cell in row)
    return out.getvalue()


def main() -> None:
    """Write the three tables."""
    base = {"licence": LICENCE, "note": HOW}
    columns = ("product", "procedure", "given", "when", "advice", "low_h", "high_h", "more", "body", *CLOSING)
    write_table(
        FOLDER,
        "breastfeeding",
        _csv(columns, _breastfeeding()),
        base | {"title": "Advice on breast-feeding by product and body", "source": f"{NAIK}; {GUIDE}", "edition": "2023"},
        made_by=MADE_BY,
    )
    columns = ("set", "tracer", "stage", "weeks_from", "weeks_until", "coefficient_mGy_per_MBq", "remark", *CLOSING)
    write_table(
        FOLDER,
        "conceptus_dose",
        _csv(columns, _conceptus()),
        base
        | {
            "title": "Absorbed dose of the conceptus by product and stage",
            "source": f"{PERTECHNETATE}; {FDG}; {MAA}; {IODIDE}",
            "edition": "2022",
            "note": f"{HOW} The stages of 3, 6 and 9 months stand at 13, 26 and 39 weeks.",
        },
        made_by=MADE_BY,
    )
    rows = ((*row[:2], DIRECTIVE, row[2], "2014", "2014-01-17", "", "read") for row in QUESTIONS)
    write_table(
        FOLDER,
        "exposure_questions",
        _csv(("topic", "question", *CLOSING), iter(rows)),
        base | {"title": "Questions before an exposure in pregnancy and breast-feeding", "source": DIRECTIVE, "edition": "2014"},
        made_by=MADE_BY,
    )


if __name__ == "__main__":
    main()
