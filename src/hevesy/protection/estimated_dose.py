"""Effective doses of a record's exposures by published coefficients, each with its set, or the reason why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hevesy.errors import InputError, ScopeError
from hevesy.protection.effective_dose import (
    ct_dose,
    ct_regions,
    effective_dose,
    has_coefficient,
    refuse_therapy,
    sets,
    weights_of,
)
from hevesy.protection.record import Estimate, Exposure, PatientRecord
from hevesy.protection.tracers import tracer
from hevesy.tables import DatedRow

# In this order: the newest publication first, then the older one, then labels. All of ICRP 60 weights, or of none stated.
USUAL_SETS = ("icrp-128", "icrp-106", "label")
WEIGHTS = {"icrp-60": "ICRP 60", "icrp-103": "ICRP 103"}
PHANTOMS = {"head": 16, "body": 32}
# Words of a stated target region, of which all must be among those of one line.
REGIONS = (
    ("head", {"head", "brain", "skull", "cranium"}),
    ("chest", {"chest", "thorax", "lung", "lungs", "heart", "mediastinum"}),
    ("abdomen and pelvis", {"abdomen", "pelvis"}),
    ("trunk", {"trunk", "chest", "thorax", "abdomen", "pelvis"}),
)
# Elements that DICOM names before a compound.
ELEMENTS = {
    "Tc": "technetium",
    "In": "indium",
    "I": "iodine",
    "Ga": "gallium",
    "Lu": "lutetium",
    "F": "fluorine",
    "Tl": "thallium",
}
_IDLE = {"and", "the", "of", "structure", "region", "entire"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How doses are estimated.

    Attributes
    ----------
    sets : tuple of str                 Sets of coefficients; the first that has the tracer is taken. Empty: nothing is estimated.
    ct_region : str                     Region of those CT whose report names none of the coefficients' regions; "" for none.
    on : date                           Day that decides which edition holds: that of the record, not of the exposure, for a
                                        corrected coefficient is better for an old exposure too.
    own : Path or None                  A user's own table of coefficients, laid over ours.
    """

    on: date
    sets: tuple[str, ...] = USUAL_SETS
    ct_region: str = ""
    own: Path | None = None

    def __post_init__(self) -> None:
        if unknown := [name for name in self.sets if name not in sets(self.own)]:
            raise InputError(
                f"set {', '.join(unknown)}: is not known; there are {', '.join(sets(self.own))}. Write some of them, or none."
            )
        if self.ct_region and self.ct_region not in ct_regions():
            raise InputError(
                f"CT region {self.ct_region!r}: is not known; there are {', '.join(ct_regions())}. Write one of them."
            )


def estimated(record: PatientRecord, choice: Choice) -> PatientRecord:
    """The record with an estimate, or the reason why there is none, at each exposure.

        E = A0 (E/A0)(tracer, age),     E = k(region, age) DLP

    Neglected: what the coefficients neglect, size and biokinetics of this patient.
    """
    if not choice.sets:
        return record
    return replace(record, exposures=tuple(_with(each, choice) for each in record.exposures))


def named_tracer(exposure: Exposure) -> str:
    """The tracer that an administration's objects name; "" where it is not one that is known."""
    nuclide = exposure.nuclide
    if not nuclide:
        return ""
    for text in (_compound(exposure.radiopharmaceutical, nuclide), _compound(exposure.label, nuclide)):
        try:
            return tracer(f"{nuclide} {text}").name
        except InputError:
            continue
    return ""


def _compound(text: str, nuclide: str) -> str:
    """A name without its nuclide: "Technetium Tc^99m^ medronate", "Fludeoxyglucose F18", "[18F]FDG" as DICOM and people write it.

    Digits of the compound's own name stay: PSMA-11 is not PSMA-617.
    """
    symbol, _, mass = nuclide.partition("-")
    marked = rf"\[?{mass}{symbol}\]?|\b{symbol}[\s-]?{mass}\b|\b[A-Za-z]*\s?\^{mass}\^?|\^?{mass}\^{symbol}\b"
    plain = re.sub(marked, " ", text)
    element = ELEMENTS.get(symbol, "")
    return re.sub(rf"\b(?:{element}|iodinated|{symbol})\b(?!-)" if element else r"$^", " ", plain, flags=re.IGNORECASE).strip(
        " -"
    )


def _with(exposure: Exposure, choice: Choice) -> Exposure:
    try:
        made = (_administered if exposure.kind == "administration" else _scanned)(exposure, choice)
    except (InputError, ScopeError) as error:
        # What to do is said for another command: the reason alone is kept.
        return replace(exposure, why_no_estimate=str(error).partition(". ")[0].rstrip(".") + ".")
    return replace(exposure, estimate=made)


def _administered(exposure: Exposure, choice: Choice) -> Estimate:
    if exposure.activity is None:
        raise InputError("no activity is stated.")
    if exposure.nuclide:
        refuse_therapy(exposure.nuclide, exposure.activity)
    name = named_tracer(exposure)
    if not name:
        raise InputError(f"{exposure.label}: it is none of the tracers that have coefficients here.")
    if exposure.age_years is None:
        raise InputError("the age at the exposure is not stated.")
    substance = tracer(name)
    chosen = next((s for s in choice.sets if has_coefficient(substance, s, choice.on, choice.own)), None)
    if chosen is None:
        raise InputError(f"{name}: no coefficient in {', '.join(choice.sets)}.")
    # Effective dose is defined for the mean of the sexes (ICRP 103): no sex is given.
    found = effective_dose(substance, exposure.activity, exposure.age_years, on=choice.on, set_name=chosen, own=choice.own)
    return Estimate(
        value=found.value,
        coefficient=found.coefficient,
        set_name=found.set_name,
        weights=WEIGHTS.get(found.weights, "not stated"),
        about=" ".join(word for word in (name, found.condition) if word),
        ages=found.ages,
        rows=found.rows,
        remarks=_remarks(found.rows),
    )


def _scanned(exposure: Exposure, choice: Choice) -> Estimate:
    if exposure.dlp is None or exposure.dlp == 0.0:
        raise InputError("no dose-length product is stated.")
    region = stated_region(exposure.region) or choice.ct_region
    if not region:
        said = f"the region {exposure.region!r} is none that has coefficients" if exposure.region else "no region is stated"
        raise InputError(f"{said}.")
    if exposure.age_years is None:
        raise InputError("the age at the exposure is not stated.")
    if exposure.phantom not in PHANTOMS:
        raise InputError("the phantom of the dose-length product is not stated.")
    weights = weights_of(choice.sets[0], choice.own)
    found = ct_dose(
        exposure.dlp, region, exposure.age_years, on=choice.on, weights=weights, phantom_cm=PHANTOMS[exposure.phantom]
    )
    return Estimate(
        value=found.value,
        coefficient=found.k,
        set_name=found.set_name,
        weights=WEIGHTS.get(found.weights, "not stated"),
        about=f"CT of the {region}, {found.phantom_cm} cm phantom",
        ages=found.ages,
        rows=found.rows,
        remarks=(
            *_remarks(found.rows),
            *([] if stated_region(exposure.region) else [f"the region {region} was stated for the record, not by the report."]),
        ),
    )


def stated_region(text: str) -> str:
    """The region of the coefficients that a stated target region means; "" where it is none of them."""
    words = {w for w in text.casefold().replace(",", " ").replace("/", " ").split() if w not in _IDLE}
    return next((name for name, known in REGIONS if words and words <= known), "")


def _remarks(rows: Sequence[DatedRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["remark"] for row in rows if row["remark"]))
