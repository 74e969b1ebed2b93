"""Write the activity cards for children and the weight formulas for adults, and how tracers are spelt."""

import csv
import io
from pathlib import Path
from typing import Any

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protection" / "data"
MADE_BY = "make_activity_cards.py"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")
LICENCE = "published facts, taken with citation"
HOW = (
    "how: read, secondary2 (in two transcriptions that agree), secondary, recalled or derived; "
    "recalled and secondary print as unverified."
)

EANM = "EANM Dosage Card, M. Lassmann and S. T. Treves, Eur J Nucl Med Mol Imaging 2014;41:1036-1041, version 5.7.2016"
DICKSON = "J. Dickson, U. Eberlein, M. Lassmann, Eur J Nucl Med Mol Imaging 2022;49:1964-1969"
NA2010 = "North American consensus guidelines, M. J. Gelfand, M. T. Parisi, S. T. Treves, J Nucl Med 2011;52:318-322"
NA2024 = "North American consensus guidelines, 2024 update, S. T. Treves et al., J Nucl Med Technol 2025;53:193-197"
FDG = (
    "R. Boellaard et al., FDG PET/CT: EANM procedure guidelines for tumour imaging: version 2.0, "
    "Eur J Nucl Med Mol Imaging 2015;42:328-354"
)

PETMR_NOTE = (
    "For PET/MR and PET/CT with an axial field of view of 25 cm or more, at 3 min per bed; "
    "not for half-body or total-body scanners."
)

# What the card prints: weight from and until [kg], multiples of class A, B, C.
MULTIPLES = """
3 3 1 1 1|4 4 1.12 1.14 1.33|6 6 1.47 1.71 2.00|8 8 1.71 2.14 3.00|10 10 1.94 2.71 3.67|12 12 2.18 3.14 4.67|14 14 2.35 3.57 5.67
16 16 2.53 4.00 6.33|18 18 2.71 4.43 7.33|20 20 2.88 4.86 8.33|22 22 3.06 5.29 9.33|24 24 3.18 5.71 10.00|26 26 3.35 6.14 11.00
28 28 3.47 6.43 12.00|30 30 3.65 6.86 13.00|32 32 3.77 7.29 14.00|34 34 3.88 7.72 15.00|36 36 4.00 8.00 16.00
38 38 4.18 8.43 17.00|40 40 4.29 8.86 18.00|42 42 4.41 9.14 19.00|44 44 4.53 9.57 20.00
46 46 4.65 10.00 21.00|48 48 4.77 10.29 22.00
50 50 4.88 10.71 23.00|52 54 5.00 11.29 24.67|56 58 5.24 12.00 26.67|60 62 5.47 12.71 28.67|64 66 5.65 13.43 31.00
68 68 5.77 14.00 32.33
"""
PAGES = {
    "A": ("table of multiples, as reprinted in the Swiss label 57645 (Tc-99m mertiatide)", "read"),
    "B": ("table of multiples, as reprinted in the Irish SmPC of RenoCis, 2019 (Tc-99m succimer)", "read"),
    "C": ("table of multiples, two transcriptions", "secondary2"),
}
# tracer, procedure, class, baseline, minimum [MBq]
EANM_ROWS = (
    ("I-123 iodide", "thyroid", "C", 0.6, 3),
    ("I-123 amphetamine", "brain", "B", 13.0, 18),
    ("I-123 hippuran", "abnormal renal function", "B", 5.3, 10),
    ("I-123 hippuran", "normal renal function", "A", 12.8, 10),
    ("I-123 mIBG", "", "B", 28.0, 37),
    ("I-131 mIBG", "", "B", 5.6, 35),
    ("F-18 FDG", "torso", "B", 25.9, 26),
    ("F-18 FDG", "brain", "B", 14.0, 14),
    ("F-18 NaF", "", "B", 10.5, 14),
    ("Ga-67 citrate", "", "B", 5.6, 10),
    ("Ga-68 DOTATATE", "", "B", 12.8, 14),
    ("Ga-68 DOTATOC", "", "B", 12.8, 14),
    ("Ga-68 DOTANOC", "", "B", 12.8, 14),
    ("Tc-99m albumin", "cardiac", "B", 56.0, 80),
    ("Tc-99m colloid", "gastro-oesophageal reflux", "B", 2.8, 10),
    ("Tc-99m colloid", "liver and spleen", "B", 5.6, 15),
    ("Tc-99m colloid", "marrow", "B", 21.0, 20),
    ("Tc-99m DMSA", "", "B", 6.8, 18.5),
    ("Tc-99m DTPA", "abnormal renal function", "B", 14.0, 20),
    ("Tc-99m DTPA", "normal renal function", "A", 34.0, 20),
    ("Tc-99m ECD", "brain", "B", 51.8, 100),
    ("Tc-99m HMPAO", "brain", "B", 51.8, 100),
    ("Tc-99m HMPAO", "white blood cells", "B", 35.0, 40),
    ("Tc-99m IDA", "", "B", 10.5, 20),
    ("Tc-99m MAA", "", "B", 5.6, 10),
    ("Tc-99m MAG3", "", "A", 11.9, 15),
    ("Tc-99m MDP", "", "B", 35.0, 40),
    ("Tc-99m pertechnetate", "cystography", "B", 1.4, 20),
    ("Tc-99m pertechnetate", "Meckel", "B", 10.5, 20),
    ("Tc-99m pertechnetate", "cardiac first pass", "B", 35.0, 80),
    ("Tc-99m pertechnetate", "thyroid", "B", 5.6, 10),
    ("Tc-99m RBC", "blood pool", "B", 56.0, 80),
    ("Tc-99m RBC", "spleen, denatured", "B", 2.8, 20),
    ("Tc-99m MIBI", "cancer", "B", 63.0, 80),
    ("Tc-99m MIBI", "heart, two days, lowest", "B", 42.0, 80),
    ("Tc-99m MIBI", "heart, two days, highest", "B", 63.0, 80),
    ("Tc-99m MIBI", "heart, one day, first injection", "B", 28.0, 80),
    ("Tc-99m MIBI", "heart, one day, second injection", "B", 84.0, 80),
    ("Tc-99m tetrofosmin", "cancer", "B", 63.0, 80),
    ("Tc-99m tetrofosmin", "heart, two days, lowest", "B", 42.0, 80),
    ("Tc-99m tetrofosmin", "heart, two days, highest", "B", 63.0, 80),
    ("Tc-99m tetrofosmin", "heart, one day, first injection", "B", 28.0, 80),
    ("Tc-99m tetrofosmin", "heart, one day, second injection", "B", 84.0, 80),
    ("Tc-99m Technegas", "lung ventilation", "B", 49.0, 100),
)
READ = {"Tc-99m MAG3": "Swiss labels 57645 and 49796", "Tc-99m DMSA": "Irish SmPC of RenoCis, 2019"}
# Transcriptions differ, or which of two rows is meant is not certain until the card itself is opened.
DOUBTFUL = {"Tc-99m ECD", "I-123 hippuran", "Tc-99m DTPA", "Tc-99m MIBI", "Tc-99m tetrofosmin"}
NOTES = {
    "Tc-99m ECD": "The version of 2014 gives a minimum of 110 MBq.",
    "Tc-99m DTPA": "Which of the two rows is normal function is to be checked on the card itself.",
    "I-123 hippuran": "Which of the two rows is normal function is to be checked on the card itself.",
    "Tc-99m MIBI": "The naming of the cardiac rows is to be checked on the card itself.",
    "Tc-99m tetrofosmin": "The naming of the cardiac rows is to be checked on the card itself.",
}
# tracer, procedure, MBq/kg low, high, minimum, maximum [MBq], note, how
NA_2010_ROWS: tuple[tuple[Any, ...], ...] = (
    ("I-123 mIBG", "", 5.2, 5.2, 37, 370, "", "read"),
    ("Tc-99m MDP", "", 9.3, 9.3, 37, "", "", "read"),
    ("F-18 FDG", "torso", 3.7, 5.2, 37, "", "The lower end is to be considered for smaller patients.", "read"),
    ("F-18 FDG", "brain", 3.7, 3.7, 37, "", "", "read"),
    ("Tc-99m DMSA", "", 1.85, 1.85, 18.5, "", "", "read"),
    ("Tc-99m MAG3", "without flow", 3.7, 3.7, 37, 148, "At 1 min per image; less where images are longer.", "read"),
    ("Tc-99m MAG3", "with flow", 5.55, 5.55, 37, 148, "At 1 min per image; less where images are longer.", "read"),
    ("Tc-99m IDA", "", 1.85, 1.85, 18.5, "", "37 MBq may be considered for jaundice of the newborn.", "read"),
    ("Tc-99m MAA", "alone", 1.11, 1.11, 14.8, "", "", "read"),
    ("Tc-99m MAA", "after Tc-99m ventilation", 2.59, 2.59, 14.8, "", "", "read"),
    ("Tc-99m pertechnetate", "Meckel", 1.85, 1.85, 9.25, "", "", "read"),
    ("F-18 NaF", "", 2.22, 2.22, 18.5, "", "", "recalled"),
    ("Tc-99m pertechnetate", "cystography", "", "", "", 37, "For each filling of the bladder.", "read"),
    ("Tc-99m colloid", "gastric emptying, liquid", "", "", 9.25, 37, "", "read"),
    ("Tc-99m colloid", "gastric emptying, solid", "", "", 9.25, 18.5, "", "read"),
)
NA_2024_ROWS: tuple[tuple[Any, ...], ...] = (
    ("I-123 mIBG", "", 5.2, 5.2, 37, 370, ""),
    ("Tc-99m MDP", "", 9.3, 9.3, 37, 740, ""),
    ("F-18 FDG", "torso", 2.96, 5.2, 26, 370, ""),
    ("F-18 FDG", "brain", 1.85, 3.7, 14, 148, ""),
    ("Tc-99m DMSA", "", 1.85, 1.85, 18.5, 100, ""),
    ("Tc-99m MAG3", "without flow", 3.7, 3.7, 37, 148, ""),
    ("Tc-99m MAG3", "with flow", 5.55, 5.55, 37, 148, ""),
    ("Tc-99m IDA", "", 1.85, 1.85, 18.5, "", ""),
    ("Tc-99m MAA", "alone", 1.11, 1.11, 14.8, "", ""),
    ("Tc-99m MAA", "after Tc-99m ventilation", 2.59, 2.59, 14.8, "", ""),
    ("Tc-99m pertechnetate", "Meckel", 1.85, 1.85, 9.25, 296, ""),
    ("F-18 NaF", "", 1.85, 1.85, 18.5, 148, ""),
    ("Tc-99m pertechnetate", "cystography", "", "", "", 37, "For each filling of the bladder."),
    ("Tc-99m colloid", "gastric emptying, liquid", "", "", 18.5, 37, ""),
    ("Tc-99m colloid", "gastric emptying, solid", "", "", 9.25, 18.5, ""),
    ("Tc-99m HMPAO", "brain", 11.1, 11.1, 185, 740, ""),
    ("Tc-99m ECD", "brain", 11.1, 11.1, 185, 740, ""),
    ("Tc-99m MIBI", "heart, first injection", 5.55, 5.55, 185, 370, ""),
    ("Tc-99m MIBI", "heart, second injection", 16.7, 16.7, 185, 1110, ""),
    ("I-123 iodide", "thyroid", 0.28, 0.28, 1, 11, ""),
    ("I-123 iodide", "thyroid cancer", 3.7, 3.7, 74, 148, ""),
    ("Tc-99m pertechnetate", "thyroid", 1.1, 1.1, 7, 93, ""),
    ("Tc-99m RBC", "blood pool", 11.8, 11.8, 74, 740, ""),
    ("Tc-99m HMPAO", "white blood cells", 7.4, 7.4, 74, 555, ""),
    ("Ga-68 DOTATATE", "", 2.0, 2.0, 14, 200, ""),
    ("Ga-68 DOTATOC", "", 1.59, 1.59, 11.1, 111, ""),
    ("F-18 DOPA", "", 2.96, 5.92, 29.6, 222, ""),
    ("N-13 ammonia", "heart", 10.4, 10.4, 74, "", ""),
    ("Rb-82 chloride", "heart", 7.4, 7.4, 370, "", "The abstract prints 83Rb, a slip for Rb-82."),
)
# formula, overlap of beds, coefficient of the formula [MBq min / bed], reference weight [kg], power of weight
FORMULAS = (
    ("linear", "at most 30 %", 14, 1, 1),
    ("linear", "above 30 %", 7, 1, 1),
    ("quadratic", "at most 30 %", 1050, 75, 2),
    ("quadratic", "above 30 %", 525, 75, 2),
)
# Spellings beside the name itself, without the nuclide.
TRACERS = {
    "C-11 acetate": "",
    "C-11 amino acids": "",
    "C-11 brain receptor substances": "",
    "C-11 methionine": "",
    "F-18 FDG": "fluorodeoxyglucose;fludeoxyglucose;2-fluoro-2-deoxyglucose",
    "F-18 NaF": "fluoride;sodium fluoride",
    "F-18 DOPA": "FDOPA;L-DOPA;fluorodopa;Fluoro-L-dopa",
    "F-18 FET": "fluoroethyltyrosine;Fluorethyltyrosin",
    "F-18 amino acids": "",
    "F-18 brain receptor substances": "",
    "F-18 PSMA-1007": "",
    "Ga-67 citrate": "gallium citrate",
    "Ga-68 DOTATATE": "oxodotreotide",
    "Ga-68 DOTATOC": "edotreotide",
    "Ga-68 DOTANOC": "",
    "Ga-68 PSMA-11": "gozetotide;PSMA-HBED-CC;PSMA",
    "I-123 iodide": "NaI;sodium iodide",
    "I-123 amphetamine": "IMP;iofetamine",
    "I-123 hippuran": "iodohippurate;OIH",
    "I-123 mIBG": "iobenguane;metaiodobenzylguanidine;meta-iodobenzylguanidine;3-iodobenzylguanidine",
    "I-123 ioflupane": "FP-CIT;DaTSCAN",
    "I-123 BMIPP": "15-(4-iodophenyl)-3(R,S)-methylpentadecanoic acid",
    "I-131 iodide": "NaI;sodium iodide;radioiodine",
    "I-131 mIBG": "iobenguane;metaiodobenzylguanidine;3-iodobenzylguanidine",
    "In-111 octreotide": "pentetreotide;octreoscan",
    "Tc-99m albumin": "HSA;human serum albumin;serum albumin",
    "Tc-99m colloid": "sulphur colloid;sulfur colloid;nanocolloid",
    "Tc-99m DMSA": "succimer;dimercaptosuccinic acid",
    "Tc-99m DTPA": "pentetate",
    "Tc-99m ECD": "bicisate;Neurolite",
    "Tc-99m HMPAO": "exametazime;Ceretec",
    "Tc-99m IDA": "mebrofenin;HIDA;BrIDA;iminodiacetic acid;disofenin;lidofenin;N-substituted iminodiacetate",
    "Tc-99m MAA": "macroaggregated albumin;macrosalb;aggregated albumin",
    "Tc-99m MAG3": "mertiatide;mercaptoacetyltriglycine;tiatide;betiatide",
    "Tc-99m MDP": "medronate;HDP;HMDP;oxidronate;DPD;phosphonates;bone",
    "Tc-99m MIBI": "sestamibi;Cardiolite",
    "Tc-99m pertechnetate": "TcO4;sodium pertechnetate",
    "Tc-99m RBC": "red blood cells;erythrocytes;tagged red cells",
    "Tc-99m WBC": "white blood cells;leucocytes;leukocytes",
    "Tc-99m Technegas": "",
    "Tc-99m tetrofosmin": "Myoview",
    "Tl-201 chloride": "thallium;thallous chloride;thallium chloride",
    "Cr-51 EDTA": "",
    "O-15 water": "H2O;oxygen-water",
    "N-13 ammonia": "NH3",
    "Rb-82 chloride": "rubidium",
    # Given for therapy: known, so that a name that they share with a diagnostic one asks for its nuclide.
    "Ac-225 DOTATATE": "",
    "Ac-225 PSMA-617": "PSMA",
    "Ho-166 microspheres": "",
    "Lu-177 DOTATATE": "oxodotreotide;Lutathera",
    "Lu-177 DOTATOC": "edotreotide",
    "Lu-177 PSMA-617": "vipivotide tetraxetan;Pluvicto;PSMA",
    "Ra-223 dichloride": "radium;Xofigo",
    "Sm-153 EDTMP": "lexidronam",
    "Sr-89 chloride": "strontium",
    "Y-90 DOTATATE": "",
    "Y-90 DOTATOC": "edotreotide",
    "Y-90 microspheres": "SIR-Spheres;TheraSphere;SIRT",
}


def _csv(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _multiples() -> list[tuple[Any, ...]]:
    lines = [text.split() for text in MULTIPLES.replace("\n", "|").split("|") if text.strip()]
    rows: list[tuple[Any, ...]] = []
    for k, (name, (page, how)) in enumerate(PAGES.items()):
        end = (EANM, page, "5.7.2016", "2016-07-05", "", how)
        rows += [("eanm-2016", name, line[0], line[1], line[2 + k], *end) for line in lines]
    return rows


def _activities() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for tracer, procedure, name, baseline, minimum in EANM_ROWS:
        how = "read" if tracer in READ else "secondary" if tracer in DOUBTFUL else "secondary2"
        page = f"baseline and minimum, as in the {READ[tracer]}" if tracer in READ else "baseline and minimum activities"
        end = (EANM, page, "5.7.2016", "2016-07-05", "", how)
        rows.append(("eanm-2016", tracer, procedure, name, baseline, "", "", minimum, "", NOTES.get(tracer, ""), *end))
    end = (DICKSON, "abstract", "2022", "2021-12-15", "", "read")
    rows.append(("eanm-2022-petmr", "F-18 FDG", "torso", "B", 10.7, "", "", 10, "", PETMR_NOTE, *end))
    for *row, how in NA_2010_ROWS:
        end = (NA2010, "table 1", "2010", "2011-02-01", "2016-11-30", how)
        rows.append(("na-2010", *row[:2], "", "", *row[2:], *end))
    for row in NA_2024_ROWS:
        end = (NA2024, "table 1", "2024", "2024-06-01", "", "secondary")
        rows.append(("na-2024", *row[:2], "", "", *row[2:], *end))
    return rows


def main() -> None:
    known = {name for row in (*EANM_ROWS, *NA_2010_ROWS, *NA_2024_ROWS) for name in row[:1]}
    if unknown := sorted(known - set(TRACERS)):
        raise SystemExit(f"no spelling for {unknown}")
    base = {"licence": LICENCE, "note": HOW}
    write_table(
        FOLDER,
        "card_multiples",
        _csv(("card", "class", "weight_from_kg", "weight_until_kg", "multiple", *CLOSING), _multiples()),
        base | {"title": "Multiples of the EANM dosage card by weight and class", "source": EANM, "edition": "5.7.2016",
                "errata": "52 to 54 kg: 11.29 and 24.67 for classes B and C; some transcriptions print 11.00 and 24.00"},
        made_by=MADE_BY,
    )  # fmt: skip
    columns = ("card", "tracer", "procedure", "class", "baseline_MBq", "low_MBq_per_kg", "high_MBq_per_kg", "minimum_MBq",
               "maximum_MBq", "remark", *CLOSING)  # fmt: skip
    write_table(
        FOLDER,
        "card_activities",
        _csv(columns, _activities()),
        base
        | {
            "title": "Activities for children by card, tracer and procedure",
            "source": f"{EANM}; {DICKSON}; {NA2010}; {NA2024}",
            "edition": "2024",
            "note": f"{HOW} The update of 2016 ended the North American guideline of 2010; the update of 2024 was "
            "approved in spring 2024 and is taken to hold from 1 June.",
        },
        made_by=MADE_BY,
    )
    formulas = [
        ("eanm-fdg-2015", "F-18 FDG", *row, FDG, "section on FDG activity", "2.0", "2015-02-01", "", "recalled")
        for row in FORMULAS
    ]
    columns = (
        "formula_set",
        "tracer",
        "formula",
        "overlap",
        "coefficient_MBq_min_per_bed",
        "reference_weight_kg",
        "power",
        *CLOSING,
    )
    write_table(
        FOLDER,
        "adult_formulas",
        _csv(columns, formulas),
        base | {"title": "Weight formulas of FDG activity for adults", "source": FDG, "edition": "2.0"},
        made_by=MADE_BY,
    )
    write_table(
        FOLDER,
        "tracer_names",
        _csv(("tracer", "spellings"), list(TRACERS.items())),
        {"title": "Names and spellings of radiopharmaceuticals", "source": "names of the substances and of their labels",
         "edition": "1", "licence": LICENCE},
        made_by=MADE_BY,
    )  # fmt: skip


if __name__ == "__main__":
    main()
