"""Write effective dose by activity and by dose-length product, organ doses, tissue weights, and what counts as therapy."""

import csv
import io
from pathlib import Path
from typing import Any

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protection" / "data"
MADE_BY = "make_dose_coefficients.py"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")
BASE = {
    "licence": "published facts, taken with citation",
    "note": "how: read, secondary2 (in two transcriptions that agree), secondary, recalled or derived; "
    "recalled and secondary print as unverified.",
}
ICRP128 = "ICRP Publication 128, Ann ICRP 2015;44(2S)"
ICRP106 = "ICRP Publication 106, Ann ICRP 2008;38(1-2)"
LABEL = "product label, coefficients of ICRP Publications 80 and 106"
NETSPOT = "FDA label of Ga-68 dotatate"
PSMA = "FDA label of Ga-68 gozetotide"
ANDERSSON = "M. Andersson, L. Johansson, D. Minarik, S. Leide-Svegborn, S. Mattsson, EJNMMI Phys 2014;1:9"
ERRATUM = f"{ANDERSSON}, with Erratum EJNMMI Phys 2015 (s40658-015-0121-4)"
SHRIMPTON = "P. C. Shrimpton et al., NRPB-PE/1/2004, as reprinted by C. Lee et al., Med Phys 2012;39:2129-2146"
LEE = "C. Lee, K. P. Kim, D. J. Long, W. E. Bolch, Med Phys 2012;39:2129-2146"
ICRP60 = "ICRP Publication 60, Ann ICRP 1991;21(1-3)"
ICRP103 = "ICRP Publication 103, Ann ICRP 2007;37(2-4)"

AGES = ("adult", "15", "10", "5", "1", "newborn")
# tracer, condition, adult, 15, 10, 5, 1 year [mSv/MBq], how of the adult, how of children
ICRP_128: tuple[tuple[Any, ...], ...] = (
    ("F-18 FDG", "", (0.019, 0.024, 0.037, 0.056, 0.095), "secondary2", "secondary"),
    ("Tc-99m MDP", "", (0.0049, 0.0057, 0.0086, 0.012, 0.018), "secondary", "secondary"),
    ("Tc-99m tetrofosmin", "rest", (0.0080, 0.010, 0.015, 0.024, 0.046), "secondary", "secondary"),
    ("Tc-99m tetrofosmin", "exercise", (0.0069, 0.0088, 0.013, 0.021, 0.039), "secondary", "secondary"),
    ("Tc-99m DMSA", "", (0.0088, 0.011, 0.015, 0.021, 0.037), "secondary", "secondary"),
    ("Tc-99m colloid", "large colloid", (0.0091, 0.012, 0.018, 0.027, 0.049), "secondary", "secondary"),
    ("Tc-99m pertechnetate", "thyroid not blocked", (0.013, 0.017, 0.026, 0.042, 0.079), "secondary", "secondary"),
    ("Ga-67 citrate", "", (0.10, 0.13, 0.20, 0.33, 0.64), "secondary2", "secondary"),
    ("I-123 ioflupane", "", (0.025, 0.033, 0.051, 0.078, 0.14), "secondary", "secondary"),
    ("I-123 BMIPP", "", (0.016, 0.020, 0.031, 0.047, 0.087), "secondary", "secondary"),
    ("Tl-201 chloride", "", (0.14, 0.20, 0.56, 0.79, 1.3), "secondary", "recalled"),
    ("I-131 iodide", "thyroid uptake low", (14,), "recalled", ""),
    ("I-131 iodide", "thyroid uptake medium", (22,), "recalled", ""),
    ("I-131 iodide", "thyroid uptake high", (29,), "recalled", ""),
    ("I-131 iodide", "thyroid blocked or absent", (0.28,), "recalled", ""),
)
# Adults, as printed in table 1 of the erratum of Andersson et al. for comparison.
ICRP_106 = (
    ("C-11 acetate", 3.5e-3), ("C-11 amino acids", 5.6e-3), ("C-11 brain receptor substances", 4.3e-3),
    ("C-11 methionine", 8.4e-3), ("O-15 water", 1.1e-3), ("F-18 amino acids", 2.3e-2), ("F-18 brain receptor substances", 2.8e-2),
    ("F-18 FDG", 1.9e-2), ("F-18 DOPA", 2.5e-2), ("Cr-51 EDTA", 2.0e-3),
)  # fmt: skip
LABELS: tuple[tuple[Any, ...], ...] = (
    ("Tc-99m MDP", "", (0.0057, 0.0070, 0.011, 0.014, 0.027), "icrp-60", LABEL),
    ("Tc-99m MIBI", "rest", (0.0090, 0.012, 0.018, 0.028, 0.053), "icrp-60", LABEL),
    ("Tc-99m MAG3", "", (0.0070, 0.0090, 0.012, 0.012, 0.022), "icrp-60", LABEL),
    ("I-123 mIBG", "", (0.013, 0.017, 0.026, 0.037, 0.068), "icrp-60", LABEL),
    ("Tc-99m ECD", "", (0.0077, 0.0099, 0.015, 0.022, 0.040), "icrp-60", LABEL),
    ("F-18 NaF", "", (0.024, None, None, 0.086), "icrp-60", LABEL),
    ("Ga-68 DOTATATE", "", (0.021, 0.025, 0.040, 0.064, 0.13, 0.35), "not stated", NETSPOT),
    ("Ga-68 PSMA-11", "", (0.0169,), "not stated", PSMA),
)
# tracer, mean of the sexes, male, female [mSv/MBq]
CORRECTED = (
    ("C-11 acetate", 3.65e-3, 3.33e-3, 3.97e-3),
    ("C-11 amino acids", 5.26e-3, 4.91e-3, 5.61e-3),
    ("C-11 brain receptor substances", 3.62e-3, 3.23e-3, 4.00e-3),
    ("C-11 methionine", 5.11e-3, 4.50e-3, 5.72e-3),
    ("O-15 water", 9.33e-4, 8.72e-4, 9.93e-4),
    ("F-18 amino acids", 2.07e-2, 1.92e-2, 2.21e-2),
    ("F-18 brain receptor substances", 2.02e-2, 1.82e-2, 2.22e-2),
    ("F-18 FDG", 1.71e-2, 1.53e-2, 1.88e-2),
    ("F-18 DOPA", 1.57e-2, 1.37e-2, 1.76e-2),
    ("Cr-51 EDTA", 1.43e-3, 1.23e-3, 1.62e-3),
)
# As first printed: the erratum replaced the table. They are kept to answer for reports of that year, and end with it.
ORIGINAL = (
    ("F-18 FDG", "", 1.59e-2), ("F-18 DOPA", "", 1.68e-2), ("F-18 amino acids", "", 1.86e-2), ("O-15 water", "", 8.29e-4),
    ("F-18 brain receptor substances", "", 1.91e-2), ("Cr-51 EDTA", "", 1.56e-3),
    ("Tc-99m MIBI", "rest", 0.00703), ("Tc-99m MIBI", "exercise", 0.00655), ("Tc-99m MAA", "", 0.0102),
    ("Tc-99m IDA", "", 0.00862),
    ("Tc-99m HMPAO", "", 0.0101), ("Tc-99m ECD", "", 0.00575), ("Tc-99m MAG3", "", 0.00465), ("Tc-99m RBC", "", 0.00269),
    ("Tc-99m WBC", "", 0.00717), ("I-123 mIBG", "", 0.0132), ("In-111 octreotide", "", 0.0687),
)  # fmt: skip
FDG_ORGANS = {
    0.13: "bladder", 0.067: "heart", 0.038: "brain", 0.021: "liver", 0.020: "lungs", 0.018: "uterus", 0.017: "kidneys",
    0.014: "ovaries", 0.013: "gall bladder;colon;pancreas", 0.012: "adrenals;small intestine;oesophagus;thymus",
    0.011: "stomach;red marrow;spleen;testes;bone surface", 0.010: "muscle;thyroid", 0.0088: "breast", 0.0078: "skin",
}  # fmt: skip
# region: newborn, 1, 5, 10, 15 years, adult [mSv/(mGy cm)], at 120 kV
SHRIMPTON_ROWS = {
    "head": (0.0110, 0.0067, 0.0040, 0.0032, None, 0.0021),
    "chest": (0.0390, 0.0260, 0.0180, 0.0130, None, 0.0140),
    "abdomen and pelvis": (0.0490, 0.0300, 0.0200, 0.0150, None, 0.0150),
    "trunk": (0.0440, 0.0280, 0.0190, 0.0140, None, 0.0150),
}
LEE_ROWS = {
    "head": (0.0086, 0.0058, 0.0043, 0.0029, 0.0022, 0.0017),
    "chest": (0.0508, 0.0330, 0.0240, 0.0168, 0.0121, 0.0210),
    "abdomen and pelvis": (0.0475, 0.0309, 0.0221, 0.0142, 0.0114, 0.0179),
    "trunk": (0.0440, 0.0288, 0.0207, 0.0144, 0.0108, 0.0180),
}
# McCollough et al., AAPM Report 96 (2008), footnote of table 3, recalled; in both sets the step from 15 years to the adult
# bears it out, for the same exposure has about half the DLP in the larger phantom.
CT_PHANTOM = "which phantom the dose-length product must refer to was recalled (AAPM Report 96, table 3), not read"
# The remainder is one entry: how its tissues are averaged is in protection/tissue_weights.py.
TISSUES = {
    "icrp-60": ("gonads 0.20;red marrow 0.12;colon 0.12;lungs 0.12;stomach 0.12;bladder 0.05;breast 0.05;liver 0.05;"
                "oesophagus 0.05;thyroid 0.05;skin 0.01;bone surface 0.01;remainder 0.05"),
    "icrp-103": ("red marrow 0.12;colon 0.12;lungs 0.12;stomach 0.12;breast 0.12;remainder 0.12;gonads 0.08;bladder 0.04;"
                 "oesophagus 0.04;liver 0.04;thyroid 0.04;bone surface 0.01;brain 0.01;salivary glands 0.01;skin 0.01"),
}  # fmt: skip
# nuclide, above which activity it is therapy [MBq]
THERAPY = (
    ("Ac-225", 0), ("At-211", 0), ("Bi-213", 0), ("Cu-67", 0), ("Er-169", 0), ("Ho-166", 0), ("Lu-177", 0), ("P-32", 0),
    ("Pb-212", 0), ("Ra-223", 0), ("Re-186", 0), ("Re-188", 0), ("Sm-153", 0), ("Sr-89", 0), ("Tb-161", 0), ("Th-227", 0),
    ("Y-90", 0), ("I-131", 200),
)  # fmt: skip


def _csv(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*columns, *CLOSING))
    writer.writerows(rows)
    return out.getvalue()


def _coefficients() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    mird = "MIRD phantoms, one for both sexes"
    for tracer, condition, values, how, how_children in ICRP_128:
        end = (ICRP128, "table of the substance", "2015", "2015-07-01", "")
        remark = "0.24 to 0.28 by edition" if condition.startswith("thyroid blocked") else ""
        for age, value in zip(AGES, values, strict=False):
            sure = how if age == "adult" else how_children
            rows.append(("icrp-128", "icrp-60", mird, tracer, condition, age, "both", value, remark, *end, sure))
    for tracer, value in ICRP_106:
        page = "as printed in table 1 of the erratum of Andersson et al."
        rows.append(
            ("icrp-106", "icrp-60", mird, tracer, "", "adult", "both", value, "", ICRP106, page, "2008", "", "", "secondary")
        )
    for tracer, condition, values, weights, source in LABELS:
        for age, value in zip(AGES, values, strict=False):
            if value is not None:
                end = (source, "section on dosimetry", "", "", "", "secondary")
                rows.append(("label", weights, "not stated", tracer, condition, age, "both", value, "", *end))
    voxels = "ICRP/ICRU voxel phantoms of the reference man and woman"
    for tracer, *values in CORRECTED:
        for sex, value in zip(("mean", "male", "female"), values, strict=True):
            end = (ERRATUM, "erratum, table 1", "2015", "2015-09-30", "", "read")
            rows.append(("andersson-2014", "icrp-103", voxels, tracer, "", "adult", sex, value, "", *end))
    for tracer, condition, value in ORIGINAL:
        end = (ANDERSSON, "table 1, before its erratum", "2014", "2014-09-29", "2015-09-29", "read")
        rows.append(("andersson-2014", "icrp-103", voxels, tracer, condition, "adult", "mean", value, "", *end))
    return rows


def _ct() -> list[tuple[Any, ...]]:
    ages = ("newborn", "1", "5", "10", "15", "adult")
    given = (
        ("shrimpton-2004", "icrp-60", SHRIMPTON_ROWS, (SHRIMPTON, "table XII", "2004", "", "", "secondary")),
        ("lee-2012", "icrp-103", LEE_ROWS, (LEE, "table XII, ED103, 120 kV", "2012", "2012-03-28", "", "read")),
    )
    return [
        (name, weights, region, age, k, 16 if region == "head" or age != "adult" else 32, CT_PHANTOM, *end)
        for name, weights, table, end in given
        for region, values in table.items()
        for age, k in zip(ages, values, strict=True)
        if k is not None
    ]


def _tissues() -> list[tuple[Any, ...]]:
    ends = {
        "icrp-60": (ICRP60, "table 2", "1991", "1991-01-01", "", "secondary2"),
        "icrp-103": (ICRP103, "table 3", "2007", "2007-12-01", "", "secondary2"),
    }
    return [(name, *item.rsplit(" ", 1), *ends[name]) for name, text in TISSUES.items() for item in text.split(";")]


def _therapy() -> list[tuple[Any, ...]]:
    only = ("ICRP Publication 140, Ann ICRP 2019;48(1)", "nuclides given for therapy", "2019", "", "", "recalled")
    iodine = ("label of I-131 sodium iodide", "200 to 800 MBq for hyperthyroidism", "", "", "", "recalled")
    return [(nuclide, limit, *(iodine if limit else only)) for nuclide, limit in THERAPY]


def _organs() -> list[tuple[Any, ...]]:
    end = (
        ICRP128,
        "table of F-18 FDG, matching the values in a manufacturer's dose report",
        "2015",
        "2015-07-01",
        "",
        "secondary2",
    )
    return [
        ("icrp-128", "F-18 FDG", "", "adult", organ, value, *end)
        for value, names in FDG_ORGANS.items()
        for organ in names.split(";")
    ]


def _write(name: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]], about: dict[str, str]) -> None:
    write_table(FOLDER, name, _csv(columns, rows), BASE | about, made_by=MADE_BY)


def main() -> None:
    sources = f"{ICRP128}; {ICRP106}; {ERRATUM}; labels"
    errata = "F-18 FDG of Andersson et al. is 0.0171, not 0.0159 mSv/MBq: Erratum of 2015"
    _write(
        "effective_dose",
        ("set", "weights", "phantom", "tracer", "condition", "age", "sex", "coefficient_mSv_per_MBq", "remark"),
        _coefficients(),
        {"title": "Effective dose by administered activity", "source": sources, "edition": "2015", "errata": errata},
    )
    _write(
        "organ_dose",
        ("set", "tracer", "condition", "age", "organ", "coefficient_mGy_per_MBq"),
        _organs(),
        {"title": "Absorbed dose of organs by administered activity", "source": ICRP128, "edition": "2015"},
    )
    _write(
        "ct_effective_dose",
        ("set", "weights", "region", "age", "k_mSv_per_mGy_cm", "phantom_cm", "remark"),
        _ct(),
        {"title": "Effective dose of CT by dose-length product", "source": f"{SHRIMPTON}; {LEE}", "edition": "2012"},
    )
    _write(
        "tissue_weights",
        ("weights", "tissue", "w_T"),
        _tissues(),
        {"title": "Tissue weighting factors", "source": f"{ICRP60}; {ICRP103}", "edition": "2007"},
    )
    _write(
        "therapy_nuclides",
        ("nuclide", "above_MBq"),
        _therapy(),
        {
            "title": "Nuclides given for therapy, and from which activity",
            "source": "ICRP Publication 140; labels",
            "edition": "2019",
        },
    )


if __name__ == "__main__":
    main()
