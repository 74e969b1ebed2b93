"""Write where tracers go in the virtual patient's torso: shares of the administered activity, each with its source.

A concentration by body mass (SUV) at a time, or one that follows from a published absorbed dose, becomes a share by the
volumes of the virtual man of 73 kg:

    share = SUV V (1 g/ml) / 73 kg / b(t),      SUV = D (73 kg) / (A0 tau S m)

with b what is left of the biological curve at that time, S m the energy that a Bq s leaves in a sphere of the organ's mass,
and tau the effective half-life by ln 2. Cross-dose is neglected there, so that such concentrations are some per cent too high.
"""

import csv
import io
import math
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "imaging" / "data"
COLUMNS = ("tracer", "region", "kind", "value", "uptake_h", "phases", "published", "source", "page", "edition", "how")
Row = tuple[object, ...]
Rows = list[Row]
Closing = tuple[str, str, str, str]
MASS = 73_000.0  # g
# Of the virtual man [ml]: what `hevesy.imaging.phantoms` paints; a test holds them to it.
VOLUMES = {
    "Kidney_Left": 212.7, "Kidney_Right": 212.1, "Liver": 1857.5, "Spleen": 188.4, "Urinary bladder": 197.8, "Spine": 672.3,
    "Muscle": 19111.0, "Bone": 1376.5, "Heart": 433.4, "Vessels": 370.3, "Lung_Left": 1428.9, "Lung_Right": 1443.1,
    "Bowel": 803.0, "Fat": 10299.0,
}  # fmt: skip
# Energy that one Bq s leaves in a sphere of an organ's mass [J]: hevesy.dose.spheres, kidney 0.15, liver 1.8, spleen 0.18 kg.
LEFT = {
    ("Ga-68", "Kidney"): 1.243e-13, ("Ga-68", "Liver"): 1.428e-13, ("Ga-68", "Spleen"): 1.254e-13,
    ("Lu-177", "Kidney"): 2.406e-14, ("Lu-177", "Liver"): 2.479e-14, ("Lu-177", "Spleen"): 2.410e-14,
}  # fmt: skip
STAYS = "1:inf"

ICRP = ("ICRP Publication 128, Ann ICRP 2015;44(2S)", "biokinetic data of the substance", "2015", "recalled")
MADE = ("Hevesy: of the size seen in patients, no measurement", "", "", "made")
ROHANI = ("Rohani et al., Asian Spine J 2020;14(5)", "abstract: SUVmean by body mass of 286 normal vertebrae", "2020", "read")
DPD = ("M. Cachovan et al., EJNMMI Res 2013;3:45", "abstract: Tc-99m DPD, said there to be in the range of F-18 fluoride", "2013",
       "secondary")  # fmt: skip
NAF = ("Sodium Fluoride F18 Injection, US prescribing information", "pharmacology", "2021", "secondary")
LIVER_PSMA = ("EJNMMI Res 2024, doi 10.1186/s13550-024-01097-3", "abstract: SUVmean in 50 patients", "2024", "read")
SANDGREN = ("K. Sandgren et al., EJNMMI Phys 2019;6:2", "abstract: kidneys 40 mGy after 160 MBq", "2019", "derived")
WALKER = ("Measured human dosimetry of 68Ga-DOTATATE, J Nucl Med 2013;54:855, PMC4472480", "table 3", "2013", "derived")
RENOCIS = ("Renocis, summary of product characteristics, HPRA", "section 5.2", "2019", "secondary")
LI = ("EJNMMI Phys 2021, doi 10.1186/s40658-021-00401-7: renal 99mTc-DMSA pharmacokinetics in pediatric patients",
      "abstract: 0.5 of ICRP in adults; about 0.3 found in children", "2021", "read")  # fmt: skip
LU_DOSE = ("Lu-177 PSMA-617 in 7 patients, Mol Imaging Radionucl Ther, PMC5472088; half-lives: AAPM 2026, normal-organ effective "
           "half-lives for 177Lu-PSMA", "abstracts", "", "derived")  # fmt: skip
LU_LABEL = ("Pluvicto (Lu-177 PSMA-617), US prescribing information: absorbed doses", "section 12.2", "2022", "recalled")


def share(region: str, suv: float, left: float = 1.0) -> float:
    """Of the administered activity, at time zero."""
    return suv * VOLUMES[region] / MASS / left


def suv_of_dose(nuclide: str, organ: str, dose: float, half_life_h: float) -> float:
    """At time zero, from an absorbed dose by activity [Gy/Bq] and an effective half-life."""
    return dose * MASS / 1000 / (half_life_h * 3600 / math.log(2) * LEFT[nuclide, organ])


def row(tracer: str, region: str, kind: str, value: float, uptake_h: float, phases: str, published: str, closing: Closing) -> Row:
    return (tracer, region, kind, f"{value:.4g}", uptake_h or "", phases, published, *closing)


def both_kidneys(tracer: str, suv: float, uptake_h: float, phases: str, published: str, closing: Closing) -> Rows:
    return [
        row(tracer, f"Kidney_{side}", "share", share(f"Kidney_{side}", suv), uptake_h, phases, published, closing)
        for side in ("Left", "Right")
    ]


def rest(tracer: str, concentrations: dict[str, float], left: float = 1.0, phases: str = STAYS, uptake_h: float = 0.0) -> Rows:
    """The remainder by its concentrations (SUV), all made: one curve, and a weight for each region."""
    whole = sum(share(region, suv, left) for region, suv in concentrations.items() if region in VOLUMES)
    weights = [row(tracer, region, "weight", suv, 0, "", f"SUV {suv:g}", MADE) for region, suv in concentrations.items()]
    return [row(tracer, "Remainder", "share", whole, uptake_h, phases, "sum of its parts", MADE), *weights]


def lesions(liver: float, bone: float, soft: float) -> dict[str, float]:
    """Those of the virtual patient, in the unit of the other weights."""
    return {"Lesion 1": liver, "Lesion 2": bone, "Lesion 3": soft}


def fdg() -> Rows:
    def part(region: str, value: float, closing: Closing = ICRP, phases: str = STAYS, uptake_h: float = 0.0) -> Row:
        return row("fdg", region, "share", value, uptake_h, phases, f"{100 * value:.3g} %", closing)

    rows = [part("Heart", 0.04), part("Lung_Left", 0.014), part("Lung_Right", 0.016), part("Liver", 0.05)]
    rows += [part(f"Kidney_{side}", 0.007, MADE, "0.6:1;0.4:inf") for side in ("Left", "Right")]
    rows += [part("Spleen", 0.004, MADE), part("Urinary bladder", 0.04, MADE, STAYS, 0.5)]
    rows.append(
        row("fdg", "Remainder", "share", 0.80 * 0.52, 0, "0.075:0.2;0.225:1.5;0.70:inf", "80 %, 30 % of it excreted", ICRP)
    )
    weights = {"Muscle": 0.7, "Fat": 0.35, "Bowel": 1.5, "Vessels": 1.6, "Spine": 1.6, "Bone": 0.8} | lesions(9, 7, 8)
    return rows + [row("fdg", region, "weight", w, 0, "", "", MADE) for region, w in weights.items()]


def phosphonate() -> Rows:
    kept, at_3_h = "0.3:2;0.7:72", 0.3 * 2**-1.5 + 0.7 * 2 ** (-3 / 72)
    rows = [
        row("phosphonate", "Spine", "share", share("Spine", 3.92, at_3_h), 0.25, kept, "SUVmean 3.92 at about 3 h", ROHANI),
        row("phosphonate", "Bone", "share", share("Bone", 2.5, at_3_h), 0.25, kept, "SUV 2.5 at 3 h", MADE),
        *(row("phosphonate", f"Kidney_{side}", "share", 0.01, 0, "0.5:0.5;0.5:48", "1 %", MADE) for side in ("Left", "Right")),
        row("phosphonate", "Urinary bladder", "share", 0.05, 0.75, STAYS, "5 %", MADE),
        row("phosphonate", "Remainder", "share", 0.48 * 0.52, 0, "0.6:0.5;0.3:2;0.1:72", "half of it not in bone", ICRP),
    ]
    weights = {"Muscle": 1.0, "Fat": 0.35, "Bowel": 1.8, "Heart": 1.8, "Vessels": 1.8, "Liver": 1.2, "Spleen": 1.0,
               "Lung_Left": 0.3, "Lung_Right": 0.3} | lesions(1.2, 40, 1.2)  # fmt: skip
    return rows + [row("phosphonate", region, "weight", w, 0, "", "", MADE) for region, w in weights.items()]


def fluoride() -> Rows:
    others = {"Muscle": 0.6, "Fat": 0.2, "Bowel": 0.8, "Heart": 1.4, "Vessels": 1.4, "Liver": 0.6, "Spleen": 0.6,
              "Lung_Left": 0.3, "Lung_Right": 0.3} | lesions(0.6, 20, 0.6)  # fmt: skip
    # Plasma half-lives of the label, half in each.
    in_plasma, after_1_h = "0.5:0.4;0.5:2.6", 0.5 * (2**-2.5 + 2 ** (-1 / 2.6))
    return [
        row("fluoride", "Spine", "share", share("Spine", 5.9), 0.1, STAYS, "SUVmean 5.9", DPD),
        row("fluoride", "Bone", "share", share("Bone", 3.5), 0.1, STAYS, "SUV 3.5", MADE),
        *both_kidneys("fluoride", 2.0, 0, "0.5:1;0.5:inf", "SUV 2 at time zero", MADE),
        row("fluoride", "Urinary bladder", "share", 0.10, 0.7, STAYS, "20 % in urine within 2 h, half of it voided", NAF),
        *rest("fluoride", others, after_1_h, in_plasma),
    ]


def psma_11() -> Rows:
    kidney = suv_of_dose("Ga-68", "Kidney", 0.25e-9, 67.7 / 60)
    return [
        row("psma-11", "Liver", "share", share("Liver", 5.4), 0.1, STAYS, "SUVmean 5.4", LIVER_PSMA),
        row("psma-11", "Spleen", "share", share("Spleen", 8.1), 0.1, STAYS, "SUVmean 8.1", LIVER_PSMA),
        *both_kidneys("psma-11", kidney, 0.1, STAYS, f"0.25 mGy/MBq, as SUV {kidney:.3g}", SANDGREN),
        row("psma-11", "Urinary bladder", "share", 0.05, 0.7, STAYS, "5 %", MADE),
        *rest("psma-11", {"Muscle": 0.6, "Fat": 0.25, "Bowel": 3.0, "Heart": 1.5, "Vessels": 1.5, "Spine": 0.8, "Bone": 0.7,
                          "Lung_Left": 0.5, "Lung_Right": 0.5} | lesions(12, 15, 15)),
    ]  # fmt: skip


def psma_1007() -> Rows:
    return [
        row("psma-1007", "Liver", "share", share("Liver", 11.7), 0.2, STAYS, "SUVmean 11.7", LIVER_PSMA),
        row("psma-1007", "Spleen", "share", share("Spleen", 11.2), 0.2, STAYS, "SUVmean 11.2", LIVER_PSMA),
        *both_kidneys("psma-1007", 16.0, 0.2, STAYS, "SUV 16", MADE),
        row("psma-1007", "Urinary bladder", "share", 0.01, 0.7, STAYS, "1 %", MADE),
        *rest("psma-1007", {"Muscle": 0.7, "Fat": 0.25, "Bowel": 3.5, "Heart": 2.0, "Vessels": 2.0, "Spine": 1.1, "Bone": 0.9,
                            "Lung_Left": 0.5, "Lung_Right": 0.5} | lesions(18, 15, 15)),
    ]  # fmt: skip


def somatostatin(tracer: str, kidneys: float, liver: float, spleen: float) -> Rows:
    """Of a Ga-68 peptide, from absorbed doses [mGy/MBq] of one table."""
    doses = {"Liver": liver, "Spleen": spleen}
    rows = [
        row(tracer, organ, "share", share(organ, suv_of_dose("Ga-68", organ, dose * 1e-9, 67.7 / 60)), 0.1, STAYS,
            f"{dose:g} mGy/MBq, as SUV {suv_of_dose('Ga-68', organ, dose * 1e-9, 67.7 / 60):.3g}", WALKER)
        for organ, dose in doses.items()
    ]  # fmt: skip
    kidney = suv_of_dose("Ga-68", "Kidney", kidneys * 1e-9, 67.7 / 60)
    return [
        *rows,
        *both_kidneys(tracer, kidney, 0.1, STAYS, f"{kidneys:g} mGy/MBq, as SUV {kidney:.3g}", WALKER),
        row(tracer, "Urinary bladder", "share", 0.05, 0.7, STAYS, "5 %", MADE),
        *rest(tracer, {"Muscle": 0.7, "Fat": 0.25, "Bowel": 2.0, "Heart": 1.2, "Vessels": 1.2, "Spine": 1.0, "Bone": 0.7,
                       "Lung_Left": 0.5, "Lung_Right": 0.5} | lesions(20, 15, 15)),
    ]  # fmt: skip


def dmsa() -> Rows:
    return [
        *(row("dmsa", f"Kidney_{side}", "share", 0.25, 1.0, STAYS, "50 % in both kidneys of adults; children about 30 %", LI)
          for side in ("Left", "Right")),
        row("dmsa", "Liver", "share", 0.03, 1.0, STAYS, "less than 3 %", RENOCIS),
        row("dmsa", "Urinary bladder", "share", 0.05, 1.0, STAYS, "5 %", MADE),
        # An effective half-life of 1 h in blood is a biological one of 1.2 h; a tenth stays in tissue.
        row("dmsa", "Remainder", "share", 0.40 * 0.52, 0, "0.9:1.2;0.1:inf", "effective half-life of 1 h in blood", RENOCIS),
        *(row("dmsa", region, "weight", w, 0, "", "", MADE) for region, w in {
            "Muscle": 1.0, "Fat": 0.35, "Bowel": 1.8, "Heart": 3.0, "Vessels": 3.0, "Spleen": 2.0, "Spine": 1.5, "Bone": 1.0,
            "Lung_Left": 0.6, "Lung_Right": 0.6, **lesions(1, 1, 1)}.items()),
    ]  # fmt: skip


def mibg() -> Rows:
    body = "0.36:3;0.63:33.6;0.01:inf"
    return [
        row("mibg", "Liver", "share", 0.33, 0, body, "33 %, leaving as the body does: 36 % with 3 h, 63 % with 1.4 d", ICRP),
        row("mibg", "Urinary bladder", "share", 0.02, 1.0, "1:33.6", "2 %", MADE),
        row("mibg", "Remainder", "share", 0.65 * 0.52, 0, body, "the rest of the body", ICRP),
        *(row("mibg", region, "weight", w, 0, "", "", MADE) for region, w in {
            "Muscle": 1.0, "Fat": 0.35, "Bowel": 2.5, "Heart": 3.0, "Vessels": 1.2, "Spleen": 4.0, "Spine": 0.8, "Bone": 0.7,
            "Lung_Left": 1.0, "Lung_Right": 1.0, "Kidney_Left": 2.0, "Kidney_Right": 2.0, **lesions(20, 12, 12)}.items()),
    ]  # fmt: skip


def psma_617() -> Rows:
    def phases(effective_h: float) -> str:
        return f"1:{1 / (1 / effective_h - 1 / 159.5):.1f}"

    kidney = suv_of_dose("Lu-177", "Kidney", 0.82e-9, 35.5)
    liver, spleen = (suv_of_dose("Lu-177", o, d, T) for o, d, T in (("Liver", 0.090e-9, 22.9), ("Spleen", 0.067e-9, 16.8)))
    return [
        *both_kidneys("psma-617", kidney, 0.5, phases(35.5), "0.82 Gy/GBq, effective half-life 35.5 h", LU_DOSE),
        row("psma-617", "Liver", "share", share("Liver", liver), 0.5, phases(22.9), "0.090 Gy/GBq, 22.9 h", LU_LABEL),
        row("psma-617", "Spleen", "share", share("Spleen", spleen), 0.5, phases(16.8), "0.067 Gy/GBq, 16.8 h", LU_LABEL),
        row("psma-617", "Urinary bladder", "share", 0.01, 0.5, "1:20", "1 %", MADE),
        row("psma-617", "Remainder", "share", 0.80 * 0.52, 0, "0.65:8;0.35:60", "56 % leave in a day", MADE),
        *(row("psma-617", region, "weight", w, 0, "", "", MADE) for region, w in {
            "Muscle": 1.0, "Fat": 0.35, "Bowel": 3.0, "Heart": 1.8, "Vessels": 1.8, "Spine": 1.5, "Bone": 1.3,
            "Lung_Left": 0.6, "Lung_Right": 0.6, **lesions(15, 25, 25)}.items()),
    ]  # fmt: skip


def main() -> None:
    rows = [
        *fdg(), *phosphonate(), *fluoride(), *psma_11(), *psma_1007(),
        *somatostatin("dotatate-68", 0.0921, 0.0450, 0.282), *somatostatin("dotatoc-68", 0.22, 0.074, 0.24),
        *dmsa(), *mibg(), *psma_617(),
    ]  # fmt: skip
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    certificate = {
        "title": "Where tracers go in the torso of the virtual man, shares of the administered activity without decay",
        "source": "in each row",
        "edition": "1",
        "licence": "published facts, taken with citation",
        "note": "how: read, secondary, derived (computed from what was read), recalled (unverified), made (no measurement).",
    }
    write_table(FOLDER, "tracer_uptake", out.getvalue(), certificate, made_by="make_tracer_uptake.py")


if __name__ == "__main__":
    main()
