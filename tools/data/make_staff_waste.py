"""Rebuild the tables of staff doses, dose limits, shielding, clearance of waste, and the articles of the audit checklist."""

# ruff: noqa: E501  (a fact is one line)

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protection" / "data"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")

ORAMED = "A. Carnicer et al., Radiat. Meas. 46 (2011) 1279, ORAMED"
KOLLAARD = "R. Kollaard et al., J. Radiol. Prot. 41 (2021) R60"
BSS = "Council Directive 2013/59/Euratom"
TG108 = "M. T. Madsen et al., AAPM TG-108, Med. Phys. 33 (2006) 4"
RSG17 = "IAEA Safety Guide RS-G-1.7; Council Directive 2013/59/Euratom, Annex VII"
STRLSCHV = "German radiation protection ordinance (StrlSchV)"
RP122 = "European Commission, Radiation Protection 122, part I"
EXEMPT = "Council Directive 2013/59/Euratom, Annex VII, exemption"
CFR173 = "49 CFR 173.436"
LU177M = "EJNMMI Phys. 10 (2023), s40658-023-00524-z"

MEAN = (ORAMED, "abstract", "2011", "2011-01-01", "", "read")
RANGE = (ORAMED, "range over workers", "2011", "2011-01-01", "", "recalled")
# nuclide, task, statistic, maximum skin dose of the hands [uSv/GBq]
STAFF = [
    ("Tc-99m", "administration", "mean", 230, *MEAN), ("Tc-99m", "preparation", "mean", 430, *MEAN),
    ("F-18", "administration", "mean", 930, *MEAN), ("F-18", "preparation", "mean", 1200, *MEAN),
    ("Tc-99m", "administration", "least", 10, *RANGE), ("Tc-99m", "administration", "most", 950, *RANGE),
    ("Tc-99m", "preparation", "least", 30, *RANGE), ("Tc-99m", "preparation", "most", 2060, *RANGE),
    ("F-18", "administration", "least", 140, *RANGE), ("F-18", "administration", "most", 4110, *RANGE),
    ("F-18", "preparation", "least", 100, *RANGE), ("F-18", "preparation", "most", 4430, *RANGE),
]  # fmt: skip
RATIO = [
    ("least", 1.4, KOLLAARD, "abstract", "2021", "2021-01-01", "", "read"),
    ("most", 7, KOLLAARD, "abstract", "2021", "2021-01-01", "", "read"),
    ("default", 6, "ICRP Publication 106, Annex E", "", "2008", "2008-01-01", "", "recalled"),
]


def bss(article: str, how: str) -> tuple[str, ...]:
    return (BSS, article, "2014", "2014-01-17", "", how)


# category, quantity (effective, eye, skin, extremities, unborn), limit mSv a year, what it says
# Read in the Directive: Art. 9. Articles 10 to 12 and 40 were read as Germany and France transposed them, with the same numbers.
READ_9 = bss("Art. 9", "read")
ARTICLE_10 = bss("Art. 10, as transposed in StrlSchG section 78(4)", "secondary")
ARTICLE_11 = bss("Art. 11, as transposed in StrlSchG section 78(3) and French Code du travail R4451-8", "secondary2")
ARTICLE_12 = bss("Art. 12, as transposed in StrlSchG section 80", "secondary")
ARTICLE_40 = bss("Art. 40, as transposed in StrlSchV section 71(1)", "secondary")
# category, quantity (effective, eye, skin, extremities, unborn), limit mSv, years that it sums, what it says
LIMITS = [
    (
        "worker",
        "effective",
        20,
        1,
        "in any single year; up to 50 if an authority allows it and five years in a row bring at most 20 on the mean",
        *READ_9,
    ),
    ("worker", "effective", 100, 5, "any five years in a row, where more than 20 in one of them was allowed", *READ_9),
    (
        "worker",
        "eye",
        20,
        1,
        "in a single year, or 100 in any five years in a row with at most 50 in one, as national law says",
        *READ_9,
    ),
    ("worker", "eye", 100, 5, "any five years in a row, at most 50 in one, where national law says so", *READ_9),
    ("worker", "skin", 500, 1, "in a year, averaged over any 1 cm2", *READ_9),
    ("worker", "extremities", 500, 1, "in a year", *READ_9),
    (
        "pregnant",
        "unborn",
        1,
        "",
        "as low as reasonably achievable, and unlikely to exceed 1 mSv from the notice of the pregnancy to its end",
        *ARTICLE_10,
    ),
    ("apprentice", "effective", 6, 1, "in a year, apprentices and students of 16 to 18 years", *ARTICLE_11),
    ("apprentice", "eye", 15, 1, "in a year, 16 to 18 years", *ARTICLE_11),
    ("apprentice", "skin", 150, 1, "in a year, averaged over any 1 cm2, 16 to 18 years", *ARTICLE_11),
    ("apprentice", "extremities", 150, 1, "in a year, 16 to 18 years", *ARTICLE_11),
    ("public", "effective", 1, 1, "in a year", *ARTICLE_12),
    ("public", "eye", 15, 1, "in a year", *ARTICLE_12),
    ("public", "skin", 50, 1, "in a year, averaged over any 1 cm2", *ARTICLE_12),
    ("category-b", "effective", 6, 1, "above: category A", *ARTICLE_40),
    ("category-b", "eye", 15, 1, "above: category A", *ARTICLE_40),
    ("category-b", "skin", 150, 1, "above: category A", *ARTICLE_40),
    ("category-b", "extremities", 150, 1, "above: category A", *ARTICLE_40),
]

TABLE_V = (TG108, "Table V", "2006", "2006-01-01", "", "recalled")
# material, alpha 1/cm, beta 1/cm, gamma
SHIELDS = [
    ("lead", 1.543, -0.4408, 2.136, *TABLE_V),
    ("concrete", 0.1539, -0.1161, 2.0752, *TABLE_V),
    ("iron", 0.5704, -0.3063, 0.6326, *TABLE_V),
]

# Annex 11 D: what 10 uSv a year allows on the mean over a year at the edge of the radiation area
STRLSCHV_11 = (STRLSCHV, "Annex 11, Table 6, column 3", "BGBl. I 2018, 2034, as of 2021", "2018-12-31", "", "read")
WATER = {
    "C-11": 3e6, "F-18": 2e6, "P-32": 3e4, "Sc-47": 1e5, "Cr-51": 3e6, "Cu-64": 2e6, "Cu-67": 4e5, "Ga-67": 5e5, "Ga-68": 7e5,
    "Ge-68": 7e4, "Se-75": 4e4, "Sr-82": 1e4, "Sr-85": 1e5, "Sr-89": 3e4, "Y-90": 3e4, "Zr-89": 1e5, "Mo-99": 2e5, "Tc-99": 9e4,
    "Tc-99m": 4e6, "In-111": 4e5, "I-123": 4e5, "I-124": 7e3, "I-125": 2e4, "I-131": 5e3, "Sm-153": 1e5, "Tb-161": 1e5,
    "Ho-166": 6e4, "Er-169": 2e5, "Lu-177": 1e5, "Lu-177m": 5e4, "W-188": 4e4, "Re-186": 5e4, "Re-188": 5e4, "Tl-201": 1e6,
    "At-211": 7e3, "Pb-212": 6e3, "Ra-223": 2e2, "Ra-224": 3e2, "Ac-225": 2e3,
}  # fmt: skip
A7 = (RSG17, "Table A", "2014", "2014-01-17", "", "recalled")
R122 = (RP122, "rounded general clearance levels", "2000", "2000-01-01", "", "secondary")
X7 = (EXEMPT, "Table B", "2014", "2014-01-17", "", "recalled")
# Table A, part 1: parents with a "+" hold their short-lived daughters
CLEARED = {
    "F-18": 10, "P-32": 1000, "Cr-51": 100, "Cu-64": 100, "Sr-85": 1, "Sr-89": 1000, "Y-90": 1000, "Mo-99": 10, "Tc-99": 1,
    "Tc-99m": 100, "In-111": 10, "I-123": 100, "I-125": 100, "I-131": 10, "Sm-153": 100, "Ho-166": 100, "Er-169": 1000,
    "Lu-177": 100, "Re-186": 1000, "Re-188": 100, "Tl-201": 100,
}  # fmt: skip
# Table B: concentration [Bq/g], activity [Bq]; these nine stand in a transcription of the older German table with the same values
FIEBICH = ("StrlSchV 2001, Annex III, Table 1, as printed in M. Fiebich et al., RöV & Co, 2nd edition", "exemption limits", "2012",
           "2014-01-17", "", "secondary")  # fmt: skip
EXEMPT_TRANSCRIBED = {
    "F-18": (1e1, 1e6), "Y-90": (1e3, 1e5), "Mo-99": (1e2, 1e6), "Tc-99m": (1e2, 1e7), "In-111": (1e2, 1e6), "I-123": (1e2, 1e7),
    "I-125": (1e3, 1e6), "I-131": (1e2, 1e6), "Tl-201": (1e2, 1e6),
}  # fmt: skip
EXEMPT_RECALLED = {
    "P-32": (1e3, 1e5), "Cr-51": (1e3, 1e7), "Cu-64": (1e2, 1e6), "Ga-67": (1e2, 1e6), "Ge-68": (1e1, 1e5), "Sr-82": (1e1, 1e5),
    "Sr-85": (1e2, 1e6), "Sr-89": (1e3, 1e6), "Sm-153": (1e2, 1e6), "Ho-166": (1e3, 1e5), "Er-169": (1e4, 1e7), "Lu-177": (1e3, 1e7),
    "Lu-177m": (1e1, 1e6), "Tc-99": (1e4, 1e7), "Re-186": (1e3, 1e6), "Re-188": (1e2, 1e5), "Ra-223": (1e2, 1e5), "Ra-224": (1e1, 1e5),
}  # fmt: skip
EXEMPT_READ = {"At-211": (1e3, 1e7), "Ac-225": (1e1, 1e4)}


def exempt(values: dict[str, tuple[float, float]], closing: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Two rows a nuclide: concentration and activity."""
    return [
        ("annex-vii", n, kind, f"{v:g}", unit, *closing)
        for n, pair in values.items()
        for kind, v, unit in zip(("exempt concentration", "exempt activity"), pair, ("Bq/g", "Bq"), strict=True)
    ]


WASTE = [
    *(("annex-vii", n, "clearance", v, "Bq/g", *A7) for n, v in CLEARED.items()),
    *(("strlschv", n, "sewer", v, "Bq/m3", *STRLSCHV_11) for n, v in WATER.items()),
    *(
        ("rp-122", n, "clearance", v, "Bq/g", *R122)
        for n, v in {
            "I-131": 1, "In-111": 1, "Lu-177": 10, "Sm-153": 10, "Re-186": 100, "Tl-201": 10, "Cr-51": 10, "I-125": 1, "P-32": 100,
            "Sc-47": 10, "Ho-166": 10, "Er-169": 100,
        }.items()
    ),
    ("annex-vii", "Lu-177m", "clearance", 10, "Bq/g", LU177M, "solid waste of a hospital", "2023", "2023-01-01", "", "secondary"),
    ("rp-122", "Lu-177m", "clearance", 10, "Bq/g", LU177M, "solid waste of a hospital", "2023", "2023-01-01", "", "secondary"),
    ("annex-vii", "Lu-177m", "sewer", 50, "kBq/m3", LU177M, "", "2023", "2023-01-01", "", "secondary"),
    *exempt(EXEMPT_TRANSCRIBED, FIEBICH),
    *exempt(EXEMPT_RECALLED, X7),
    *exempt(EXEMPT_READ, (CFR173, "table", "49 CFR 173", "", "", "read")),
]  # fmt: skip

# id, article, requirement in our words, evidence (any one of these keys), when it applies
CHECKS = [
    (
        "55-justified",
        "55",
        "The exposure of this patient was justified beforehand, by name and day",
        "justification.by",
        "always",
        "read",
    ),
    ("55-earlier", "55", "Earlier diagnostic information was asked for", "justification.earlier_examinations", "always", "read"),
    (
        "55-asymptomatic",
        "55",
        "Without symptoms: the justification is documented by itself",
        "justification.asymptomatic",
        "asymptomatic",
        "recalled",
    ),
    ("55-carers", "55", "The exposure of carers is of net benefit and was considered", "carers.benefit", "carers", "recalled"),
    (
        "56-planned",
        "56",
        "A therapy is planned individually: activity with its reason, doses to target and organs",
        "planning.activity_reason|course.plan",
        "therapy",
        "read",
    ),
    ("56-verified", "56", "The delivery of a therapy is verified", "result.dosimetry|verification.how", "therapy", "read"),
    ("56-drl", "56", "A diagnostic activity is compared with its reference level", "drl.compared", "diagnostic", "read"),
    (
        "56-research",
        "56",
        "Research: a dose constraint is set, and the volunteer consents",
        "research.constraint",
        "research",
        "recalled",
    ),
    (
        "56-activity",
        "56",
        "Administered and prescribed activity are compared",
        "administration.prescribed|course.plan",
        "always",
        "read",
    ),
    ("56-carers", "56", "Carers have a constraint and guidance", "carers.constraint", "carers", "read"),
    (
        "56-instructions",
        "56",
        "The patient got instructions to protect others; in writing after a therapy",
        "instructions.handed_over",
        "always",
        "recalled",
    ),
    (
        "57-responsible",
        "57",
        "A practitioner takes the responsibility; each step names who did it",
        "practitioner.name",
        "always",
        "recalled",
    ),
    ("57-informed", "57", "The patient was told benefit and risk beforehand", "information.told", "always", "recalled"),
    (
        "58-protocol",
        "58",
        "A written protocol of the equipment and the group of patients was followed",
        "protocol.name",
        "always",
        "read",
    ),
    (
        "58-report",
        "58",
        "What concerns the exposure is part of the report",
        "report.dose_information|result.dosimetry",
        "always",
        "read",
    ),
    ("58-mpe", "58", "A medical physics expert was involved as the level of the practice asks", "mpe.name", "always", "read"),
    (
        "58-review",
        "58",
        "Where a reference level is passed again and again: reviewed and corrected",
        "drl.review",
        "drl-exceeded",
        "read",
    ),
    ("59-training", "59", "Those who act are trained for it", "training.record", "always", "recalled"),
    (
        "60-quality",
        "60",
        "The equipment was under quality assurance on that day",
        "equipment.quality_control",
        "always",
        "recalled",
    ),
    ("60-ct", "60", "The dose of the CT part is in the record", "ct.dose_record", "ct", "recalled"),
    ("61-children", "61", "A child: equipment, protocol and dose were those for children", "child.protocol", "child", "recalled"),
    ("62-pregnancy", "62", "Pregnancy was asked for", "pregnancy.asked", "childbearing", "read"),
    ("62-breastfeeding", "62", "Breast-feeding was asked for", "pregnancy.breastfeeding_asked", "childbearing", "read"),
    (
        "63-risk",
        "63",
        "A study of the risk of accidental exposures exists for the therapy",
        "risk_study.reference",
        "therapy",
        "read",
    ),
    (
        "63-system",
        "63",
        "Accidental and unintended exposures and near misses are recorded and analysed",
        "incidents.register",
        "always",
        "read",
    ),
    (
        "64-population",
        "64",
        "The dose estimate can be counted by age and sex",
        "population.age_and_sex",
        "diagnostic",
        "recalled",
    ),
]


def table(name: str, title: str, header: tuple[str, ...], rows: list[tuple[object, ...]], source: str) -> None:
    """One CSV with its certificate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*header, *CLOSING))
    writer.writerows(rows)
    certificate = {
        "title": title,
        "source": source,
        "edition": "2026",
        "licence": "facts; each row names its source",
        "note": "how = recalled or secondary: not confirmed at the source, and printed as unverified wherever it is used",
    }
    write_table(FOLDER, name, text.getvalue(), certificate, made_by="make_staff_waste.py")


if __name__ == "__main__":
    table(
        "staff_hands",
        "Dose to the hands by handled activity",
        ("nuclide", "task", "statistic", "dose_uSv_per_GBq"),
        STAFF,
        ORAMED,
    )
    table("fingertip_ratio", "Highest dose of the hand by that of a ring dosimeter", ("statistic", "ratio"), RATIO, KOLLAARD)
    table("dose_limits", "Dose limits in a year", ("category", "quantity", "limit_mSv", "years", "note"), LIMITS, BSS)
    table("shields", "Broad-beam transmission at 511 keV", ("material", "alpha_per_cm", "beta_per_cm", "gamma"), SHIELDS, TG108)
    table("waste_levels", "Clearance and exemption levels", ("scheme", "nuclide", "kind", "value", "unit"), WASTE, RSG17)
    table("audit_checks", "Articles 55 to 64 as checks", ("check", "article", "requirement", "evidence", "applies"),
          [(*row[:5], BSS, f"Art. {row[1]}", "2014", "2014-01-17", "", row[5]) for row in CHECKS], BSS)  # fmt: skip
