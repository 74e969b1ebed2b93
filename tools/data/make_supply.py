"""Write the tables of the room `supply`: limits of generators, technetium in the eluate, the network of molybdenum-99."""

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).parents[2] / "src" / "hevesy" / "supply" / "data"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")

CFR = ("10 CFR 35.204, Permissible molybdenum-99, strontium-82, and strontium-85 concentrations", "(a)", "10 CFR 35")
CARDIOGEN = ("CardioGen-82 (rubidium Rb 82 generator), prescribing information, Bracco", "boxed warning; 2.6", "with 42 d expiry")
PH_EUR_GA = ("Ph. Eur. 2464, as printed in the product characteristics of GalliaPharm and Galli Ad", "section 2", "2018")
LIMITS = (
    # parent, contaminant, rule, value, unit, body, (source, page, edition), valid_from, how
    ("Mo-99", "Mo-99", "limit", "0.15", "kBq/MBq", "US", CFR, "", "read"),
    ("Mo-99", "Mo-99", "limit", "1", "kBq/MBq", "Ph. Eur.", ("Ph. Eur. monograph of sodium pertechnetate from fission, 0.1 %, "
     "as printed in the product characteristics of ELUMATIC III", "section 2", "2013"), "", "secondary"),
    ("Sr-82", "Sr-82", "limit", "0.02", "kBq/MBq", "US", CFR, "", "secondary2"),
    ("Sr-82", "Sr-85", "limit", "0.2", "kBq/MBq", "US", CFR, "", "secondary2"),
    ("Sr-82", "Sr-82", "alert", "0.002", "kBq/MBq", "label", CARDIOGEN, "", "secondary2"),
    ("Sr-82", "Sr-85", "alert", "0.02", "kBq/MBq", "label", CARDIOGEN, "", "secondary2"),
    ("Sr-82", "Sr-82", "expiry", "0.01", "kBq/MBq", "label", CARDIOGEN, "", "secondary2"),
    ("Sr-82", "Sr-85", "expiry", "0.1", "kBq/MBq", "label", CARDIOGEN, "", "secondary2"),
    ("Sr-82", "eluate volume", "alert", "14", "l", "label", CARDIOGEN, "", "secondary2"),
    ("Sr-82", "eluate volume", "expiry", "17", "l", "label", CARDIOGEN, "", "secondary2"),
    ("Sr-82", "age", "expiry", "42", "d", "label", CARDIOGEN, "", "secondary2"),
    ("Ge-68", "Ge-68", "limit", "0.01", "kBq/MBq", "Ph. Eur.", PH_EUR_GA, "", "secondary2"),
)  # fmt: skip

FRACTIONS = {
    3: 0.727, 6: 0.619, 9: 0.531, 12: 0.459, 15: 0.400, 18: 0.352, 21: 0.311, 24: 0.277, 27: 0.248, 30: 0.223,
    36: 0.184, 48: 0.131, 72: 0.076, 96: 0.0498, 120: 0.0344, 144: 0.0246, 165: 0.0187,
}  # fmt: skip
SMPC = (
    "EMA core summary of product characteristics for sodium pertechnetate (99mTc), table of the mass of technetium",
    "",
    "",
)

PRODUCERS = ("Production of Mo-99, review, Front Chem 2022;10:926258", "Table 4", "2022")
ASSUMED = ("Assumption of this model: no published figure was at hand", "", "2026")
NEA = ("OECD-NEA, The Supply of Medical Radioisotopes: 2019 Medical Isotope Demand and Capacity Projection", "", "2019")
HALF = ("Drive to end civilian use of HEU, Phys Today 2011;64(2):17", "p. 17: US half of the world's use", "2011")
SITES = (
    # kind, name, six-day Ci a week, weeks a year, basis, source, how
    ("reactor", "BR-2", "6500", "21", "published", PRODUCERS, "read"),
    ("reactor", "HFR", "6200", "39", "published", PRODUCERS, "read"),
    ("reactor", "LVR-15", "3000", "30", "published", PRODUCERS, "read"),
    ("reactor", "MARIA", "2200", "36", "published", PRODUCERS, "read"),
    ("reactor", "OPAL", "3500", "43", "published", PRODUCERS, "read"),
    ("reactor", "SAFARI-1", "3000", "44", "published", PRODUCERS, "read"),
    ("processor", "Curium", "5000", "52", "published", NEA, "recalled"),
    ("processor", "IRE", "3500", "52", "published", NEA, "recalled"),
    ("processor", "NTP", "3000", "52", "published", NEA, "recalled"),
    ("processor", "ANSTO", "3500", "52", "published", NEA, "recalled"),
    ("maker", "North America", "4500", "52", "published", HALF, "secondary"),
    ("maker", "Europe", "2100", "52", "assumed", ASSUMED, "recalled"),
    ("maker", "Asia and Pacific", "1800", "52", "assumed", ASSUMED, "recalled"),
    ("maker", "rest of the world", "600", "52", "assumed", ASSUMED, "recalled"),
)  # fmt: skip
# A six-day curie already holds six days of transport, so no link has more; a closed route would have some.
LINKS = (
    ("HFR", "Curium"), ("BR-2", "Curium"), ("MARIA", "Curium"), ("LVR-15", "Curium"), ("HFR", "IRE"), ("BR-2", "IRE"),
    ("LVR-15", "IRE"), ("SAFARI-1", "NTP"), ("OPAL", "ANSTO"),
    ("Curium", "North America"), ("Curium", "Europe"), ("Curium", "rest of the world"),
    ("IRE", "North America"), ("IRE", "Europe"), ("IRE", "Asia and Pacific"), ("IRE", "rest of the world"),
    ("NTP", "North America"), ("NTP", "Europe"), ("NTP", "Asia and Pacific"), ("NTP", "rest of the world"),
    ("ANSTO", "North America"), ("ANSTO", "Asia and Pacific"),
)  # fmt: skip


def text(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*columns, *CLOSING))
    writer.writerows(rows)
    return out.getvalue()


def certificate(title: str, source: str, note: str) -> dict[str, str]:
    return {"title": title, "source": source, "edition": "2026-11", "licence": "facts", "note": note}


def main() -> None:
    limits = [(*row[:6], *row[6], row[7], "", row[8]) for row in LIMITS]
    write_table(
        FOLDER, "generator_limits", text(("parent", "contaminant", "rule", "value", "unit", "body"), limits),
        certificate("What an eluate may hold besides the daughter", "each row names its own",
                    "1 kBq/MBq = 1 uCi/mCi = 0.1 %. No limit is listed for W-188: none was found."),
        made_by="make_supply.py",
    )  # fmt: skip
    fractions = [(f"{hours}", f"{F:g}", *SMPC, "", "", "read") for hours, F in FRACTIONS.items()]
    write_table(
        FOLDER, "technetium_fraction", text(("hours", "fraction"), fractions),
        certificate("Tc-99m atoms of all technetium atoms in the eluate by hours since the elution before", SMPC[0],
                    "With it stands: mass of technetium in ug = activity in GBq x 5.161e-3 / fraction."),
        made_by="make_supply.py",
    )  # fmt: skip
    sites = [
        (kind, name, "", amount, weeks, "", basis, *source, "", "", how)
        for kind, name, amount, weeks, basis, source, how in SITES
    ]
    links = [("link", before, after, "", "", "0", "assumed", *ASSUMED, "", "", "recalled") for before, after in LINKS]
    columns = ("kind", "name", "to", "six_day_Ci_per_week", "weeks_per_year", "extra_hours", "basis")
    write_table(
        FOLDER, "mo99_network", text(columns, sites + links),
        certificate("Reactors, processors and generator makers of Mo-99", "each row names its own",
                    "Capacities of reactors are published; who supplies whom and most of the demand by region are assumed. "
                    "Hours of a link are those beyond the six days that a six-day curie holds."),
        made_by="make_supply.py",
    )  # fmt: skip


if __name__ == "__main__":
    main()
