"""The chance of a case with which limits may be exceeded, and what it means for the activity."""

from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field

from hevesy.app.amounts import Amounts
from hevesy.app.quantities import Fraction
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import DECISION, EXCEED, checked_exceed
from hevesy.protocols.prescription import Prescription

LIMIT = "limit of"
UNKNOWN = (
    "the limit is met at the best estimate: nothing that was given says how uncertain it is, and the chance to exceed it is not "
    "known. State uncertainties (±)."
)
WIDE = 0.5  # of a dose with a limit: beyond, the tail of a log-normal is a guess
ROUGH = "the dose to {} is uncertain by {:.0f} %: the chance to exceed its limit is then rough. Measure better before it decides."
IDLE = "exceed has no effect: no limit rules or is compared in this case."


def _checked(exceed: float) -> float:
    try:
        return checked_exceed(exceed)
    except InputError as error:
        raise ValueError(str(error).removesuffix(".")) from error


class RecipeCase(Amounts):
    """What the case of any recipe may hold."""

    exceed: Annotated[Fraction, AfterValidator(_checked)] = Field(
        default=EXCEED, description='Chance with which each limit may be exceeded: "5 %"; "50 %" is the best estimate'
    )


def ruled_by_limit(prescription: Prescription, best: Measured, exceed: float) -> Prescription:
    """The same with the chance that its limit is exceeded and the activity at the best estimate, where a limit rules."""
    if not prescription.rule.startswith(LIMIT):
        return prescription
    activity = prescription.activity
    wide = [(d.region, d.dose.relative) for d in prescription.doses if d.limit is not None and (d.dose.relative or 0.0) > WIDE]
    said = tuple(ROUGH.format(region.lower(), 100 * relative) for region, relative in wide if relative is not None)
    prescription = replace(prescription, remarks=(*said, *prescription.remarks))
    if activity.u is None and activity.why_no_u != DECISION:
        return replace(prescription, best=best, remarks=(UNKNOWN, *prescription.remarks))
    return replace(prescription, best=best, exceed=None if activity.u == 0 else exceed)


def with_idle_remark(prescription: Prescription, case: RecipeCase) -> Prescription:
    """The same; where the case states a chance that nothing uses, a remark says so."""
    used = prescription.exceed is not None or any(dose.limit is not None for dose in prescription.doses)
    if "exceed" not in case.model_fields_set or used:
        return prescription
    return replace(prescription, remarks=(*prescription.remarks, IDLE))
