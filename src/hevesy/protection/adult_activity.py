"""Activity of FDG for an adult by weight, time per bed and overlap of beds."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hevesy.errors import InputError
from hevesy.tables import DatedRow, dated_rows, in_force
from hevesy.units import MBq, kg, min_

FORMULAS = ("linear", "quadratic")
LARGE_OVERLAP = 0.30
# The guideline advises longer beds rather than more activity for heavier patients.
HEAVY = 90 * kg
NEAR_WEIGHT = 30 * kg, 300 * kg
NEAR_TIME = 0.2 * min_, 30 * min_


@dataclass(frozen=True, slots=True, kw_only=True)
class AdultActivity:
    """What a weight formula gives.

    Attributes
    ----------
    activity : float                    The least that the guideline recommends [Bq].
    formula, overlap : str              "linear" or "quadratic"; which overlap of beds it holds for.
    coefficient : float                 [Bq s / bed], by kg for the linear formula.
    """

    activity: float
    formula: str
    overlap: str
    coefficient: float
    row: DatedRow
    remarks: tuple[str, ...]


def fdg_activity(
    weight: float,
    time_per_bed: float,
    overlap: float,
    *,
    on: date,
    formula: str = "linear",
    own: Path | None = None,
) -> AdultActivity:
    """The least activity of FDG that the guideline recommends for an adult.

        A = c m / t                     linear
        A = c (m / 75 kg)^2 / t         quadratic

    c is 14 MBq min/(bed kg) and 1050 MBq min/bed where beds overlap by at most 30 %, half of each above. Both agree
    at 75 kg. Sensitivity of the scanner is not considered; it allows less.

    Parameters
    ----------
    weight, time_per_bed : float        [kg], [s].
    overlap : float                     Overlap of neighbouring beds, 0 to 0.9 [1].

    References
    ----------
    R. Boellaard et al., Eur J Nucl Med Mol Imaging 2015;42:328-354.
    """
    _plausible("weight", weight / kg, NEAR_WEIGHT[0] / kg, NEAR_WEIGHT[1] / kg, "kg")
    _plausible("time per bed", time_per_bed / min_, NEAR_TIME[0] / min_, NEAR_TIME[1] / min_, "min")
    if not 0 <= overlap <= 0.9:
        raise InputError(f"overlap: got {overlap:g}; 0 to 0.9 is allowed. Write 25 % as 0.25 or as '25 %'.")
    if formula not in FORMULAS:
        raise InputError(f"formula: got {formula!r}; allowed are {', '.join(FORMULAS)}.")
    wanted = "above 30 %" if overlap > LARGE_OVERLAP else "at most 30 %"
    table = dated_rows("hevesy.protection", "adult_formulas", overlay=own, keys=("formula_set", "tracer", "formula", "overlap"))
    row = in_force([r for r in table if r["formula"] == formula and r["overlap"] == wanted], on)[0]
    coefficient = row.number("coefficient_MBq_min_per_bed") * MBq * min_
    scaled = (weight / (row.number("reference_weight_kg") * kg)) ** row.number("power")
    remarks = ["it is the least activity that the guideline recommends; a more sensitive scanner may need less."]
    if weight > HEAVY:
        remarks.append(
            f"above {HEAVY / kg:g} kg the guideline prefers a longer time per bed to more activity; "
            "compare with your national limit."
        )
    return AdultActivity(
        activity=coefficient * scaled / time_per_bed,
        formula=formula,
        overlap=wanted,
        coefficient=coefficient,
        row=row,
        remarks=tuple(remarks),
    )


def _plausible(name: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise InputError(f"{name}: got {value:g} {unit}; {low:g} to {high:g} {unit} is plausible. Check the unit.")
