"""Who is scanned in a trial and what a guideline would give: body, tracer, activity, effective dose."""

import difflib
from dataclasses import dataclass
from typing import Any

from hevesy.app.patient_quantities import day_of, weight_of
from hevesy.app.protect_activity import Asked as AskedActivity
from hevesy.app.protect_activity import protect_activity
from hevesy.app.protect_effective_dose import Asked as AskedDose
from hevesy.app.protect_effective_dose import protect_effective_dose
from hevesy.errors import HevesyError, InputError
from hevesy.imaging.phantoms import BODIES, TRACERS, Body, Tracer, body_named
from hevesy.imaging.trials import patient
from hevesy.protection.activity import ADULT_CARD, DEFAULT_CARD
from hevesy.protection.conceptus import conceptus_dose
from hevesy.protection.effective_dose import DEFAULT_SET
from hevesy.protection.tracers import tracer as protection_tracer
from hevesy.units import MBq, kg, mGy, min_

# A tracer of the virtual patients by its name in the tables of protection.
NAMES = {
    "F-18 FDG": "fdg",
    "F-18 NaF": "fluoride",
    "F-18 PSMA-1007": "psma-1007",
    "Ga-68 PSMA-11": "psma-11",
    "Ga-68 DOTATATE": "dotatate-68",
    "Ga-68 DOTATOC": "dotatoc-68",
    "Tc-99m MDP": "phosphonate",
    "Tc-99m DMSA": "dmsa",
    "I-123 mIBG": "mibg",
    "Lu-177 DOTATATE": "dotatate",
    "Lu-177 PSMA-617": "psma-617",
}
# Common tracers that a torso without them cannot try.
_NO_PLACE = {
    "Tc-99m MIBI": "the heart of the virtual patients has no wall",
    "Tc-99m tetrofosmin": "the heart of the virtual patients has no wall",
    "Tl-201 chloride": "the heart of the virtual patients has no wall",
    "I-123 ioflupane": "the virtual patients have no head",
    "Tc-99m HMPAO": "the virtual patients have no head",
    "Tc-99m ECD": "the virtual patients have no head",
    "Tc-99m MAG3": "its scans follow it over time, which a trial of one image does not",
}
# Sets of effective dose in the order in which they are asked.
SETS = (DEFAULT_SET, "icrp-106", "label", "andersson-2014")
WEEKS = 24.0  # of the pregnant body
# From this weight on a body is taken for an adult where no age is given.
ADULT = 40.0 * kg
ADULT_AGE = "40"
_AGES = {"newborn": "0", "child-1": "1", "child-5": "5", "child-10": "10", "child-15": "15"}
_BY_WEIGHT = ((6.0, "0"), (14.0, "1"), (25.0, "5"), (40.0, "10"))
OVERLAP = "25 %"
_PROCEDURES = {"F-18 FDG": "torso"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """What a published card gives, or why there is nothing.

    Attributes
    ----------
    activity : float or None            [MBq].
    facts : dict                        Card, source, and whether it is verified; ``why`` where there is none.
    """

    activity: float | None
    facts: dict[str, Any]


def substance(text: str) -> tuple[str, Tracer]:
    """The tracer that ``text`` names: its name in the tables, and where it goes in a body."""
    if text.casefold() in TRACERS:
        found = TRACERS[text.casefold()]
        return next(name for name, key in NAMES.items() if key == found.name), found
    try:
        name = protection_tracer(text).name
    except InputError as error:
        near = difflib.get_close_matches(text, [*NAMES, *TRACERS], n=2, cutoff=0.3)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise InputError(f"tracer {text!r}: is not known. {meant}A trial knows {', '.join(NAMES)}.") from error
    if name in _NO_PLACE:
        raise InputError(f"tracer {name}: {_NO_PLACE[name]}. A trial knows {', '.join(NAMES)}.")
    if name not in NAMES:
        raise InputError(
            f"tracer {name}: where it goes in the body is not among the virtual patients. A trial knows {', '.join(NAMES)}; "
            "for an activity by a card use hevesy protect activity."
        )
    return name, TRACERS[NAMES[name]]


def body_of(weight: str, body: str) -> Body:
    """The body by weight or by name; the adult man where neither is given."""
    if weight and body:
        raise InputError(f"--weight {weight} and --body {body}: give one of them.")
    if body:
        return body_named(body)
    return patient(weight_of(weight)) if weight else BODIES["adult-male"]


def age_text(body: Body, age: str) -> str:
    """Age for the dose coefficients: as given, that of a named body, or by weight."""
    if age:
        return age
    if body.name in _AGES:
        return _AGES[body.name]
    if body.mass >= ADULT:
        return ADULT_AGE
    return next(years for most, years in _BY_WEIGHT if body.mass <= most * kg)


def guideline_activity(name: str, body: Body, *, card: str, time: float, overlap: str = OVERLAP, on: str = "") -> Guideline:
    """What ``card`` gives; "" takes the adult formula for FDG in adults and the children's card below 40 kg."""
    adult = body.mass >= ADULT
    chosen = card or (ADULT_CARD if adult and name == "F-18 FDG" else "" if adult else DEFAULT_CARD)
    if not chosen:
        why = f"no published card of the tables gives an activity of {name} for adults; give your own with --activity."
        return Guideline(activity=None, facts={"why": why})
    asked = AskedActivity(tracer=name, weight=f"{body.mass / kg:g} kg", card=chosen, on=on)
    if chosen == ADULT_CARD:
        asked = AskedActivity(
            tracer=name, weight=f"{body.mass / kg:g} kg", card=chosen, on=on, time_per_bed=f"{time / min_:g} min", overlap=overlap
        )
    elif name in _PROCEDURES:
        asked = AskedActivity(tracer=name, weight=asked.weight, card=chosen, on=on, procedure=_PROCEDURES[name])
    try:
        found = protect_activity(asked)
    except HevesyError as error:
        if card:
            raise
        return Guideline(activity=None, facts={"why": str(error)})
    kept = ("card", "source", "edition", "valid_from", "unverified", "row_policy", "remarks")
    facts = {key: found[key] for key in kept}
    if chosen == ADULT_CARD:
        facts["time_per_bed_s"], facts["overlap"] = time, found["overlap"]
    return Guideline(activity=float(found["activity_MBq"]), facts=facts)


def dose_coefficient(name: str, body: Body, age: str, *, on: str = "") -> dict[str, Any]:
    """Effective dose by activity with its source; ``coefficient_mSv_per_MBq`` None where there is none, and ``why``.

    The sets of `SETS` are asked one after the other; the first that has the tracer at that age answers.
    """
    years, why = age_text(body, age), ""
    for chosen in SETS:
        try:
            found = protect_effective_dose(AskedDose(tracer=name, activity="100 MBq", age=years, set_name=chosen, on=on))
        except HevesyError as error:
            why = why or str(error)
            continue
        kept = ("coefficient_mSv_per_MBq", "age_years", "age_taken", "set", "source", "unverified")
        return {key: found[key] for key in kept}
    return {"coefficient_mSv_per_MBq": None, "age_years": float(years) if years.isdigit() else None, "why": why}


def conceptus_coefficient(name: str, body: Body, *, on: str = "") -> dict[str, Any] | None:
    """Absorbed dose of the conceptus by activity in the week of the pregnant body; None for other bodies."""
    if not body.pregnant:
        return None
    try:
        found = conceptus_dose(protection_tracer(name), 100 * MBq, WEEKS, on=day_of(on))[0]
    except HevesyError as error:
        return {"coefficient_mGy_per_MBq": None, "weeks": WEEKS, "why": str(error)}
    return {
        "coefficient_mGy_per_MBq": found.coefficient * MBq / mGy,
        "weeks": WEEKS,
        "stage": found.stage,
        "source": found.row.source,
        "unverified": not found.row.verified,
    }


def unverified(*parts: dict[str, Any]) -> list[str]:
    """Sources that nobody verified."""
    return [str(part["source"]) for part in parts if part.get("unverified")]
