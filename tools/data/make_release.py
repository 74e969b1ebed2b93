"""Rebuild the tables of patient release: contact patterns, rules by country, constraints, retention, dose rate constants."""

# ruff: noqa: E501  (a fact is one line)

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protection" / "data"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")

CORMACK = "J. Cormack, J. Shearer, Phys. Med. Biol. 43 (1998) 501"
RG839 = "US NRC Regulatory Guide 8.39, Revision 1"
CFR = "10 CFR 35.75"
URAM = "Swiss ordinance on handling radioactive material (UraM)"
STSV = "Swiss radiological protection ordinance (StSV)"
STRLSCHV = "German radiation protection ordinance (StrlSchV)"
GERMANY = "German discharge rule after radioiodine therapy"
JAPAN = "Japanese notice on release of patients, 1998, revised 2010"
AIFM = "AIFM-AIMN patient release program DoseApp"
RP97 = "European Commission, Radiation Protection 97"
AUSTRALIA = "Australian practice (ARPANSA RPS 4 and successors)"
UK = "UK practice for radioiodine (ARSAC, IR(ME)R)"
IAEA = "IAEA Safety Series 115"
TG108 = "M. T. Madsen et al., AAPM TG-108, Med. Phys. 33 (2006) 4"


def hourly(minutes: dict[int, tuple[float, float]]) -> list[tuple[float, float, float]]:
    """(start h, hours, distance m) from {hour of the day: (minutes, m)}."""
    return [(float(hour), m / 60, d) for hour, (m, d) in sorted(minutes.items())]


def every(hours: range | tuple[int, ...], minutes: float, distance: float) -> dict[int, tuple[float, float]]:
    """The same contact in each of ``hours``."""
    return dict.fromkeys(hours, (minutes, distance))


INFANT = (
    every((3, 7, 11, 15, 19), 20, 0.1) | every((8, 10, 12, 14, 16, 18), 30, 0.5) | every((9, 13, 17), 40, 1) | {23: (35, 0.1)}
)
SICK = every((3, *range(7, 20), 23), 35, 0.1)
CHILD_2_5 = every((6, 8, 19), 60, 0.1) | every((7, 17, 18), 30, 0.1) | every(range(9, 17), 60, 1)
CHILD_5_15 = every((6, 7, 19, 20), 30, 0.1) | every((8, 16, 17, 18), 60, 1)
SLEEP = every((22, 23, *range(6)), 60, 0.1) | every((6, 7, 8, 19, 20, 21), 60, 1)
FAMILY = every((9, 10, 11, 13, 14, 15, 16, 17, 20, 21), 60, 1) | every((12, 18), 60, 0.5) | {8: (30, 0.5), 19: (30, 0.1)}
CARE = every((6, 11, 20), 30, 0.1) | every((7, 12, 19), 30, 0.5) | every((8, 13, 16, 17, 18), 60, 1)

# pattern, kind of person, what it is, contacts
PATTERNS = [
    ("infant", "child", "caring for an infant", hourly(INFANT)),
    ("infant, demanding or sick", "child", "caring for a demanding or sick infant", hourly(SICK)),
    ("child 2-5 years", "child", "close contact with a child of 2 to 5 years", hourly(CHILD_2_5)),
    ("child 5-15 years", "child", "close contact with a child of 5 to 15 years", hourly(CHILD_5_15)),
    ("partner, sleeping", "partner", "sleeping beside the partner", hourly(SLEEP)),
    ("pregnant partner or child, sleeping", "pregnant", "sleeping beside a pregnant partner or a child", hourly(SLEEP)),
    ("carer, sleeping", "carer", "sleeping beside an informed person who supports the patient", hourly(SLEEP)),
    ("adult friends and family", "adult", "close contact with adult friends and family", hourly(FAMILY)),
    ("pregnant women", "pregnant", "close contact with pregnant women", hourly(FAMILY)),
    ("carer, by day", "carer", "close contact with an informed person who cares for the patient", hourly(CARE)),
    ("social functions", "public", "cinema, theatre, social functions", hourly(every(range(9, 17), 60, 1))),
    ("public transport", "public", "public transport to and from work", [(8.0, 1.0, 0.3), (17.0, 1.0, 0.3)]),
    ("work, close", "public", "work with prolonged close contact", [(9.0, 3.0, 0.5), (12.0, 2.0, 1.0), (14.0, 2.0, 0.5), (16.0, 1.0, 1.0)]),
    ("work, not close", "public", "work without prolonged close contact", hourly(every(range(9, 17), 60, 1))),
    ("trip of a day", "public", "one trip of 24 h by public transport", [(0.0, 24.0, 0.3)]),
    ("school", "child", "return to school", [(9.0, 3.0, 0.5), (12.0, 2.0, 1.0), (14.0, 2.0, 0.5), (16.0, 1.0, 1.0)]),
]  # fmt: skip
ONCE = ("trip of a day",)  # begins when the restriction ends, and happens on that day alone


def patterns() -> list[tuple[object, ...]]:
    read = (
        CORMACK,
        "contact patterns, transcribed in the program glowgreen, version 0.0.1",
        "1998",
        "1998-03-01",
        "",
        "secondary",
    )
    return [
        (name, kind, text, "once" if name in ONCE else "daily", f"{start:g}", f"{hours:.10g}", f"{metres:g}", *read)
        for name, kind, text, contacts in PATTERNS
        for start, hours, metres in contacts
    ]


TABLE_1 = (RG839, "Table 1", "2020", "2020-04-01", "", "read")
IN_GERMANY = (GERMANY, "", "", "", "", "secondary")
STRLSCHV_122 = (STRLSCHV, "section 122(4)", "BGBl. I 2018, 2034, as of 2021", "2018-12-31", "", "read")
IN_JAPAN = (JAPAN, "", "2010", "", "", "secondary")
IN_SWITZERLAND = (URAM, "Art. 55", "2018", "2018-01-01", "", "read")
CFR_A = (CFR, "(a)", "1997", "1997-05-29", "", "read")
CFR_B = (CFR, "(b)", "1997", "1997-05-29", "", "read")
IN_ITALY = (AIFM, "source code", "", "", "", "secondary")
IN_UK = (UK, "patient leaflet", "", "", "", "secondary")
BY_IAEA = (IAEA, "", "1996", "", "", "secondary")
IN_AUSTRALIA = (AUSTRALIA, "", "", "", "", "recalled")

# country, nuclide ("" for all), group (all groups must be met, one row of a group suffices), quantity, limit, unit, distance m,
# occupancy, what it says
RULES = [
    ("US", "", "release", "dose", 5, "mSv", 1, 0.25, "dose to any other person at most 5 mSv", *CFR_A),
    ("US", "I-131", "release", "activity", 1.22e3, "MBq", "", "", "33 mCi of the table", *TABLE_1),
    ("US", "I-131", "release", "dose rate", 70, "uSv/h", 1, "", "7 mrem/h of the table", *TABLE_1),
    ("US", "Tc-99m", "release", "activity", 28.12e3, "MBq", "", "", "760 mCi of the table", *TABLE_1),
    ("US", "Tc-99m", "release", "dose rate", 580, "uSv/h", 1, "", "58 mrem/h of the table", *TABLE_1),
    ("US", "", "instructions", "dose", 1, "mSv", 1, 0.25, "written instructions above 1 mSv", *CFR_B),
    ("DE", "", "inpatient", "time", 48, "h", "", "", "at least 48 h in hospital after therapy", *IN_GERMANY),
    ("DE", "I-131", "dose rate", "dose rate", 3.5, "uSv/h", 2, "", "3.5 uSv/h at 2 m, some 250 MBq", *IN_GERMANY),
    ("DE", "", "dose", "dose", 1, "mSv", 2, 1.0, "1 mSv to relatives and others, taken at 2 m all day", *STRLSCHV_122),
    ("CH", "", "dose rate", "dose rate", 10, "uSv/h", 1, "", "below 10 uSv/h at 1 m", *IN_SWITZERLAND),
    ("CH", "", "dose", "dose", 1, "mSv", 1, 0.25, "third persons at most 1 mSv in a year; a quarter of the day at 1 m", *IN_SWITZERLAND),
    ("JP", "I-131", "release", "activity", 500, "MBq", "", "", "500 MBq", *IN_JAPAN),
    ("JP", "I-131", "release", "dose rate", 30, "uSv/h", 1, "", "30 uSv/h at 1 m", *IN_JAPAN),
    ("JP", "Sr-89", "release", "activity", 200, "MBq", "", "", "200 MBq", *IN_JAPAN),
    ("JP", "Y-90", "release", "activity", 1184, "MBq", "", "", "1184 MBq", *IN_JAPAN),
    ("IT", "", "dose rate", "dose rate", 12, "uSv/h", 2, "", "12 uSv/h at 2 m, default of the program", *IN_ITALY),
    ("AU", "", "dose rate", "dose rate", 25, "uSv/h", 1, "", "25 uSv/h at 1 m", *IN_AUSTRALIA),
    ("UK", "I-131", "release", "activity", 600, "MBq", "", "", "600 MBq for thyrotoxicosis", *IN_UK),
    ("IAEA", "I-131", "release", "activity", 1100, "MBq", "", "", "1100 MBq; good practice 400 MBq", *BY_IAEA),
]  # fmt: skip

KINDS = ("child", "pregnant", "partner", "adult", "elder", "carer", "public")


def constraints() -> list[tuple[object, ...]]:
    """country, kind of person, constraint mSv, per year or episode."""

    def rows(country: str, values: dict[str, tuple[float, str]], *closing: str) -> list[tuple[object, ...]]:
        return [(country, kind, f"{value:g}", per, *closing) for kind, (value, per) in values.items()]

    def all_but_carer(value: float, carer: float) -> dict[str, tuple[float, str]]:
        return {kind: (carer, "episode") if kind == "carer" else (value, "year") for kind in KINDS}

    eu = {"child": 1.0, "pregnant": 1.0, "partner": 3.0, "adult": 3.0, "elder": 15.0, "carer": 3.0, "public": 0.3}
    return [
        *rows("CH", all_but_carer(1, 5), f"{URAM}; {STSV}", "Art. 55; Art. 40", "2018", "2018-01-01", "", "read"),
        *rows("US", dict.fromkeys(KINDS, (5.0, "episode")), CFR, "(a)", "1997", "1997-05-29", "", "read"),
        *rows("DE", {k: (1.0, "year") for k in KINDS if k != "carer"}, *STRLSCHV_122),
        *rows("JP", all_but_carer(1, 5), JAPAN, "", "2010", "", "", "secondary"),
        *rows("UK", all_but_carer(1, 5), UK, "", "", "", "", "secondary"),
        *rows("AU", all_but_carer(1, 5), AUSTRALIA, "", "", "", "", "secondary"),
        *rows("EU", {k: (v, "episode") for k, v in eu.items()}, RP97, "Table 1", "1998", "1998-01-01", "", "recalled"),
    ]


# name, nuclide, phase, fraction, rate per day (0: physical decay), what
RETENTION = [
    ("I-131 thyroid cancer", "I-131", 1, 0.70, 2.16, AIFM, "source code", "", "", "", "secondary"),
    ("I-131 thyroid cancer", "I-131", 2, 0.30, 0.0866, AIFM, "source code", "", "", "", "secondary"),
    ("Lu-177 DOTATATE", "Lu-177", 1, 0.44, 2.25, AIFM, "source code", "", "", "", "secondary"),
    ("Lu-177 DOTATATE", "Lu-177", 2, 0.56, 0.175, AIFM, "source code", "", "", "", "secondary"),
]  # fmt: skip

PAUSE = ("JNMT, table of precautions after radioiodine therapy in US practice", "highwire markup 4018", "", "", "", "read")
LU_2019 = (
    "EJNMMI Phys. 6 (2019), s40658-019-0243-1",
    "Table 5; 1 mSv a cycle to relatives, 0.3 mSv a year to others",
    "2019",
    "2019-01-01",
    "",
    "read",
)
NORWAY = ("Norwegian study of radioiodine for hyperthyroidism, up to 600 MBq", "abstract", "", "", "", "read")
UNTIL = (
    "public places",
    "private travel above 2 h",
    "public transport",
    "work",
    "children or pregnant",
    "separate bed",
    "separate toilet care",
)
THYROID = {(1110, 3700): (2, 1, 2, 2, 4, 4, 3), (3700, 5550): (3, 2, 3, 3, 5, 5, 4), (5550, 7400): (4, 3, 4, 4, 6, 6, 5)}
DOTATATE = {
    "inpatient": {"partner": (8, 15), "child below 2": (9, 16), "child 2-5": (5, 13), "child 5-11": (3, 9), "work": (1, 5)},
    "outpatient": {"partner": (9, 16), "child below 2": (9, 17), "child 2-5": (6, 13), "child 5-11": (3, 10), "work": (1, 6)},
}  # fmt: skip
HYPERTHYROID = {"child up to 10": 14, "11 to 59 years": 7, "60 years and more": 3}


def published() -> list[tuple[object, ...]]:
    """nuclide, therapy, setting, activity from and to MBq, whom or what, days, days for 95 % of patients."""
    return [
        *(("I-131", "thyroid cancer", "US practice", low, high, what, days, "", *PAUSE)
          for (low, high), row in THYROID.items() for what, days in zip(UNTIL, row, strict=True)),
        *(("I-131", "hyperthyroidism", "Norway", "", 600, what, days, "", *NORWAY) for what, days in HYPERTHYROID.items()),
        *(("Lu-177", "DOTATATE", setting, "", "", what, mean, most, *LU_2019)
          for setting, rows in DOTATATE.items() for what, (mean, most) in rows.items()),
    ]  # fmt: skip


# nuclide, what, uSv m2/(MBq h), note. The guide prints R cm2/(mCi h) and takes 1 R as 10 mSv.
R_CM2_MCI_H = 1e4 * 1e-4 / 37.0  # uSv m2/(MBq h)
EXPOSURE = {
    "Ag-111": 0.15, "Au-198": 2.3, "Cr-51": 0.16, "Cu-64": 1.2, "Cu-67": 0.58, "Ga-67": 0.753, "I-123": 1.61, "I-131": 2.2,
    "In-111": 3.21, "Re-186": 0.2, "Re-188": 0.26, "Sc-47": 0.56, "Se-75": 2.0, "Sm-153": 0.425, "Sn-117m": 1.48, "Tc-99m": 0.756,
    "Tl-201": 0.447, "Yb-169": 1.83,
}  # fmt: skip


KERMA = (
    "Ac-225", "Cr-51", "Cu-64", "Cu-67", "F-18", "Ga-67", "Ga-68", "Ho-166", "I-123", "I-124", "I-125", "I-131", "In-111", "Lu-177",
    "Mo-99", "Ra-223", "Rb-82", "Re-186", "Re-188", "Sc-44", "Sc-47", "Se-75", "Sm-153", "Sn-117m", "Tb-161", "Tc-99m", "Tl-201",
    "Y-86", "Zr-89",
)  # fmt: skip


def constants() -> list[tuple[object, ...]]:
    from hevesy import units as u
    from hevesy.dose.air_kerma import air_kerma_rate_constant

    kerma = (
        "ICRP Publication 107, air kerma of a point in vacuum, photons above 10 keV",
        "",
        "2008",
        "2008-01-01",
        "",
        "derived",
    )
    computed = [(name, air_kerma_rate_constant(name) / (1e-6 / (u.MBq * u.h))) for name in KERMA]
    guide = (RG839, "exposure rate constants, 1 R taken as 10 mSv", "2020", "2020-04-01", "", "recalled")
    return [
        ("F-18", "patient", "0.092", "body factor 0.64", TG108, "section on F-18", "2006", "2006-01-01", "", "read"),
        ("F-18", "point", "0.143", "", TG108, "section on F-18", "2006", "2006-01-01", "", "read"),
        *((name, "air kerma", f"{value:.6g}", "taken as dose equivalent", *kerma) for name, value in computed),
        *(
            (name, "exposure", f"{value * R_CM2_MCI_H:.6g}", f"{value:g} R cm2/(mCi h)", *guide)
            for name, value in EXPOSURE.items()
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
    write_table(FOLDER, name, text.getvalue(), certificate, made_by="make_release.py")


if __name__ == "__main__":
    table("contact_patterns", "Contacts with a patient over day and night",
          ("pattern", "kind", "description", "repeats", "start_h", "hours", "distance_m"), patterns(), CORMACK)  # fmt: skip
    table("release_rules", "Rules for the release of patients", ("country", "nuclide", "group", "quantity", "limit", "unit",
          "distance_m", "occupancy", "text"), RULES, "regulations and practice by country")  # fmt: skip
    table("dose_constraints", "Dose constraints for persons near a patient", ("country", "kind", "constraint_mSv", "per"),
          constraints(), "regulations and guidance by country")  # fmt: skip
    table("retention", "Retention of activity in the patient", ("therapy", "nuclide", "phase", "fraction", "rate_per_d"),
          RETENTION, AIFM)  # fmt: skip
    table("published_restrictions", "Days of restriction after therapies as published", ("nuclide", "therapy", "setting",
          "from_MBq", "to_MBq", "what", "days", "days_95"), published(), "studies and practice by therapy")  # fmt: skip
    table("dose_rate_constants", "Dose rate constants", ("nuclide", "kind", "constant_uSv_m2_per_MBq_h", "note"), constants(),
          "regulatory guides and reports")  # fmt: skip
